import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rankingScores, rankRows } from './ranking-scores.ts'

const sample = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { minLength: 2, maxLength: 40 })

test('ROC-AUC is the share of pairs in the right order, a tie counting a half', () => {
  fc.assert(
    fc.property(sample, (rows) => {
      const scores = rows.map(([score]) => score)
      const labels = rows.map(([, thief]) => (thief ? 1 : 0))
      let pairs = 0
      let won = 0
      for (const [i, a] of rows.entries())
        for (const [j, b] of rows.entries()) {
          if (!labels[i] || labels[j]) continue
          pairs += 1
          won += a[0] > b[0] ? 1 : a[0] === b[0] ? 0.5 : 0
        }
      const { rocAuc } = rankingScores(rankRows(scores, scores), labels)
      if (pairs === 0) expect(rocAuc).toBeNaN()
      else expect(rocAuc).toBeCloseTo(won / pairs, 10)
    }),
  )
})

test('average precision and MAP@100 of a known ranking', () => {
  const ranking = rankRows([9, 8, 7, 6, 5], [0, 1, 2, 3, 4])
  const labels = [1, 0, 1, 0, 0]
  const { averagePrecision, mapAt100 } = rankingScores(ranking, labels)
  expect(averagePrecision).toBeCloseTo((1 + 2 / 3) / 2)
  expect(mapAt100).toBeCloseTo((1 + 2 / 3) / 2)
  expect(rankingScores(rankRows([1, 1, 1, 1], [3, 2, 1, 0]), [1, 0, 0, 0]).averagePrecision).toBeCloseTo(0.25)
})

test('counting a row twice is the same as having it twice', () => {
  fc.assert(
    fc.property(sample, fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }), (rows, times) => {
      const scores = rows.map(([score]) => score)
      const labels = rows.map(([, thief]) => (thief ? 1 : 0))
      const ties = rows.map((_, i) => i)
      const counted = rankingScores(rankRows(scores, ties), labels, times)
      const copies = rows.flatMap((_, i) => Array.from({ length: times[i] ?? 0 }, () => i))
      const copied = rankingScores(
        rankRows(
          copies.map((i) => scores[i] as number),
          copies,
        ),
        copies.map((i) => labels[i] as number),
      )
      for (const key of ['rocAuc', 'averagePrecision', 'mapAt100'] as const)
        if (Number.isNaN(copied[key])) expect(counted[key]).toBeNaN()
        else expect(counted[key]).toBeCloseTo(copied[key], 10)
    }),
  )
})
