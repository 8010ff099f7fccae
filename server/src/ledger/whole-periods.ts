import type { CityCalendar } from '@gastwin/twin'
import type { GapSpan } from './gap-records.ts'

/** Hours after midnight until which meters report of the night: a day is whole when they had their time. */
const NIGHT_MS = 7 * 3_600_000
const MONDAY = 1

export interface WholePeriod {
  readonly every: GapSpan
  /** Unix ms. */
  readonly from: number
  readonly to: number
}

/** End of the last day whose readings had time to come, Unix ms. */
export const lastWholeDay = (calendar: CityCalendar, now: number): number => calendar.dayStart(now - NIGHT_MS)

/** When the day that holds an instant can be stated, Unix ms. */
export const statedFrom = (calendar: CityCalendar, at: number): number => calendar.nextDayStart(at) + NIGHT_MS

/** Readings up to here belong to the night that ends a day, Unix ms. */
export const nightEnd = (midnight: number): number => midnight + NIGHT_MS

/** Days, weeks from Monday and months of the city that lie in [first, end]. */
export function wholePeriods(calendar: CityCalendar, first: number, end: number): WholePeriod[] {
  const found: WholePeriod[] = []
  const begin = calendar.dayStart(first) === first ? first : calendar.nextDayStart(first)
  for (let day = begin; day < end; day = calendar.nextDayStart(day)) {
    const add = (every: GapSpan, to: number) => {
      if (to <= end) found.push({ every, from: day, to })
    }
    add('day', calendar.nextDayStart(day))
    if (calendar.weekday(day) === MONDAY) add('week', afterDays(calendar, day, 7))
    if (calendar.monthStart(day) === day) add('month', calendar.nextMonthStart(day))
  }
  return found
}

function afterDays(calendar: CityCalendar, day: number, days: number): number {
  let at = day
  for (let i = 0; i < days; i++) at = calendar.nextDayStart(at)
  return at
}
