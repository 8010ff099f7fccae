import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from './admission.ts'
import { smoothed } from './loop-lateness.ts'

const limit = DEFAULT_LIMITS.loopDelayMs.residential

test('a single stall of a third of a second refuses nobody', () => {
  let mean = 0
  for (let i = 0; i < 50; i++) mean = smoothed(mean, 1, 21)
  expect(smoothed(mean, 330, 350)).toBeLessThan(limit)
})

test('a loop that stays late is overloaded within two seconds, and recovers within two', () => {
  let mean = 0
  for (let passed = 0; passed < 2_000; passed += 320) mean = smoothed(mean, 300, 320)
  expect(mean).toBeGreaterThan(limit)
  for (let passed = 0; passed < 2_000; passed += 20) mean = smoothed(mean, 0, 20)
  expect(mean).toBeLessThan(limit)
})
