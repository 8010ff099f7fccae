/**
 * Longest stretch that ends at the last reading and in which the register is what one constant flow would make of it: all its
 * readings lie within a step of a straight line. Kept as the narrowing interval of slopes that still fit.
 */
export class SteadyRun {
  readonly #stepM3: number
  #begin = Number.NaN
  #advance = 0
  #low = 0
  #high = Number.POSITIVE_INFINITY

  constructor(stepM3: number) {
    this.#stepM3 = stepM3
  }

  /** @param tolerance share by which a flame's flow may vary */
  take(from: number, to: number, advanceM3: number, tolerance: number): void {
    if (Number.isNaN(advanceM3) || to - from > 14_400_000) {
      this.#begin = Number.NaN
      return
    }
    if (!Number.isNaN(this.#begin)) {
      const hours = (to - this.#begin) / 3_600_000
      const advance = this.#advance + advanceM3
      const low = Math.max(this.#low, ((advance - this.#stepM3) / hours) * (1 - tolerance))
      const high = Math.min(this.#high, ((advance + this.#stepM3) / hours) * (1 + tolerance))
      if (low <= high) {
        this.#advance = advance
        this.#low = low
        this.#high = high
        return
      }
    }
    this.#begin = from
    this.#advance = advanceM3
    const hours = (to - from) / 3_600_000
    this.#low = Math.max(0, ((advanceM3 - this.#stepM3) / hours) * (1 - tolerance))
    this.#high = ((advanceM3 + this.#stepM3) / hours) * (1 + tolerance)
  }

  /** The run at an instant; undefined when its flow may be nothing. Flows m³/h. */
  at(
    now: number,
  ): { readonly since: number; readonly hours: number; readonly low: number; readonly high: number } | undefined {
    if (Number.isNaN(this.#begin) || this.#advance < 2 * this.#stepM3) return undefined
    return { since: this.#begin, hours: (now - this.#begin) / 3_600_000, low: this.#low, high: this.#high }
  }
}

/**
 * Hours for which a constant flow is left alone: the smaller, the longer.
 * @param flowM3H m³/h
 * @source our defaults, after the practice of Japanese microcomputer meters: the allowed time shrinks as the flow grows
 */
export function allowedHours(flowM3H: number): number {
  if (flowM3H < 0.03) return 12
  if (flowM3H < 0.1) return 6
  return flowM3H < 0.4 ? 4 : 2
}
