import { printInstant } from '../format/time.ts'

/** `2026-11-20`, the city's day. */
export const printDate = (at: number, zone: string): string => printInstant(at, zone).slice(0, 10)

/** `2026-11-09 – 2026-11-15`: first and last day, both included; clock times where a period does not end at midnight. */
export function printSpan(from: number, to: number, zone: string): string {
  const [begin, end] = [printInstant(from, zone), printInstant(to, zone)]
  if (begin.slice(11, 19) !== '00:00:00' || end.slice(11, 19) !== '00:00:00')
    return `${begin.slice(0, 16)} – ${end.slice(0, 16)}`
  const last = printDate(to - 1, zone)
  return last === begin.slice(0, 10) ? last : `${begin.slice(0, 10)} – ${last}`
}
