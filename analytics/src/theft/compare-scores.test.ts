import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareScores, scoreRanks } from './compare-scores.ts'

test('ranks are shares of the others below, ties by half', () => {
  expect([...scoreRanks([5, 1, 3, 3, 9])]).toEqual([0.75, 0, 0.375, 0.375, 1])
  expect([...scoreRanks([4])]).toEqual([0.5])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 40 }), (scores) => {
      const mean = scoreRanks(scores).reduce((sum, rank) => sum + rank, 0) / scores.length
      expect(mean).toBeCloseTo(0.5, 9)
    }),
  )
})

test('a model agrees with itself whatever the scale of its scores, and is the reverse of its reverse', () => {
  const scores = Array.from({ length: 2_000 }, (_, i) => ((i * 7919) % 2_003) / 2_003)
  expect(
    compareScores(
      scores,
      scores.map((s) => s ** 3),
    ),
  ).toEqual({
    ...{ customers: 2_000, top: 100, topOverlap: 1 },
    rankCorrelation: expect.closeTo(1, 9),
  })
  const reverse = compareScores(
    scores,
    scores.map((s) => -s),
  )
  expect(reverse.rankCorrelation).toBeCloseTo(-1, 9)
  expect(reverse.topOverlap).toBe(0)
  expect(compareScores([1, 2], [1, 2]).rankCorrelation).toBeNaN()
})
