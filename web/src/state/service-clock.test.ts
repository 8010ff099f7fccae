import { expect, test } from 'vitest'
import { createServiceClock } from './service-clock.ts'

test('event time runs at the speed of the service between two messages', () => {
  let steady = 1000
  const clock = createServiceClock(() => steady)
  expect(clock.now()).toBe(0)
  clock.set(5_000_000, 60)
  steady += 500
  expect(clock.now()).toBe(5_030_000)
  expect(clock.speed).toBe(60)
})

test('a frozen clock stands until the service is heard again', () => {
  let steady = 0
  const clock = createServiceClock(() => steady)
  clock.set(1000, 1)
  steady = 250
  clock.freeze()
  steady = 9000
  expect(clock.now()).toBe(1250)
  clock.set(2000, 1)
  expect(clock.now()).toBe(2000)
})
