/** What one group of meters brought of what was due; one value a meter and day. */
export interface ReadingCounts {
  readonly due: number
  /** Came on the day they belong to. */
  readonly inTime: number
  /** Came at all. */
  readonly read: number
  /** Came, and nothing speaks against them. */
  readonly accurate: number
}

/** Shares of 0 … 1; null where nothing was due, or nothing came that could be wrong. */
export interface ReadingRates {
  readonly success: number | null
  readonly completeness: number | null
  readonly accuracy: number | null
}

export function ratesOf({ due, inTime, read, accurate }: ReadingCounts): ReadingRates {
  return { success: share(inTime, due), completeness: share(read, due), accuracy: share(accurate, read) }
}

/** A part of a whole; null when there is no whole. More than the whole cannot be had. */
export const share = (part: number, whole: number): number | null => (whole > 0 ? Math.min(1, part / whole) : null)

/**
 * A rate for a report, per cent with one decimal: as near as that allows, but 100.0 only for all of them and 0.0 only for none.
 * @source the monthly table of the NB-IoT white paper §4.2.1.2 prints 1210 of 1216 as 100 %; it is 99.5
 */
export function printedRate(part: number, whole: number): string {
  const rate = share(part, whole)
  if (rate === null) return '–'
  const rounded = Math.round(rate * 1000) / 10
  if (rounded === 100 && part < whole) return '99.9'
  return rounded === 0 && part > 0 ? '0.1' : rounded.toFixed(1)
}
