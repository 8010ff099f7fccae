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
const share = (part: number, whole: number): number | null => (whole > 0 ? Math.min(1, part / whole) : null)
