const PER_DAY = 96
/** A use of this many times the most, or the least, that an hour of the day has seen is like no day before. */
const UNLIKE = 1.4
/** Share of the usual use below which differences are none. */
const SLIGHT = 0.03

/** What homes together have used at each hour of the day: a day like no day before cannot be told from what it should be. */
export class DaysSeen {
  readonly #low = new Float64Array(24).fill(Number.POSITIVE_INFINITY)
  readonly #high = new Float64Array(24)
  readonly #strange = new Set<number>()

  /** @param use as a share of the usual. @param certain whether it will be the past that later days are compared with */
  take(quarter: number, hour: number, use: number, certain: boolean): void {
    const low = this.#low[hour] as number
    const high = this.#high[hour] as number
    if (use > UNLIKE * high + SLIGHT || use < low / UNLIKE - SLIGHT) this.#strange.add(quarter)
    for (const old of this.#strange) if (old <= quarter - PER_DAY) this.#strange.delete(old)
    if (!certain) return
    this.#low[hour] = Math.min(low, use)
    this.#high[hour] = Math.max(high, use)
  }

  /** Quarters of the last day that were like none before: heating began, or ended. */
  strangeUntil(newest: number): number {
    let count = 0
    for (const quarter of this.#strange) if (quarter > newest - PER_DAY && quarter <= newest) count += 1
    return count
  }
}
