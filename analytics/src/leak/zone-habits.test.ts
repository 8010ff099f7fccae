import { expect, test } from 'vitest'
import { ZoneHabits } from './zone-habits.ts'

test('a zone that cannot be asked is taken for what it usually is at that time of the day', () => {
  const habits = new ZoneHabits(2)
  for (let day = 0; day < 10; day++)
    for (let q = 0; q < 96; q++) habits.learn(1, (q + 0.5) / 4, false, q < 48 ? 2 + day : 1 + day / 2, 1 + day / 2)
  expect(habits.expected(1, 6, false, 0.5)).toBeCloseTo(1, 6)
  expect(habits.expected(1, 18, false, 0.5)).toBeCloseTo(0.5, 6)
  // Between two hours it goes over from one to the other.
  expect(habits.expected(1, 12, false, 1)).toBeCloseTo(1.5, 6)
  expect(habits.expected(1, 6, true, 1)).toBeNaN()
  expect(habits.expected(0, 6, false, 1)).toBeNaN()
})
