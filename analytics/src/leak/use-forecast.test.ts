import { expect, test } from 'vitest'
import { LEAK_DEFAULTS } from './leak-settings.ts'
import { UseForecast } from './use-forecast.ts'

/** Deterministic noise, about standard normal. */
function noise(i: number): number {
  let sum = 0
  for (let k = 1; k <= 6; k++) sum += (((Math.sin(i * 12.9898 * k + k) * 43_758.5453) % 1) + 1) % 1
  return (sum - 3) * Math.SQRT2
}

interface Course {
  readonly hours: number
  /** Tens of percent that every zone uses more in an hour. */
  readonly more?: (hour: number) => number
  readonly cold?: (hour: number) => number
  /** m³/s that one zone loses in an hour. */
  readonly leak?: (hour: number, zone: number) => number
}

function feed(zones: number, { hours, more = () => 0, cold = () => 0, leak = () => 0 }: Course): UseForecast {
  const forecast = new UseForecast(
    LEAK_DEFAULTS,
    Array.from({ length: zones }, () => 400),
  )
  for (let hour = 0; hour < hours; hour++) {
    const ofDay = hour % 24
    const shape =
      0.02 * (1 + 0.5 * Math.sin((2 * Math.PI * (ofDay - 9)) / 24)) * (1 + 0.04 * cold(hour)) * (1 + 0.1 * more(hour))
    const uses = Array.from(
      { length: zones },
      (_, zone) => shape * (1 + 0.02 * noise(hour + 1000 * zone)) + leak(hour, zone),
    )
    forecast.take(hour, { hourOfDay: ofDay, rest: Math.floor(hour / 24) % 7 >= 5 }, uses, 280 - cold(hour))
  }
  return forecast
}

const DAY_9 = 8 * 24
const odds = (forecast: UseForecast, zone: number): number =>
  Math.max(...forecast.zone(zone).candidates.map((c) => (c.pull > 0 ? (0.5 * c.pull ** 2) / c.weight : 0)))

test('a constant flow that begins is found with its begin and its size, a cold spell is not', () => {
  const leaky = feed(1, { hours: 9 * 24, leak: (hour) => (hour >= DAY_9 ? 0.002 : 0) })
  const found = leaky.zone(0).candidates.reduce((a, b) => (b.pull ** 2 / b.weight > a.pull ** 2 / a.weight ? b : a))
  expect(Math.abs(found.hour - DAY_9)).toBeLessThanOrEqual(2)
  expect(found.pull / found.weight).toBeGreaterThan(0.0015)
  expect(found.pull / found.weight).toBeLessThan(0.0025)
  expect(odds(leaky, 0)).toBeGreaterThan(20)
  const cold = feed(1, { hours: 9 * 24, cold: (hour) => 2 + 2 * Math.sin(hour / 30) + (hour >= DAY_9 ? 2 : 0) })
  expect(odds(cold, 0)).toBeLessThan(9)
})

test('a feast that all zones keep is no leak of any, and a leak of one is none of the other', () => {
  const feast = (hour: number) => (hour >= DAY_9 ? 3 : 0)
  const both = feed(2, { hours: DAY_9 + 12, more: feast })
  expect(Math.max(odds(both, 0), odds(both, 1))).toBeLessThan(4.5)
  // One zone alone cannot tell it from a leak.
  expect(odds(feed(1, { hours: DAY_9 + 12, more: feast }), 0)).toBeGreaterThan(20)
  const leaky = feed(2, { hours: 9 * 24, leak: (hour, zone) => (zone === 1 && hour >= DAY_9 ? 0.0012 : 0) })
  expect(odds(leaky, 1)).toBeGreaterThan(9)
  expect(odds(leaky, 0)).toBeLessThan(4.5)
})

test('a zone that is silent for a day is forecast by itself afterwards', () => {
  const silent = feed(2, {
    hours: 10 * 24,
    leak: (hour, zone) => (zone === 1 && hour >= 120 && hour < 144 ? Number.NaN : 0),
  })
  expect(Math.max(odds(silent, 0), odds(silent, 1))).toBeLessThan(4.5)
  expect(silent.zone(1).candidates.every(({ hour }) => hour < 120 || hour >= 144)).toBe(true)
})
