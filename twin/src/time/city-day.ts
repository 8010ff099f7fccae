const MINUTE = 60_000
const QUARTER = 15 * MINUTE
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const CACHED = 4096

/**
 * Days, months and hours as the city's people live them. A day begins at local midnight, or where summer time skips midnight, at
 * the first instant of that date; it lasts 23, 24 or 25 hours. Instants are Unix ms; answers are cached.
 */
export class CityCalendar {
  readonly timeZone: string
  readonly #format: Intl.DateTimeFormat
  /** Offset from UTC by quarter hour: zones change only on such borders. */
  readonly #offsets = new Map<number, number>()
  readonly #starts = new Map<number, number>()
  /** The day asked for last, [begin, end). */
  #day = { number: 0, begin: 1, end: 0 }

  /** @throws RangeError when the zone is no IANA time zone */
  constructor(timeZone: string) {
    this.timeZone = timeZone
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  }

  /** Local clock minus UTC, ms. */
  offset(at: number): number {
    const quarter = Math.floor(at / QUARTER)
    const known = this.#offsets.get(quarter)
    if (known !== undefined) return known
    const instant = quarter * QUARTER
    const part: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(instant)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part
    const offset = Date.UTC(year, month - 1, day, hour, minute) - instant
    if (this.#offsets.size >= CACHED) this.#offsets.clear()
    this.#offsets.set(quarter, offset)
    return offset
  }

  /** Days since 1970-01-01 on the local calendar. */
  dayNumber(at: number): number {
    return this.#find(at).number
  }

  /** Begin of the day that holds the instant. */
  dayStart(at: number): number {
    return this.#find(at).begin
  }

  /** Begin of the day after. */
  nextDayStart(at: number): number {
    return this.#find(at).end
  }

  /** Begin of a day by its number. */
  dayStartOf(dayNumber: number): number {
    const known = this.#starts.get(dayNumber)
    if (known !== undefined) return known
    let before = dayNumber * DAY - 16 * HOUR
    let after = dayNumber * DAY + 16 * HOUR
    while (after - before > MINUTE) {
      const middle = before + Math.floor((after - before) / (2 * MINUTE)) * MINUTE
      if (Math.floor((middle + this.offset(middle)) / DAY) >= dayNumber) after = middle
      else before = middle
    }
    if (this.#starts.size >= CACHED) this.#starts.clear()
    this.#starts.set(dayNumber, after)
    return after
  }

  /** Begin of the month that holds the instant, and of the one after. */
  monthStart(at: number): number {
    return this.#monthStart(at, 0)
  }
  nextMonthStart(at: number): number {
    return this.#monthStart(at, 1)
  }

  /** Local date, `2026-03-29`, and month, `2026-03`. */
  dayName(at: number): string {
    return new Date(this.dayNumber(at) * DAY).toISOString().slice(0, 10)
  }
  monthName(at: number): string {
    return this.dayName(at).slice(0, 7)
  }

  /** Hour on the local clock, 0…23. */
  hourOfDay(at: number): number {
    const local = at + this.offset(at)
    return Math.floor((local - Math.floor(local / DAY) * DAY) / HOUR)
  }

  /** Day of the week, 0 Sunday … 6 Saturday. */
  weekday(at: number): number {
    return (((this.dayNumber(at) + 4) % 7) + 7) % 7
  }

  #monthStart(at: number, ahead: number): number {
    const date = new Date(this.dayNumber(at) * DAY)
    return this.dayStartOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1) / DAY)
  }

  #find(at: number): { readonly number: number; readonly begin: number; readonly end: number } {
    if (at >= this.#day.begin && at < this.#day.end) return this.#day
    let number = Math.floor((at + this.offset(at)) / DAY)
    // Where clocks fall back across midnight, a date may return for an hour: days are still one after the other.
    while (this.dayStartOf(number) > at) number -= 1
    while (this.dayStartOf(number + 1) <= at) number += 1
    this.#day = { number, begin: this.dayStartOf(number), end: this.dayStartOf(number + 1) }
    return this.#day
  }
}
