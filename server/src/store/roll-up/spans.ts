/** Periods of the city's civil time for which roll-ups are kept. */
export const SPANS = ['hour', 'day', 'month'] as const
export type Span = (typeof SPANS)[number]

/** Longest length of a period, ms: a day with a clock change, a month of 31 days. */
export const LONGEST_MS: Readonly<Record<Span, number>> = {
  hour: 3_600_000,
  day: 25 * 3_600_000,
  month: 31 * 24 * 3_600_000 + 3_600_000,
}

/**
 * SQL for the instant at which the period of `instant` began, as DateTime; the time zone is the query parameter `tz`.
 * @param instant name of a column of type DateTime or DateTime64
 */
export function startOf(span: Span, instant: string): string {
  switch (span) {
    case 'hour':
      return `toDateTime(toStartOfHour(${instant}, {tz:String}), 'UTC')`
    case 'day':
      return `toDateTime(toStartOfDay(${instant}, {tz:String}), 'UTC')`
    case 'month':
      // toStartOfMonth gives a date without a zone.
      return `toTimeZone(toDateTime(toStartOfMonth(${instant}, {tz:String}), {tz:String}), 'UTC')`
  }
}
