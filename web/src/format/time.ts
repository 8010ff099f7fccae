import { NONE } from './numbers.ts'

interface Parts {
  readonly date: string
  readonly clock: string
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function partsOf(at: number, zone: string): Parts {
  let format = formatters.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formatters.set(zone, format)
  }
  const part: Record<string, string> = {}
  for (const { type, value } of format.formatToParts(at)) part[type] = value
  return {
    date: `${part['year']}-${part['month']}-${part['day']}`,
    clock: `${part['hour']}:${part['minute']}:${part['second']}`,
  }
}

/** How far the city's wall clocks are ahead of UTC at that instant, ms. */
export function zoneOffsetMs(at: number, zone: string): number {
  const { date, clock } = partsOf(at, zone)
  return Date.parse(`${date}T${clock}Z`) - Math.floor(at / 1000) * 1000
}

/** `+08:00`: how far the city's wall clocks are from UTC at that instant. */
export function printOffset(at: number, zone: string): string {
  const minutes = Math.round(zoneOffsetMs(at, zone) / 60_000)
  const size = Math.abs(minutes)
  const pad = (n: number) => String(n).padStart(2, '0')
  return `${minutes < 0 ? '\u2212' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

/** `2026-11-20 14:53:04 +08:00` in the city's zone. */
export function printInstant(at: number | null | undefined, zone: string): string {
  if (at === null || at === undefined || !Number.isFinite(at)) return NONE
  const { date, clock } = partsOf(at, zone)
  return `${date} ${clock} ${printOffset(at, zone)}`
}

/** `14:53:04`; with the date in front when it is another day than `now`. */
export function printTime(at: number | null | undefined, zone: string, now?: number): string {
  if (at === null || at === undefined || !Number.isFinite(at)) return NONE
  const { date, clock } = partsOf(at, zone)
  return now === undefined || partsOf(now, zone).date === date ? clock : `${date.slice(5)} ${clock.slice(0, 5)}`
}

/** `14:53` for the axis of a chart; `11-20` at midnight, so that a day's beginning shows. */
export function printTick(at: number, zone: string, stepMs: number): string {
  const { date, clock } = partsOf(at, zone)
  if (stepMs >= 86_400_000 || clock.startsWith('00:00')) return date.slice(5)
  return clock.slice(0, 5)
}

export interface DurationWords {
  readonly s: string
  readonly min: string
  readonly h: string
  readonly d: string
}

/** Two units at most: `4 s`, `22 min`, `1 h 12 min`, `3 d 4 h`. */
export function printDuration(ms: number | null | undefined, words: DurationWords): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE
  const s = Math.max(0, Math.round(ms / 1000))
  const pair = (big: number, bigWord: string, small: number, smallWord: string) =>
    small === 0 ? `${big}\u00a0${bigWord}` : `${big}\u00a0${bigWord} ${small}\u00a0${smallWord}`
  if (s < 120) return `${s}\u00a0${words.s}`
  const min = Math.floor(s / 60)
  if (min < 60) return `${min}\u00a0${words.min}`
  const h = Math.floor(min / 60)
  if (h < 48) return pair(h, words.h, min % 60, words.min)
  return pair(Math.floor(h / 24), words.d, h % 24, words.h)
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = [
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
]

/** Round wall-clock instants of the city between two, at most `most` of them, and the step between, ms. */
export function ticksBetween(
  from: number,
  to: number,
  zone: string,
  most: number,
): { readonly ticks: readonly number[]; readonly stepMs: number } {
  const stepMs = STEPS.find((step) => (to - from) / step <= most) ?? 365 * DAY
  const offset = zoneOffsetMs(from, zone)
  const ticks: number[] = []
  for (let at = Math.ceil((from + offset) / stepMs) * stepMs - offset; at <= to; at += stepMs) ticks.push(at)
  return { ticks, stepMs }
}
