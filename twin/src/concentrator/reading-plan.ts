import type { CityCalendar } from '../time/city-day.ts'

/** On which days a meter is read. `hour` means every day, at more than one quarter of an hour. */
export const PLAN_PERIODS = ['hour', 'day', 'week', 'month'] as const
export type PlanPeriod = (typeof PLAN_PERIODS)[number]

/** Quarters of an hour of a day. @source wireless concentrated reading scheme, §3.3.5.7 (S1-19) */
export const SLOTS_A_DAY = 96
const SLOT_MS = 900_000

/** When a meter is read: at these quarters of an hour (0 … 95, rising) of every day, of Mondays, or of the first of the month. */
export interface ReadingPlan {
  readonly every: PlanPeriod
  readonly slots: readonly number[]
}

/** Days back for which readings are kept behind a concentrator: 31 daily, 12 monthly values; a week of hourly ones is asked for. */
export const KEPT_DAYS: Readonly<Record<PlanPeriod, number>> = { hour: 7, day: 31, week: 31, month: 366 }
/** What the meter itself keeps, days: daily values of sixty days, months for its life. @source S1-18 */
export const METER_KEEPS_DAYS: Readonly<Record<PlanPeriod, number>> = { hour: 7, day: 60, week: 60, month: 366 }

/** Every n-th slot of a day from midnight on. */
export const fullDay = (step: number): readonly number[] =>
  Array.from({ length: Math.ceil(SLOTS_A_DAY / step) }, (_, i) => i * step)

/** What is wrong with a plan; undefined when nothing is. */
export function planFault({ every, slots }: ReadingPlan): string | undefined {
  if (!PLAN_PERIODS.includes(every)) return 'a plan runs by hour, day, week or month'
  if (slots.length === 0) return 'a plan without a quarter of an hour never reads'
  const rising = slots.every(
    (slot, i) => Number.isInteger(slot) && slot >= 0 && slot < SLOTS_A_DAY && slot > (slots[i - 1] ?? -1),
  )
  return rising ? undefined : `quarters of an hour are rising whole numbers from 0 to ${SLOTS_A_DAY - 1}`
}

/**
 * The instants in (after, until] at which a meter is due, rising, Unix ms. A slot that a change of summer time skips is the instant
 * so long after midnight.
 */
export function dueTimes(plan: ReadingPlan, after: number, until: number, calendar: CityCalendar): number[] {
  const due: number[] = []
  if (until <= after) return due
  for (let day = calendar.dayNumber(after); ; day++) {
    const begin = calendar.dayStartOf(day)
    if (begin > until) return due
    if (!isReadingDay(plan.every, begin, calendar)) continue
    for (const slot of plan.slots) {
      const at = begin + slot * SLOT_MS
      if (at > after && at <= until) due.push(at)
    }
  }
}

function isReadingDay(every: PlanPeriod, begin: number, calendar: CityCalendar): boolean {
  if (every === 'week') return calendar.weekday(begin) === 1
  return every !== 'month' || calendar.monthStart(begin) === begin
}
