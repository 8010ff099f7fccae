import { expect, test } from 'vitest'
import { SourceBudget } from './source-budget.ts'

const taken = (budget: SourceBudget, hash: number, now: number, tries: number) =>
  Array.from({ length: tries }, () => budget.take(hash, now)).filter(Boolean).length

test('a source may send its burst, then its rate', () => {
  const budget = new SourceBudget({ perSecond: 10, burst: 20 }, 16)
  expect(taken(budget, 3, 1_000_000, 50)).toBe(20)
  expect(taken(budget, 3, 1_000_500, 50)).toBe(5)
  let allowed = 0
  for (let ms = 0; ms < 10_000; ms += 10) if (budget.take(3, 1_001_000 + ms)) allowed++
  expect(allowed).toBeGreaterThanOrEqual(99)
  expect(allowed).toBeLessThanOrEqual(106)
})

test('a flood leaves other sources alone, and silence fills the bucket no higher than the burst', () => {
  const budget = new SourceBudget({ perSecond: 10, burst: 20 }, 16)
  taken(budget, 3, 0, 10_000)
  expect(taken(budget, 4, 0, 50)).toBe(20)
  expect(taken(budget, 3, 86_400_000, 50)).toBe(20)
})

test('a clock that steps back neither fills nor blocks a bucket', () => {
  const budget = new SourceBudget({ perSecond: 10, burst: 20 }, 16)
  expect(taken(budget, 1, 50_000, 15)).toBe(15)
  expect(taken(budget, 1, 10_000, 15)).toBe(5)
  expect(taken(budget, 1, 10_100, 15)).toBe(1)
})
