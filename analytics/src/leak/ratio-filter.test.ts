import { expect, test } from 'vitest'
import { RatioFilter, type RatioSample } from './ratio-filter.ts'

/** Deterministic noise of unit variance. */
function noise(i: number): number {
  const drawn = Math.sin(i * 12.9898) * 43_758.5453
  return Math.sqrt(3) * (2 * (drawn - Math.floor(drawn)) - 1)
}

function sample(quarter: number, use: (others: number) => number, sigma: number): RatioSample {
  const ofDay = quarter % 96
  const others = 0.4 + 0.6 * Math.sin((Math.PI * ofDay) / 96) ** 2
  return {
    ...{
      quarter,
      hourOfDay: (ofDay + 0.5) / 4,
      rest: false,
      others,
      business: 0,
      trade: 0,
      heat: 0.3,
      dawn: ofDay === 0,
    },
    ...{ use: use(others) + sigma * noise(quarter), variance: sigma * sigma, jump: 0 },
  }
}

const PRIOR = { slope: 1, slopeSigma: 0.2, hourly: 0.15, weekend: 0.05, steep: 0.3, heat: 0.5, level: 0.008 }

test('learns how a zone follows the others, and tells a leak from it with begin and size', () => {
  const filter = new RatioFilter(PRIOR)
  const LEAK = 0.06
  const from = 10 * 96 + 12
  for (let q = 0; q < from + 16; q++) filter.take(sample(q, (others) => 1.1 * others + (q >= from ? LEAK : 0), 0.02))
  const since = filter.traces.find((t) => t.quarter === from)
  expect(since).toBeDefined()
  const size = (since?.pull ?? 0) / (since?.weight ?? 1)
  expect(size).toBeGreaterThan(LEAK - 3 / Math.sqrt(since?.weight ?? 1))
  expect(size).toBeLessThan(LEAK + 3 / Math.sqrt(since?.weight ?? 1))
  expect((since?.pull ?? 0) ** 2 / (since?.weight ?? 1)).toBeGreaterThan(25)
})

test('without a leak no begin is more than chance', () => {
  const filter = new RatioFilter(PRIOR)
  for (let q = 0; q < 12 * 96; q++) filter.take(sample(q, (others) => 1.1 * others, 0.02))
  for (const { pull, weight } of filter.traces) expect((pull * pull) / weight).toBeLessThan(20)
})

test('a copy goes its own way', () => {
  const filter = new RatioFilter(PRIOR)
  for (let q = 0; q < 96; q++) filter.take(sample(q, (others) => others, 0.02))
  const copy = filter.copy()
  const before = filter.traces.map(({ pull }) => pull)
  copy.take(sample(96, () => 5, 0.02))
  expect(filter.traces.map(({ pull }) => pull)).toEqual(before)
})
