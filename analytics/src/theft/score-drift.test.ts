import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../models/seeded-random.ts'
import { FEATURES } from './course-features.ts'
import { deciles, scoreDrift, scoreReference, stabilityIndex } from './score-drift.ts'

const ROWS = 4_000

/** Features of rows: column 0 is shifted, column 1 is nearly always zero, the others scatter. */
function rows(seed: number, shift: number, zeros = 0.85): { features: Float32Array; scores: Float64Array } {
  const random = seededRandom(seed)
  const features = Float32Array.from({ length: ROWS * FEATURES }, (_, i) => {
    const column = i % FEATURES
    if (column === 0) return random.normal() + shift
    if (column === 1) return random.uniform() < zeros ? 0 : 1 + random.uniform()
    return random.normal()
  })
  return { features, scores: Float64Array.from({ length: ROWS }, (_, row) => features[row * FEATURES] as number) }
}

describe('drift of a model', () => {
  const reference = scoreReference(rows(1, 0).features, rows(1, 0).scores)

  test('other rows of the same kind show none, also where most values are the same', () => {
    const { features, scores } = rows(2, 0)
    const drift = scoreDrift(reference, features, scores)
    expect(drift.score).toBeLessThan(0.02)
    expect(drift.features[0]?.index).toBeLessThan(0.02)
  })

  test('a shift of one feature is named first, and moves the scores that follow it', () => {
    const { features, scores } = rows(3, 0.8)
    const drift = scoreDrift(reference, features, scores)
    expect(drift.features[0]?.feature).toBe('level')
    expect(drift.features[0]?.index).toBeGreaterThan(0.25)
    expect(drift.features[1]?.index).toBeLessThan(0.02)
    expect(drift.score).toBeGreaterThan(0.25)
  })

  test('fewer zeros are drift too', () => {
    const { features, scores } = rows(4, 0, 0.5)
    const [worst] = scoreDrift(reference, features, scores).features
    expect(worst?.feature).toBe('median_to_mean')
    expect(worst?.index).toBeGreaterThan(0.25)
  })

  test('is never negative, and nothing for values that are no numbers', () => {
    expect(stabilityIndex(deciles([1, 2, 3]), [Number.NaN])).toBe(0)
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -5, max: 5 }), { minLength: 1, maxLength: 60 }),
        fc.array(fc.float({ noNaN: true, min: -9, max: 9 }), { minLength: 1, maxLength: 50 }),
        (before, values) => {
          expect(stabilityIndex(deciles(before), before)).toBeCloseTo(0, 3)
          expect(stabilityIndex(deciles(before), values)).toBeGreaterThanOrEqual(-1e-9)
        },
      ),
    )
  })
})
