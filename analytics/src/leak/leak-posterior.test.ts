import { expect, test } from 'vitest'
import type { LeakPlaces } from './leak-places.ts'
import { normalTail, placePosterior } from './leak-posterior.ts'

const places: LeakPlaces = {
  count: 3,
  pipe: Int32Array.of(0, 1, 2),
  share: Float64Array.of(0.5, 0.5, 0.5),
  metres: Float64Array.of(40, 40, 120),
  zone: Int32Array.of(0, 0, 0),
}
const all = Int32Array.of(0, 1, 2)

test('without pressures, a place is as probable as it is long and the flow is what the balance says', () => {
  const none = new Float64Array(3)
  const { probability, flow, logEvidence } = placePosterior(places, all, none, none, { mean: 1, variance: 0.01 }, 1)
  expect(probability[2]).toBeCloseTo(0.6, 6)
  expect(logEvidence).toBeCloseTo(0, 6)
  expect(flow.p50).toBeCloseTo(1, 3)
  expect(flow.p95).toBeCloseTo(1 + 0.1645, 2)
})

test('the place whose pattern fits the flow of the balance wins over one that fits better with an impossible flow', () => {
  // Place 0 wants flow 1 (as the balance), place 1 wants flow 4 with a little more likelihood.
  const weight = Float64Array.of(20, 20 / 16, 1e-6)
  const pull = Float64Array.of(20, (20 / 16) * 4 * 1.02, 0)
  const { probability } = placePosterior(places, all, pull, weight, { mean: 1, variance: 0.01 }, 1)
  expect(probability[0]).toBeGreaterThan(0.9)
})

test('a negative flow is no leak', () => {
  const { logEvidence } = placePosterior(
    places,
    all,
    Float64Array.of(-20, -20, -20),
    Float64Array.of(20, 20, 20),
    { mean: 0.3, variance: 0.04 },
    1,
  )
  expect(logEvidence).toBeLessThan(-2)
})

test('the tail of the normal distribution is that of tables', () => {
  expect(normalTail(0)).toBeCloseTo(0.5, 6)
  expect(normalTail(1.6448536)).toBeCloseTo(0.95, 5)
  expect(normalTail(-2.3263479)).toBeCloseTo(0.01, 5)
})
