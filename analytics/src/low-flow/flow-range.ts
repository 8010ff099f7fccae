import type { MeterSize } from '../detectors/meter-size.table.ts'

const LEAST_DAYS = 30
const LEAST_HOURS = 50
/** A meter whose largest hour in a month or more is below this share of its largest flow is too large. */
const SMALL_PEAK = 0.1

/** Where in its range a meter works, from hours of flow; for customers with processes, not for homes, whose hours mix flow and rest. */
export class FlowRange {
  readonly #size: MeterSize
  #begin = Number.NaN
  #last = Number.NaN
  #hours = 0
  #lowHours = 0
  #lowM3 = 0
  #m3 = 0
  #peak = 0
  #flowing = 0

  constructor(size: MeterSize) {
    this.#size = size
  }

  take(from: number, to: number, advanceM3: number, stepM3: number): void {
    if (Number.isNaN(advanceM3) || to - from > 4 * 3_600_000) return
    if (Number.isNaN(this.#begin)) this.#begin = from
    this.#last = to
    const hours = (to - from) / 3_600_000
    const flow = advanceM3 / hours
    this.#m3 += advanceM3
    this.#peak = Math.max(this.#peak, (advanceM3 + stepM3) / hours)
    this.#flowing = advanceM3 > 0 ? this.#flowing + 1 : 0
    if (advanceM3 <= 0) return
    this.#hours += 1
    // Only in a run of hours with flow is the mean of an hour a flow and not a short use.
    if (this.#flowing >= 3 && flow < this.#size.minimumM3H) {
      this.#lowHours += 1
      this.#lowM3 += advanceM3
    }
  }

  /** @returns undefined when too little is known or the size fits */
  verdict():
    | {
        readonly since: number
        readonly chance: number
        readonly peak: number
        readonly lowShare: number
        readonly lowM3: number
      }
    | undefined {
    if ((this.#last - this.#begin) / 86_400_000 < LEAST_DAYS || this.#hours < LEAST_HOURS) return undefined
    const share = this.#peak / this.#size.maxM3H
    const lowShare = this.#lowHours / this.#hours
    if (share >= SMALL_PEAK && lowShare < 0.3) return undefined
    // Largest of n hours: the next larger one lies above it by a factor that n makes unlikely.
    const chance =
      share < SMALL_PEAK
        ? 1 - (share / SMALL_PEAK) ** Math.max(1, Math.log(this.#hours))
        : 1 - 0.5 ** (this.#lowHours / 10)
    return { since: this.#begin, chance, peak: this.#peak, lowShare, lowM3: this.#lowM3 }
  }
}
