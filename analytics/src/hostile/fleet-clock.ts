import type { AppliedReport } from '@gastwin/twin'

/** Devices whose last word counts, and after how many of them the middle is looked for again. */
const VOTES = 64
const AGAIN = 16
/** Who is further off has lost its clock, and says nothing of the way. */
const MOST_LATE_MS = 3 * 86_400_000

export interface SavedFleetClock {
  readonly lates: readonly number[]
  readonly offs: readonly number[]
  readonly delayMs: number
  readonly spreadMs: number
}

/**
 * The time that terminals in general live in, as the platform hears it. When the carrier, the platform or a demo's fleet is behind,
 * everybody is late by the same, and catches up in a hurry: then nobody's lateness or pace is a sign of his own. The delay is the
 * middle of the last reports that came from where their devices are known to speak from; one device cannot move it.
 */
export class FleetClock {
  readonly #lates: number[] = []
  /** By how much each was off the delay as it was then known. */
  readonly #offs: number[] = []
  #next = 0
  #delayMs = 0
  #spreadMs = 0

  /** How late terminals in general are heard, ms, 0 … three days. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** By how much terminals in general are off that delay, ms: the middle of it. Large while a delay grows or falls. */
  get spreadMs(): number {
    return this.#spreadMs
  }

  /** A report that moved its device's state forward, from where the device is known to speak from. */
  hear({ report, receivedAt }: AppliedReport): void {
    const late = receivedAt - report.deviceTime
    if (!(Math.abs(late) <= MOST_LATE_MS)) return
    this.#lates[this.#next % VOTES] = late
    this.#offs[this.#next % VOTES] = Math.abs(late - this.#delayMs)
    this.#next += 1
    if (this.#next % AGAIN !== 0) return
    this.#delayMs = Math.max(0, middleOf(this.#lates))
    this.#spreadMs = middleOf(this.#offs)
  }

  /** The terminals' instant at an instant of the platform, Unix ms. Goes back when after a silence all turn out to be late. */
  instant(at: number): number {
    return at - this.#delayMs
  }

  save(): SavedFleetClock {
    return { lates: [...this.#lates], offs: [...this.#offs], delayMs: this.#delayMs, spreadMs: this.#spreadMs }
  }

  load({ lates, offs, delayMs, spreadMs }: SavedFleetClock): void {
    this.#lates.splice(0, this.#lates.length, ...lates.slice(0, VOTES))
    this.#offs.splice(0, this.#offs.length, ...offs.slice(0, VOTES))
    this.#next = this.#lates.length
    this.#delayMs = delayMs
    this.#spreadMs = spreadMs
  }
}

function middleOf(values: readonly number[]): number {
  const ascending = Float64Array.from(values).sort()
  return ascending[ascending.length >> 1] ?? 0
}
