const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

interface Hour {
  readonly sum: Float64Array
  readonly count: Uint8Array
  /** One bit per minute: a sample that comes twice counts once. */
  readonly early: Int32Array
  readonly late: Int32Array
}

/** Means by the hour of samples that stand for the minute that ends with them; an hour ends at its full hour. */
export class HourlyMeans {
  readonly #rows: number
  readonly #hours: number
  readonly #kept = new Map<number, Hour>()
  #newest = Number.NEGATIVE_INFINITY
  #count = 0

  constructor(rows: number, hours: number) {
    this.#rows = rows
    this.#hours = hours
  }

  /** Hours with at least one sample, over all rows. */
  get count(): number {
    return this.#count
  }

  /** @param at Unix ms @returns whether the sample was new */
  take(row: number, at: number, value: number): boolean {
    const hour = Math.ceil(at / HOUR_MS) - 1
    if (hour <= this.#newest - this.#hours || !Number.isFinite(value)) return false
    if (hour > this.#newest) this.#grow(hour)
    const kept = this.#kept.get(hour) ?? this.#open(hour)
    const minute = Math.min(59, Math.floor((at - 1 - hour * HOUR_MS) / MINUTE_MS))
    const bits = minute < 30 ? kept.early : kept.late
    const bit = 1 << (minute % 30)
    if (((bits[row] ?? 0) & bit) !== 0) return false
    bits[row] = (bits[row] ?? 0) | bit
    if (kept.count[row] === 0) this.#count += 1
    kept.count[row] = (kept.count[row] ?? 0) + 1
    kept.sum[row] = (kept.sum[row] ?? 0) + value
    return true
  }

  /** Means of a row; the time of each is the end of its hour, Unix ms. */
  series(row: number): { readonly time: Float64Array; readonly value: Float64Array } {
    const hours = [...this.#kept.keys()].filter((hour) => (this.#kept.get(hour)?.count[row] ?? 0) > 0)
    hours.sort((a, b) => a - b)
    return {
      time: Float64Array.from(hours, (hour) => (hour + 1) * HOUR_MS),
      value: Float64Array.from(hours, (hour) => {
        const kept = this.#kept.get(hour)
        return (kept?.sum[row] ?? 0) / Math.max(1, kept?.count[row] ?? 0)
      }),
    }
  }

  #open(hour: number): Hour {
    const kept = {
      sum: new Float64Array(this.#rows),
      count: new Uint8Array(this.#rows),
      early: new Int32Array(this.#rows),
      late: new Int32Array(this.#rows),
    }
    this.#kept.set(hour, kept)
    return kept
  }

  #grow(hour: number): void {
    this.#newest = hour
    for (const [old, { count }] of this.#kept) {
      if (old > hour - this.#hours) continue
      this.#kept.delete(old)
      for (const samples of count) if (samples > 0) this.#count -= 1
    }
  }
}
