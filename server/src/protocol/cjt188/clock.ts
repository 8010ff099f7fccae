import { readBcd, writeBcd } from '../bytes/bcd.ts'

/** CJ/T 188 devices keep China Standard Time, UTC+8 without summer time. */
const ZONE_MS = 8 * 3_600_000

/**
 * Seven BCD bytes ss mm hh DD MM YY CC.
 * @returns Unix ms, or NaN when a nibble is no digit or the date does not exist
 */
export function readClock(bytes: Uint8Array, at: number): number {
  const second = readBcd(bytes, at, 1)
  const minute = readBcd(bytes, at + 1, 1)
  const hour = readBcd(bytes, at + 2, 1)
  const day = readBcd(bytes, at + 3, 1)
  const month = readBcd(bytes, at + 4, 1)
  const year = readBcd(bytes, at + 5, 2)
  if (second < 0 || minute < 0 || hour < 0 || year < 1970) return Number.NaN
  if (second > 59 || minute > 59 || hour > 23 || month < 1 || month > 12) return Number.NaN
  if (day < 1 || day > daysIn(year, month)) return Number.NaN
  return Date.UTC(year, month - 1, day, hour, minute, second) - ZONE_MS
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** Mirror of `readClock`, whole seconds; a time that is no number becomes `FF` seven times, which reads as NaN. */
export function writeClock(bytes: Uint8Array, at: number, time: number): void {
  if (Number.isNaN(time)) {
    bytes.fill(0xff, at, at + 7)
    return
  }
  const local = new Date(time + ZONE_MS)
  writeBcd(bytes, at, 1, local.getUTCSeconds())
  writeBcd(bytes, at + 1, 1, local.getUTCMinutes())
  writeBcd(bytes, at + 2, 1, local.getUTCHours())
  writeBcd(bytes, at + 3, 1, local.getUTCDate())
  writeBcd(bytes, at + 4, 1, local.getUTCMonth() + 1)
  writeBcd(bytes, at + 5, 2, local.getUTCFullYear())
}
