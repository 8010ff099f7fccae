const HOURS = 24
/** What a day leaves of the days before. */
const KEEP_PER_QUARTER = 0.9 ** (1 / 4)

/**
 * How much of what the others use a zone uses at an hour of the day. It stands in for a zone that leaks or is silent, so that what the
 * others are compared with does not change its shape.
 */
export class ZoneHabits {
  readonly #own: Float64Array
  readonly #others: Float64Array

  constructor(zones: number) {
    this.#own = new Float64Array(zones * HOURS * 2)
    this.#others = new Float64Array(zones * HOURS * 2)
  }

  /** @param own use of the zone, @param others use of the others, both as shares of the usual */
  learn(zone: number, hourOfDay: number, rest: boolean, own: number, others: number): void {
    const k = this.#place(zone, Math.floor(hourOfDay), rest)
    this.#own[k] = (this.#own[k] as number) * KEEP_PER_QUARTER + own
    this.#others[k] = (this.#others[k] as number) * KEEP_PER_QUARTER + others
  }

  /** Use of the zone as a share of its usual; NaN where this time of the day was not seen. @param hourOfDay 0 … 24 */
  expected(zone: number, hourOfDay: number, rest: boolean, others: number): number {
    const at = (hourOfDay + HOURS - 0.5) % HOURS
    const low = Math.floor(at)
    const weight = at - low
    const ratio = (hour: number): number => {
      const k = this.#place(zone, hour % HOURS, rest)
      return (this.#own[k] as number) / (this.#others[k] as number)
    }
    const between = (1 - weight) * ratio(low) + weight * ratio(low + 1)
    return Number.isFinite(between) ? between * others : Number.NaN
  }

  #place(zone: number, hour: number, rest: boolean): number {
    return (zone * 2 + (rest ? 1 : 0)) * HOURS + hour
  }
}
