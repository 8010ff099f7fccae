import { expect, test } from 'vitest'
import { DaysSeen } from './days-seen.ts'

test('a day on which homes use far more than ever at this hour is strange, until it has become the past', () => {
  const seen = new DaysSeen()
  const day = (number: number, use: number): void => {
    for (let q = 0; q < 96; q++) seen.take(number * 96 + q, Math.floor(q / 4), use, true)
  }
  for (let number = 0; number < 3; number++) day(number, 1)
  expect(seen.strangeUntil(4 * 96 - 1)).toBe(0)
  day(4, 2)
  expect(seen.strangeUntil(5 * 96 - 1)).toBeGreaterThan(12)
  day(5, 2)
  day(6, 1.9)
  expect(seen.strangeUntil(7 * 96 - 1)).toBe(0)
})

test('a quarter that is only supposed does not become the past', () => {
  const seen = new DaysSeen()
  seen.take(0, 0, 1, true)
  seen.take(4, 1, 5, false)
  seen.take(96 + 4, 1, 5, false)
  expect(seen.strangeUntil(96 + 4)).toBeGreaterThan(0)
})
