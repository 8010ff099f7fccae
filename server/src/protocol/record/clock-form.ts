import { readBcd, writeBcd } from '../bytes/bcd.ts'

/**
 * Order of the BCD bytes of a time: s second, m minute, h hour, D day, M month, Y year of the century, C century, W weekday.
 * Without C the century is 20; without D the value is a time of day.
 */
export const CLOCK_FORMS = [
  'ssmmhhDDMMYYCC',
  'ssmmhhDDMMYY',
  'mmhhDDMMYY',
  'mmhhDDMM',
  'WWDDMMYY',
  'ssmmhh',
  'YYMMDDhhmmss',
] as const
export type ClockForm = (typeof CLOCK_FORMS)[number]

/** Meters in China keep China Standard Time, UTC+8 without summer time. */
const ZONE_MS = 8 * 3_600_000

/** @returns Unix ms; ms after midnight for a form without date; NaN when it is no time, or has a day but no year */
export function readClockForm(bytes: Uint8Array, at: number, form: ClockForm): number {
  const part = (letters: string, missing: number): number => {
    const place = form.indexOf(letters)
    return place < 0 ? missing : readBcd(bytes, at + place / 2, 1)
  }
  const second = part('ss', 0)
  const minute = part('mm', 0)
  const hour = part('hh', 0)
  if (second < 0 || minute < 0 || hour < 0 || second > 59 || minute > 59 || hour > 23) return Number.NaN
  const ofDay = ((hour * 60 + minute) * 60 + second) * 1000
  if (!form.includes('DD')) return ofDay
  const day = part('DD', 0)
  const month = part('MM', 0)
  const ofCentury = part('YY', -1)
  const century = part('CC', 20)
  if (day < 1 || month < 1 || month > 12 || ofCentury < 0 || century < 0 || part('WW', 0) < 0) return Number.NaN
  const midnight = Date.UTC(100 * century + ofCentury, month - 1, day)
  return new Date(midnight).getUTCDate() === day ? midnight + ofDay - ZONE_MS : Number.NaN
}

/** Mirror of `readClockForm`; NaN becomes `FF` in every byte. The weekday of a date is 0 on Sunday. */
export function writeClockForm(bytes: Uint8Array, at: number, form: ClockForm, time: number): void {
  if (Number.isNaN(time)) {
    bytes.fill(0xff, at, at + form.length / 2)
    return
  }
  const local = new Date(form.includes('DD') ? time + ZONE_MS : time)
  const parts: Readonly<Record<string, number>> = {
    ss: local.getUTCSeconds(),
    mm: local.getUTCMinutes(),
    hh: local.getUTCHours(),
    DD: local.getUTCDate(),
    MM: local.getUTCMonth() + 1,
    YY: local.getUTCFullYear() % 100,
    CC: Math.floor(local.getUTCFullYear() / 100),
    WW: local.getUTCDay(),
  }
  for (let i = 0; i < form.length; i += 2) writeBcd(bytes, at + i / 2, 1, parts[form.slice(i, i + 2)] ?? 0)
}
