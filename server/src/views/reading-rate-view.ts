import { ratesOf } from '@gastwin/analytics'
import { UsageError } from '@gastwin/twin'
import type { ReadingRate, ReadingRates } from '../contract/index.ts'
import type { CityState } from '../pipeline/city-state.ts'
import type { ReadingGroup } from '../pipeline/reading-groups.ts'

type By = ReadingRates['by']
const USUAL_DAYS = 31
const MOST_DAYS = 62
const DAY_MS = 86_400_000

interface Sum {
  meters: number
  due: number
  inTime: number
  read: number
  wrong: number
}

/**
 * How many of the daily values that were due came, by day or by group of meters.
 * @param from, to Unix ms; widened to whole days. Without them the last 31 days that are over
 * @throws UsageError API_INPUT for a time that ends before it begins, or for more days than are kept
 */
export function readingRates(
  city: CityState,
  by: By,
  from: number | undefined,
  to: number | undefined,
  zone: string | undefined,
  now: number,
): ReadingRates {
  const { calendar, groups, tally } = city
  const last = to === undefined ? calendar.dayNumber(now) : calendar.dayNumber(to - 1) + 1
  const first = from === undefined ? last - USUAL_DAYS : calendar.dayNumber(from)
  if (first >= last) throw new UsageError('API_INPUT', 'to must lie after from')
  if (last - first > MOST_DAYS) throw new UsageError('API_INPUT', `at most ${MOST_DAYS} days are kept`)
  const chosen = (group: ReadingGroup): boolean => zone === undefined || group.zone === zone
  const days = Array.from({ length: last - first }, (_, i) => first + i)
  const sums = new Map<string, Sum>()
  const all = emptySum()
  const sumOf = (name: string): Sum => {
    const known = sums.get(name) ?? emptySum()
    sums.set(name, known)
    return known
  }
  const begins = firstDays(city)
  for (const [word, meters] of groups.sizes()) {
    const group = groups.groupOf(word)
    if (!chosen(group)) continue
    const owed = days.filter((day) => day >= begins(word))
    all.meters += meters
    all.due += meters * owed.length
    for (const name of by === 'day' ? days.map(dayName) : [group[by]]) sumOf(name).meters += meters
    if (by === 'day') for (const day of owed) sumOf(dayName(day)).due += meters
    else sumOf(group[by]).due += meters * owed.length
  }
  for (const { day, group: word, read, inTime, wrong } of tally.between(first, last)) {
    const group = groups.groupOf(word)
    if (!chosen(group)) continue
    for (const sum of [all, sumOf(by === 'day' ? dayName(day) : group[by])]) {
      sum.read += read
      sum.inTime += inTime
      sum.wrong += wrong
    }
  }
  return {
    by,
    from: calendar.dayStartOf(first),
    to: calendar.dayStartOf(last),
    items: [...sums].map(([group, sum]) => rateOf(group, sum)).sort((a, b) => (a.group < b.group ? -1 : 1)),
    all: rateOf('', all),
  }
}

/**
 * From which day on a group owes values: since its oldest known one, or since the platform heard anybody on the day itself. What was
 * before the platform lived was not missed.
 */
function firstDays({ tally }: CityState): (word: string) => number {
  const oldest = new Map<string, number>()
  let began = Number.POSITIVE_INFINITY
  for (const { day, group, inTime } of tally.between(0, Number.POSITIVE_INFINITY)) {
    oldest.set(group, Math.min(day, oldest.get(group) ?? day))
    if (inTime > 0) began = Math.min(began, day)
  }
  return (word) => Math.min(began, oldest.get(word) ?? began)
}

const emptySum = (): Sum => ({ meters: 0, due: 0, inTime: 0, read: 0, wrong: 0 })

/** A day number as a date. */
const dayName = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

function rateOf(group: string, { meters, due, inTime, read, wrong }: Sum): ReadingRate {
  const accurate = read - wrong
  const { success, completeness, accuracy } = ratesOf({ due, inTime, read, accurate })
  return { group, meters, due, in_time: inTime, read, accurate, success, completeness, accuracy }
}
