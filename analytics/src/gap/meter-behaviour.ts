import type { MeterRegister } from './meter-registers.ts'
import { DAY_MS } from './period-grid.ts'
import { clockAt, type ZoneClock } from './zone-clock.ts'

/** What one meter used between readings about a day or more apart, beside what its neighbours did meanwhile. */
export interface MeterWindows {
  /** Unix ms; window k is [time[k], time[k + 1]). */
  readonly time: Float64Array
  /** m³ as registered. */
  readonly volume: Float64Array
  /** Days. */
  readonly length: Float64Array
  /** Clock of the zone's homes: above `length` when it is colder or a holiday. */
  readonly clock: Float64Array
}

/** Readings too close to tell anything are passed over: windows last at least this. */
const SHORTEST_MS = 0.8 * DAY_MS

export function meterWindows(register: MeterRegister, clock: ZoneClock): MeterWindows {
  const ends: number[] = []
  let last = Number.NEGATIVE_INFINITY
  register.time.forEach((at, k) => {
    if (at - last < SHORTEST_MS) return
    // Businesses live by the calendar: their windows are whole days.
    if (!register.home && ends.length > 0 && at - last < DAY_MS) return
    ends.push(k)
    last = at
  })
  const count = Math.max(0, ends.length - 1)
  const time = Float64Array.from(ends, (k) => register.time[k] as number)
  const clocks = time.map((at) => clockAt(clock, at))
  const between = (of: (k: number) => number) => Float64Array.from({ length: count }, (_, k) => of(k + 1) - of(k))
  return {
    time,
    volume: between((k) => register.total[ends[k] as number] as number),
    length: between((k) => (time[k] as number) / DAY_MS),
    clock: between((k) => clocks[k] as number),
  }
}

/** Use of a meter: steady m³ a day, and m³ per unit of the clock; the spread of a day around it, m³. */
export interface UseModel {
  readonly steady: number
  readonly withClock: number
  readonly deviation: number
  readonly windows: number
}

/**
 * Least squares with neither part below 0.
 * @param picked which windows to learn from
 */
export function fitUse(windows: MeterWindows, picked: (k: number) => boolean): UseModel {
  let ll = 0
  let lc = 0
  let cc = 0
  let lv = 0
  let cv = 0
  let n = 0
  const { length, clock, volume } = windows
  for (let k = 0; k < volume.length; k++) {
    if (!picked(k)) continue
    const l = length[k] as number
    const c = clock[k] as number
    const v = volume[k] as number
    // Long windows are sums of days: equal weight per day.
    ll += l
    lc += c
    cc += (c * c) / l
    lv += v
    cv += (c * v) / l
    n += 1
  }
  if (n === 0) return { steady: 0, withClock: 0, deviation: 0, windows: 0 }
  // A little preference for following the clock, so that days alike do not make wild lines.
  const prior = 0.05 * ll
  const mean = lv / ll
  const a = ll + prior
  const b = cc + prior
  const determinant = a * b - lc * lc
  const right = lv + prior * mean * 0.3
  const wrong = cv + prior * mean * 0.7
  let steady = determinant > 1e-9 ? (b * right - lc * wrong) / determinant : 0
  let withClock = determinant > 1e-9 ? (a * wrong - lc * right) / determinant : mean
  if (steady < 0) {
    steady = 0
    withClock = cc > 0 ? cv / cc : 0
  } else if (withClock < 0) {
    withClock = 0
    steady = mean
  }
  let squares = 0
  for (let k = 0; k < volume.length; k++) {
    if (!picked(k)) continue
    const expected = steady * (length[k] as number) + withClock * (clock[k] as number)
    squares += ((volume[k] as number) - expected) ** 2 / (length[k] as number)
  }
  const deviation = Math.sqrt((squares + 0.05 ** 2) / Math.max(1, n - 1.5))
  return { steady, withClock, deviation, windows: n }
}

export function expectedUse({ steady, withClock }: UseModel, windows: MeterWindows, k: number): number {
  return steady * (windows.length[k] as number) + withClock * (windows.clock[k] as number)
}

/** A loss of use in some windows against what the others foretell. */
export interface UseDrop {
  /** Loss over its standard deviation; above 0 for a loss. */
  readonly z: number
  /** Loss over expectation, ≤ 1. */
  readonly fraction: number
  /** m³ a day. */
  readonly perDay: number
}

/** @param from windows that foretell @param to windows that are compared */
export function dropBetween(windows: MeterWindows, from: UseModel, to: (k: number) => boolean): UseDrop {
  let expected = 0
  let actual = 0
  let days = 0
  for (let k = 0; k < windows.volume.length; k++) {
    if (!to(k)) continue
    expected += expectedUse(from, windows, k)
    actual += windows.volume[k] as number
    days += windows.length[k] as number
  }
  const learnt = Math.max(1, from.windows)
  const spread = from.deviation * Math.sqrt(days + (days * days) / learnt)
  const lost = expected - actual
  return {
    z: spread > 0 ? lost / spread : 0,
    fraction: expected > 0 ? lost / expected : 0,
    perDay: days > 0 ? lost / days : 0,
  }
}

/**
 * Windows whose lengths are bent by the customer's own week, so that a rest day looks no loss: a day counts for what such weekdays
 * usually burn, a week still counts for seven.
 * @param utcOffset ms of the city's clock
 */
export function weekdaysOf(windows: MeterWindows, utcOffset: number): MeterWindows {
  const { time, volume, length, clock } = windows
  const day = Array.from(
    volume,
    (_, k) => (Math.floor(((time[k] as number) + utcOffset + DAY_MS / 2) / DAY_MS) + 4) % 7,
  )
  const usual: number[][] = Array.from({ length: 7 }, () => [])
  for (let k = 3; k < volume.length - 3; k++) {
    let week = 0
    for (let j = k - 3; j <= k + 3; j++) week += (volume[j] as number) / 7
    if (week > 0) usual[day[k] as number]?.push((volume[k] as number) / week)
  }
  const factor = usual.map((list) =>
    list.length < 2 ? 1 : Math.max(0.02, list.sort((a, b) => a - b)[list.length >> 1] as number),
  )
  const bent = (of: Float64Array) => of.map((v, k) => v * (factor[day[k] as number] as number))
  return { time, volume, length: bent(length), clock: bent(clock) }
}
