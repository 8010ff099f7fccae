import type { Memory } from './memory.ts'
import { HOUR_MS, HourTable, type TimeAxis } from './time-axis.ts'

/** Sums of sales are kept in whole mL, so that they are the same in whatever order readings came. */
const UNITS_PER_M3 = 1e6

/** How gas passes a meter, as far as it matters to the gap. */
export const PASSINGS = ['indoor', 'outdoor', 'corrected'] as const

/** What one interval between neighbouring readings is about. */
export interface Passing {
  readonly zone: number
  /** Place in PASSINGS. */
  readonly how: number
  /** Meters read at least every two hours: their hours are measured, those of the others are spread evenly. */
  readonly fast: boolean
  /** How often the register is read, ms. */
  readonly everyMs: number
}

/** Share of an interval by which a scheduled reading may be late before it counts as missing. */
const GRACE = 0.25

/** Whether a scheduled reading is missing in a time without readings, ms. */
export function isMissing(withoutReadingMs: number, everyMs: number): boolean {
  return withoutReadingMs >= everyMs * (1 + GRACE)
}

/** Time up to which a meter would have been read, had its scheduled readings arrived: whole reading intervals, ms. */
export function unreadMs(sinceReadingMs: number, everyMs: number): number {
  return everyMs * Math.max(0, Math.floor(sinceReadingMs / everyMs))
}

/** Meters are missed as a whole after this, ms: those read often report in bundles of two hours. */
export function overdueMs(everyMs: number): number {
  return Math.max(everyMs, 2 * HOUR_MS) * (1 + GRACE)
}

/**
 * Register advances per zone and hour: as billed (at the reading's hour), as passed (spread over the interval), and what was unread
 * at each full hour although a later reading has caught up since.
 */
export class RegisterSales {
  readonly #axis: TimeAxis
  readonly #sales: HourTable
  /** Row: zone · PASSINGS + how. */
  readonly #passed: HourTable
  readonly #fast: HourTable
  readonly #unread: HourTable
  readonly #overdue: HourTable

  constructor(axis: TimeAxis, memory: Memory, zoneIds: readonly string[]) {
    const names = zoneIds.join(' ')
    const zones = zoneIds.length
    this.#axis = axis
    this.#sales = new HourTable(axis, memory, `sales of ${names}`, zones)
    this.#passed = new HourTable(axis, memory, `passed in ${names}`, zones * PASSINGS.length)
    this.#fast = new HourTable(axis, memory, `passed fast in ${names}`, zones)
    this.#unread = new HourTable(axis, memory, `unread in ${names}`, zones)
    this.#overdue = new HourTable(axis, memory, `overdue in ${names}`, zones)
  }

  /**
   * @param from, to Unix ms, the two readings. @param volume m³. @param sign −1 takes an interval back
   * @returns whether it lies in what is kept
   */
  take(passing: Passing, from: number, to: number, volume: number, sign: 1 | -1): boolean {
    // A reading at the full hour ends the hour before it: "last reading up to the end".
    const last = this.#axis.hourOf(to - 1)
    if (!this.#axis.touch(last)) return false
    this.#sales.add(passing.zone, last, sign * Math.round(volume * UNITS_PER_M3))
    this.#spread(passing, from, to, (sign * volume) / (to - from))
    if (isMissing(to - from, passing.everyMs)) this.#catchUp(passing, from, to, volume, sign)
    return true
  }

  /** m³ as billed over hours [from, to). */
  sales(zone: number, from: number, to: number): number {
    return this.#sales.sum(zone, from, to) / UNITS_PER_M3
  }
  /** m³ as registered, passed in one hour. */
  passed(zone: number, how: number, hour: number): number {
    return this.#axis.holds(hour) ? this.#passed.get(zone * PASSINGS.length + how, hour) : 0
  }
  passedAll(zone: number, hour: number): number {
    return PASSINGS.reduce((sum, _, how) => sum + this.passed(zone, how, hour), 0)
  }
  passedFast(zone: number, hour: number): number {
    return this.#axis.holds(hour) ? this.#fast.get(zone, hour) : 0
  }
  /** m³ expected but unread at the begin of an hour, of meters that have been read since. */
  caughtUpUnread(zone: number, hour: number): number {
    return this.#axis.holds(hour) ? this.#unread.get(zone, hour) : 0
  }
  caughtUpOverdue(zone: number, hour: number): number {
    return this.#axis.holds(hour) ? this.#overdue.get(zone, hour) : 0
  }

  #spread({ zone, how, fast }: Passing, from: number, to: number, perMs: number): void {
    const row = zone * PASSINGS.length + how
    const axis = this.#axis
    for (let hour = Math.max(axis.hourOf(from), axis.first); ; hour++) {
      const begin = axis.startOf(hour)
      if (begin >= to) return
      const volume = perMs * (Math.min(to, begin + HOUR_MS) - Math.max(from, begin))
      this.#passed.add(row, hour, volume)
      if (fast) this.#fast.add(zone, hour, volume)
    }
  }

  #catchUp({ zone, everyMs }: Passing, from: number, to: number, volume: number, sign: number): void {
    const axis = this.#axis
    const first = axis.hourOf(from + everyMs)
    for (let hour = Math.max(first, axis.first); axis.startOf(hour) < to; hour++) {
      const since = axis.startOf(hour) - from
      this.#unread.add(zone, hour, (sign * volume * unreadMs(since, everyMs)) / (to - from))
      if (since >= overdueMs(everyMs)) this.#overdue.add(zone, hour, sign)
    }
  }
}
