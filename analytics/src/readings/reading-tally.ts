import type { CityCalendar, FleetState, StateAnomaly } from '@gastwin/twin'

/** Days kept: two of the longest months. */
const KEPT_DAYS = 62
/** The fleet remembers which of so many days a meter was read. */
const DAYS_OF_A_ROW = 32

/** Values of one group on one day. */
export interface TalliedDay {
  readonly day: number
  readonly group: string
  readonly read: number
  readonly inTime: number
  readonly wrong: number
}

type Cell = { read: number; inTime: number; wrong: number }

/** What a row said before a report was applied. */
export interface HeardBefore {
  readonly day: number
  readonly days: number
}

/**
 * Counts, by day and group of meters, whose daily value came, whether on its own day, and against whose something speaks (a register
 * that ran backwards, a clock that cannot be). A meter counts once a day, however often it reports.
 */
export class ReadingTally {
  readonly #fleet: FleetState
  readonly #calendar: CityCalendar
  readonly #groupOf: (slot: number) => string
  readonly #days = new Map<number, Map<string, Cell>>()
  #newest = 0
  #wrong = false

  /** @param groupOf everything that rates are asked by, as one word a meter */
  constructor(fleet: FleetState, calendar: CityCalendar, groupOf: (slot: number) => string) {
    this.#fleet = fleet
    this.#calendar = calendar
    this.#groupOf = groupOf
  }

  /** Before a report is applied. */
  before(slot: number): HeardBefore {
    const { heardDay, heardDays } = this.#fleet.columns
    this.#wrong = false
    return { day: heardDay[slot] ?? 0, days: heardDays[slot] ?? 0 }
  }

  /** Something about the report that is being applied is wrong. */
  doubt(_kind: StateAnomaly): void {
    this.#wrong = true
  }

  /** After it was applied. @param receivedAt Unix ms @param badClock its times are not its own */
  after(slot: number, before: HeardBefore, receivedAt: number, badClock: boolean): void {
    const { heardDay, heardDays } = this.#fleet.columns
    const day = heardDay[slot] ?? 0
    const days = heardDays[slot] ?? 0
    if (day === before.day && days === before.days) return
    const moved = day - before.day
    const known = before.day === 0 || moved >= DAYS_OF_A_ROW ? 0 : (before.days << moved) >>> 0
    const today = this.#calendar.dayNumber(receivedAt)
    const wrong = this.#wrong || badClock
    for (let i = 0; i < DAYS_OF_A_ROW; i++) {
      const bit = (1 << i) >>> 0
      if ((days & bit) === 0 || (known & bit) !== 0) continue
      this.#count(day - i, slot, day - i >= today, wrong)
    }
  }

  /** Every group's days of [from, to), by day number. */
  *between(from: number, to: number): Generator<TalliedDay> {
    for (const [day, groups] of this.#days)
      if (day >= from && day < to) for (const [group, cell] of groups) yield { day, group, ...cell }
  }

  save(): readonly TalliedDay[] {
    return [...this.between(0, Number.POSITIVE_INFINITY)]
  }

  load(saved: readonly TalliedDay[]): void {
    for (const { day, group, read, inTime, wrong } of saved) {
      this.#of(day).set(group, { read, inTime, wrong })
      this.#newest = Math.max(this.#newest, day)
    }
  }

  #count(day: number, slot: number, inTime: boolean, wrong: boolean): void {
    if (day > this.#newest) {
      this.#newest = day
      for (const old of this.#days.keys()) if (old <= day - KEPT_DAYS) this.#days.delete(old)
    }
    if (day <= this.#newest - KEPT_DAYS) return
    const groups = this.#of(day)
    const group = this.#groupOf(slot)
    const cell = groups.get(group) ?? { read: 0, inTime: 0, wrong: 0 }
    groups.set(group, cell)
    cell.read += 1
    if (inTime) cell.inTime += 1
    if (wrong) cell.wrong += 1
  }

  #of(day: number): Map<string, Cell> {
    const groups = this.#days.get(day) ?? new Map<string, Cell>()
    this.#days.set(day, groups)
    return groups
  }
}
