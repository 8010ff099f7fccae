import type { MeterRegister } from './meter-registers.ts'
import { DAY_MS, type PeriodGrid } from './period-grid.ts'
import { clockAt, type ZoneClock } from './zone-clock.ts'

/** One meter's register at the begin of each day (one more than days), m³ as the register counts. */
export interface RegisterDays {
  /** As billed: the last reading up to then. */
  readonly billed: Float64Array
  /** As it would be billed, had every scheduled reading arrived. */
  readonly onTime: Float64Array
  /** Variance of `onTime`, m⁶. */
  readonly onTimeVariance: Float64Array
  /** Where it stood. */
  readonly stood: Float64Array
  /** 1 where a scheduled reading is missing. */
  readonly missing: Uint8Array
}

/** m³ by which single uses come: the spread of a use that is known only in sum (assumption until a meter shows its own). */
const USUAL_LUMP = 0.3
/** How far the use of a silent meter may differ from what it was, share. */
const SILENT_SPREAD = 0.25
/** How far single days of a meter read seldom, or hours of a business, may differ from the clock, share of what passed. */
const LONG_SPREAD = 0.25

/**
 * Cuts a register at the begin of each day. Between two readings it follows the zone's clock; after the last one it goes on at its
 * own recent rate.
 * @param covariance (days + 1)², m⁶; the uncertainty of `stood` is added to it
 * @param lateDays a meter first read up to so many days after the begin went at its own rate before
 */
export function cutRegister(
  register: MeterRegister,
  clock: ZoneClock,
  grid: PeriodGrid,
  covariance: Float64Array,
  lateDays = 0,
): RegisterDays {
  const { time, total, everyMs, resolution } = register
  const size = grid.days + 1
  const out = {
    billed: new Float64Array(size),
    onTime: new Float64Array(size),
    onTimeVariance: new Float64Array(size),
    stood: new Float64Array(size),
    missing: new Uint8Array(size),
  }
  const readings = time.length
  const clocks = Float64Array.from(time, (at) => clockAt(clock, at))
  const lump = lumpOf(clocks, total)
  const rate = recentRate(clocks, total)
  const rounding = resolution ** 2 / 12
  const isLong = (k: number) => (time[k] as number) - (time[k - 1] as number) > 1.5 * DAY_MS || !register.home
  let next = 0
  let inside: { readonly b: number; readonly part: number }[] = []
  const silent: { readonly b: number; readonly advance: number }[] = []
  const unheard: { readonly b: number; readonly advance: number }[] = []
  const add = (a: number, b: number, value: number) => {
    covariance[a * size + b] = (covariance[a * size + b] as number) + value + (a === b ? rounding : 0)
  }
  const close = (advance: number, long: boolean) => {
    for (const one of inside)
      for (const other of inside)
        add(
          one.b,
          other.b,
          (lump + (long ? LONG_SPREAD ** 2 * advance : 0)) *
            advance *
            Math.min(one.part, other.part) *
            (1 - Math.max(one.part, other.part)),
        )
    inside = []
  }
  for (let b = 0; b < size; b++) {
    const at = grid.begin + b * DAY_MS
    while (next < readings && (time[next] as number) <= at) {
      if (inside.length > 0) close((total[next] as number) - (total[next - 1] as number), isLong(next))
      next++
    }
    if (next === 0) {
      const ahead = (clocks[0] ?? 0) - clockAt(clock, at)
      const first = time[0] ?? at
      if (first - grid.begin >= lateDays * DAY_MS) continue
      // Scheduled readings before the first one did not arrive: they would have stood lower.
      const due = first - Math.ceil((first - at) / everyMs) * everyMs
      out.stood[b] = -rate * ahead
      out.onTime[b] = -rate * ((clocks[0] ?? 0) - clockAt(clock, due))
      out.onTimeVariance[b] = lump * rate * ahead + (SILENT_SPREAD * rate * ahead) ** 2
      out.missing[b] = 1
      unheard.push({ b, advance: rate * ahead })
      continue
    }
    const from = time[next - 1] as number
    const to = time[next]
    const base = total[next - 1] as number
    const clockFrom = clocks[next - 1] as number
    const here = clockAt(clock, at)
    const rounds = to === undefined ? Math.floor((at - from) / everyMs) : roundsBetween(from, to, everyMs)
    const step = to === undefined ? everyMs : (to - from) / rounds
    const missed = to === undefined ? rounds : Math.min(rounds - 1, Math.floor((at - from) / step))
    const advance = to === undefined ? rate * (here - clockFrom) : (total[next] as number) - base
    const length = to === undefined ? here - clockFrom : (clocks[next] as number) - clockFrom
    const partAt = (when: number) =>
      length > 0 ? Math.min(1, Math.max(0, (clockAt(clock, when) - clockFrom) / length)) : 0
    out.billed[b] = base
    out.stood[b] = base + advance * partAt(at)
    if (missed > 0) {
      const part = partAt(from + missed * step)
      out.onTime[b] = base + advance * part
      out.onTimeVariance[b] =
        lump * advance * part * (to === undefined ? 1 : 1 - part) +
        (to === undefined ? (SILENT_SPREAD * advance * part) ** 2 : 0)
      out.missing[b] = 1
    } else out.onTime[b] = base
    if (to === undefined) silent.push({ b, advance })
    else inside.push({ b, part: partAt(at) })
  }
  if (next < readings) close((total[next] as number) - (total[next - 1] as number), isLong(next))
  for (const stretch of [silent, unheard])
    for (const one of stretch)
      for (const other of stretch)
        add(
          one.b,
          other.b,
          lump * Math.min(one.advance, other.advance) + SILENT_SPREAD ** 2 * one.advance * other.advance,
        )
  return out
}

function roundsBetween(from: number, to: number, everyMs: number): number {
  return Math.max(1, Math.round((to - from) / everyMs))
}

/** Variance over mean of a meter's advances, m³. */
function lumpOf(clocks: Float64Array, total: Float64Array): number {
  const last = total.length - 1
  if (last < 5) return USUAL_LUMP
  const length = (clocks[last] as number) - (clocks[0] as number)
  const rate = length > 0 ? (total[last] as number) / length : 0
  if (rate <= 0) return USUAL_LUMP
  let ratio = 0
  for (let k = 1; k <= last; k++) {
    const expected = rate * Math.max(1e-6, (clocks[k] as number) - (clocks[k - 1] as number))
    ratio += ((total[k] as number) - (total[k - 1] as number) - expected) ** 2 / expected
  }
  return Math.min(5, Math.max(0.02, (ratio + USUAL_LUMP * 4) / (last + 4)))
}

const RECENT_DAYS = 14

/** m³ per unit of the clock over the last two weeks of readings. */
function recentRate(clocks: Float64Array, total: Float64Array): number {
  const last = total.length - 1
  let first = last
  while (first > 0 && (clocks[last] as number) - (clocks[first] as number) < RECENT_DAYS) first--
  const length = (clocks[last] as number) - (clocks[first] as number)
  return length > 0 ? ((total[last] as number) - (total[first] as number)) / length : 0
}
