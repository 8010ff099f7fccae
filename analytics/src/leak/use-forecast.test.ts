import { expect, test } from 'vitest'
import { LEAK_DEFAULTS } from './leak-settings.ts'
import { UseForecast } from './use-forecast.ts'

/** Deterministic noise, about standard normal. */
function noise(i: number): number {
  let sum = 0
  for (let k = 1; k <= 6; k++) sum += (((Math.sin(i * 12.9898 * k + k) * 43_758.5453) % 1) + 1) % 1
  return (sum - 3) * Math.SQRT2
}

function feed(
  forecast: UseForecast,
  hours: number,
  leakFrom: number,
  leak: number,
  cold: (hour: number) => number,
): void {
  for (let hour = 0; hour < hours; hour++) {
    const ofDay = hour % 24
    const shape = 0.02 * (1 + 0.5 * Math.sin((2 * Math.PI * (ofDay - 9)) / 24)) * (1 + 0.04 * cold(hour))
    const use = shape * (1 + 0.02 * noise(hour)) + (hour >= leakFrom ? leak : 0)
    forecast.take(hour, ofDay, Math.floor(hour / 24) % 7 >= 5, use, 280 - cold(hour))
  }
}

test('a constant flow that begins is found with its begin and its size, a cold spell is not', () => {
  const leaky = new UseForecast(LEAK_DEFAULTS)
  leaky.begin(0.02)
  feed(leaky, 9 * 24, 8 * 24, 0.002, () => 0)
  const found = leaky.candidates.reduce((a, b) => (b.pull ** 2 / b.weight > a.pull ** 2 / a.weight ? b : a))
  expect(Math.abs(found.hour - 8 * 24)).toBeLessThanOrEqual(2)
  expect(found.pull / found.weight).toBeGreaterThan(0.0015)
  expect(found.pull / found.weight).toBeLessThan(0.0025)
  const cold = new UseForecast(LEAK_DEFAULTS)
  cold.begin(0.02)
  feed(cold, 9 * 24, 1e9, 0, (hour) => 2 + 2 * Math.sin(hour / 30) + (hour >= 8 * 24 ? 2 : 0))
  const most = Math.max(...cold.candidates.map((c) => (c.pull > 0 ? (0.5 * c.pull ** 2) / c.weight : 0)))
  expect((0.5 * found.pull ** 2) / found.weight).toBeGreaterThan(20)
  expect(most).toBeLessThan(9)
})
