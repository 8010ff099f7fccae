import { expect, test } from 'vitest'
import { LEAK_DEFAULTS } from './leak-settings.ts'
import { RuptureTest } from './rupture-test.ts'

function days(test: RuptureTest, from: number, to: number): void {
  for (let slot = from; slot < to; slot++) {
    const flow = (s: number): number => 0.03 + 0.01 * Math.sin((2 * Math.PI * s) / 288)
    expect(test.take(slot, flow(slot), flow(slot - 2), 0)).toBeUndefined()
  }
}

test('a jump beyond all others with falling pressures is a rupture in its first slot', () => {
  const rupture = new RuptureTest(LEAK_DEFAULTS)
  days(rupture, 0, 900)
  expect(rupture.waits(900)).toBe(true)
  expect(rupture.take(900, 0.045, 0.03, 40)).toBeCloseTo(0.015, 9)
  expect(rupture.waits(900)).toBe(false)
})

test('without a fall of pressure, or before two days are known, nothing is', () => {
  const rupture = new RuptureTest(LEAK_DEFAULTS)
  days(rupture, 0, 100)
  expect(rupture.take(100, 0.045, 0.03, 40)).toBeUndefined()
  days(rupture, 101, 900)
  expect(rupture.take(900, 0.045, 0.03, -5)).toBeUndefined()
})
