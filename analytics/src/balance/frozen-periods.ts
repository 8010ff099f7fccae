import type { ZonePeriod } from './zone-period.ts'

/** A day's or month's balance as it was put on record. Late data reopens it; then it is put on record again, as the next revision. */
export interface FrozenPeriod {
  /** Local date `2026-03-29` or month `2026-03`. */
  readonly name: string
  readonly period: ZonePeriod
  readonly state: 'frozen' | 'reopened'
  /** 1 for the first record. */
  readonly revision: number
  /** Unix ms. */
  readonly frozenAt: number
}

const DAYS_KEPT = 70
const DAY_MS = 86_400_000
/** A reopened day waits so long for more, ms. */
const QUIET_MS = 3_600_000

interface Day extends FrozenPeriod {
  reopenedAt: number
}
interface SavedFrozen {
  readonly days: readonly (readonly [zone: string, days: readonly Day[]])[]
  readonly months: readonly (readonly [zone: string, months: readonly FrozenPeriod[]])[]
}

/** The record of past days and months, per zone. */
export class FrozenPeriods {
  /** By zone and begin of the day. */
  #days = new Map<string, Map<number, Day>>()
  #months = new Map<string, Map<string, FrozenPeriod>>()
  #frozenUntil = 0

  /** End of the newest day on record: nothing after it can reopen one. */
  get frozenUntil(): number {
    return this.#frozenUntil
  }

  day(zone: string, begin: number): FrozenPeriod | undefined {
    return this.#days.get(zone)?.get(begin)
  }
  month(zone: string, name: string): FrozenPeriod | undefined {
    return this.#months.get(zone)?.get(name)
  }

  /** Days on record that ended after an instant, in time order. */
  daysEndedAfter(zone: string, after: number): readonly ZonePeriod[] {
    const days = [...(this.#days.get(zone)?.values() ?? [])].map((day) => day.period)
    return days.filter((period) => period.to > after).sort((a, b) => a.from - b.from)
  }

  /** Whether a day has to be computed: not on record, or reopened and quiet since. */
  isDue(zone: string, begin: number, now: number): boolean {
    const day = this.#days.get(zone)?.get(begin)
    return day === undefined || (day.state === 'reopened' && now - day.reopenedAt >= QUIET_MS)
  }

  /** Puts a day on record; the revision counts only when a number changed. */
  freeze(zone: string, name: string, period: ZonePeriod, now: number): void {
    const days = this.#days.get(zone) ?? new Map<number, Day>()
    this.#days.set(zone, days)
    const before = days.get(period.from)
    const revision = before === undefined ? 1 : before.revision + (isSame(before.period, period) ? 0 : 1)
    days.set(period.from, { name, period, state: 'frozen', revision, frozenAt: now, reopenedAt: 0 })
    this.#frozenUntil = Math.max(this.#frozenUntil, period.to)
    for (const begin of days.keys()) if (begin < now - DAYS_KEPT * DAY_MS) days.delete(begin)
  }

  /** Puts a month on record when all its days are. @param begins of its days */
  freezeMonth(zone: string, name: string, begins: readonly number[], now: number): void {
    const days = begins.map((begin) => this.#days.get(zone)?.get(begin))
    if (days.some((day) => day === undefined || day.state === 'reopened')) return
    const period = sumPeriods(days.flatMap((day) => (day === undefined ? [] : [day.period])))
    if (period === undefined) return
    const months = this.#months.get(zone) ?? new Map<string, FrozenPeriod>()
    this.#months.set(zone, months)
    const before = months.get(name)
    if (before !== undefined && before.state === 'frozen' && isSame(before.period, period)) return
    const revision = (before?.revision ?? 0) + 1
    months.set(name, { name, period, state: 'frozen', revision, frozenAt: now })
  }

  /** Late data touched [from, to): its days, and their months, are open again. @param at Unix ms of the service's clock */
  reopen(zone: string, from: number, to: number, at: number): void {
    const days = this.#days.get(zone)
    if (days === undefined) return
    for (const day of days.values()) {
      if (day.period.to <= from || day.period.from >= to) continue
      // Late data comes in thousands for the same few days.
      if (day.state === 'reopened') {
        day.reopenedAt = at
        continue
      }
      days.set(day.period.from, { ...day, state: 'reopened', reopenedAt: at })
      const month = this.month(zone, day.name.slice(0, 7))
      if (month?.state === 'frozen') this.#months.get(zone)?.set(month.name, { ...month, state: 'reopened' })
    }
  }

  save(): SavedFrozen {
    return {
      days: [...this.#days].map(([zone, days]) => [zone, [...days.values()]]),
      months: [...this.#months].map(([zone, months]) => [zone, [...months.values()]]),
    }
  }
  load(saved: SavedFrozen): void {
    this.#days = new Map(saved.days.map(([zone, days]) => [zone, new Map(days.map((day) => [day.period.from, day]))]))
    this.#months = new Map(saved.months.map(([zone, months]) => [zone, new Map(months.map((m) => [m.name, m]))]))
    this.#frozenUntil = Math.max(0, ...saved.days.flatMap(([, days]) => days.map((day) => day.period.to)))
  }
}

/** Neighbouring periods of one zone as one; undefined of none. */
export function sumPeriods(periods: readonly ZonePeriod[]): ZonePeriod | undefined {
  const [first] = periods
  const last = periods.at(-1)
  if (first === undefined || last === undefined) return undefined
  const sum = (of: (period: ZonePeriod) => number) => periods.reduce((total, period) => total + of(period), 0)
  const supply = sum((p) => p.supply_m3)
  const gap = sum((p) => p.gap_m3)
  return {
    zone: first.zone,
    from: first.from,
    to: last.to,
    supply_m3: supply,
    sales_m3: sum((p) => p.sales_m3),
    linepack_change_m3: sum((p) => p.linepack_change_m3),
    own_use_m3: sum((p) => p.own_use_m3),
    gap_m3: gap,
    gap_rate: supply > 0 ? gap / supply : null,
    temperature_pressure_m3: sum((p) => p.temperature_pressure_m3),
    unread_m3: sum((p) => p.unread_m3),
    unread_meters: last.unread_meters,
    meters: last.meters,
    inlet_coverage: sum((p) => p.inlet_coverage * (p.to - p.from)) / sum((p) => p.to - p.from),
  }
}

function isSame(a: ZonePeriod, b: ZonePeriod): boolean {
  const near = (x: number, y: number) => Math.abs(x - y) <= 1e-6 * Math.max(1, Math.abs(x))
  return (
    near(a.supply_m3, b.supply_m3) &&
    near(a.sales_m3, b.sales_m3) &&
    near(a.linepack_change_m3, b.linepack_change_m3) &&
    near(a.temperature_pressure_m3, b.temperature_pressure_m3) &&
    near(a.unread_m3, b.unread_m3) &&
    a.unread_meters === b.unread_meters &&
    near(a.inlet_coverage, b.inlet_coverage)
  )
}
