/** Gas of one draw of a home, m³: use comes in grains of it. */
const GRAIN_M3 = 0.15
const QUARTER_S = 900
const FIRST_LOOKS = 8
const MOST_LOOKS = 400
const MOST_SQUARES = 9

/** How grainy homes' use is at an hour of the day: at night boilers burn evenly, in the evening everybody showers. */
export class DrawNoise {
  readonly #kappa = new Float64Array(24).fill(1)
  readonly #looks = new Float64Array(24).fill(FIRST_LOOKS)

  /** Variance of a use of one usual unit, for a zone of so many m³/s. */
  perUse(hour: number): number {
    return (this.#kappa[hour] as number) * (GRAIN_M3 / QUARTER_S)
  }

  /** @param z normalised innovation. @param own share of its variance that belongs to the quarter alone */
  learn(hour: number, z: number, own: number): void {
    const looks = Math.min(MOST_LOOKS, (this.#looks[hour] as number) + own)
    this.#looks[hour] = looks
    const kappa = this.#kappa[hour] as number
    this.#kappa[hour] = Math.min(8, Math.max(0.02, kappa * (1 + ((Math.min(MOST_SQUARES, z * z) - 1) * own) / looks)))
  }
}
