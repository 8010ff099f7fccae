/** Hours and days on which everything is laid out. Day d is hours [24 d, 24 d + 24); boundary b is the begin of day b. */
export interface PeriodGrid {
  /** Unix ms of hour 0. */
  readonly begin: number
  readonly days: number
  readonly hours: number
}

export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/**
 * The whole days inside [first, last].
 * @param phase ms after midnight UTC at which days begin
 */
export function dayGrid(first: number, last: number, phase: number): PeriodGrid {
  const begin = Math.ceil((first - phase) / DAY_MS) * DAY_MS + phase
  const days = Math.max(0, Math.floor((last - begin) / DAY_MS))
  return { begin, days, hours: days * 24 }
}
