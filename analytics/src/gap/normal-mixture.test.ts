import { expect, test } from 'vitest'
import { mixtureMean, mixtureQuantile } from './normal-mixture.ts'

test('one normal law has the quantiles of the books', () => {
  const parts = [{ weight: 1, mean: 10, deviation: 2 }]
  expect(mixtureQuantile(parts, 0.5)).toBeCloseTo(10, 4)
  expect(mixtureQuantile(parts, 0.05)).toBeCloseTo(10 - 2 * 1.6449, 3)
  expect(mixtureQuantile(parts, 0.95)).toBeCloseTo(10 + 2 * 1.6449, 3)
})

test('a fault of probability 0.3 leaves the lower bound at nothing and the upper one at the fault', () => {
  const parts = [
    { weight: 0.7, mean: 0, deviation: 0.01 },
    { weight: 0.3, mean: 5, deviation: 0.5 },
  ]
  expect(mixtureMean(parts)).toBeCloseTo(1.5, 9)
  expect(mixtureQuantile(parts, 0.05)).toBeCloseTo(0, 1)
  // The upper twentieth of all is the upper sixth of the fault's own law.
  expect(mixtureQuantile(parts, 0.95)).toBeCloseTo(5 + 0.5 * 0.9674, 2)
})
