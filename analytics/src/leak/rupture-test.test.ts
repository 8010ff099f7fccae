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

test('before a day is known only what no morning does is a rupture: many times all that was seen, while pressures collapse', () => {
  const rupture = new RuptureTest(LEAK_DEFAULTS)
  for (let slot = 0; slot < 100; slot++)
    rupture.take(slot, 0.004, 0.004 + (slot % 2) * 0.0005, slot % 2 === 0 ? 30 : -30)
  expect(rupture.isSudden(0.011, 20_000)).toBe(false)
  expect(rupture.isSudden(1.8, 20_000)).toBe(true)
  expect(rupture.isSudden(1.8, 400)).toBe(false)
  expect(rupture.take(100, 1.8, 0.004, 20_000)).toBeCloseTo(1.796, 9)
  const young = new RuptureTest(LEAK_DEFAULTS)
  for (let slot = 0; slot < 50; slot++) young.take(slot, 0.004, 0.0035, 30)
  expect(young.isSudden(1.8, 20_000)).toBe(false)
})

test('without a fall of pressure, or before a day is known, nothing is', () => {
  const rupture = new RuptureTest(LEAK_DEFAULTS)
  days(rupture, 0, 100)
  expect(rupture.take(100, 0.045, 0.03, 40)).toBeUndefined()
  days(rupture, 101, 900)
  expect(rupture.take(900, 0.045, 0.03, -5)).toBeUndefined()
})

test('beside a gate pressures hardly fall: a jump that lasts for a second slot is a rupture, one that goes is none', () => {
  const begin = (): RuptureTest => {
    const rupture = new RuptureTest(LEAK_DEFAULTS)
    for (let slot = 0; slot < 900; slot++) {
      const flow = (s: number): number => 0.03 + 0.01 * Math.sin((2 * Math.PI * s) / 288)
      rupture.take(slot, flow(slot), flow(slot - 2), slot % 2 === 0 ? 3 : -3)
    }
    return rupture
  }
  const lasting = begin()
  expect(lasting.take(900, 0.05, 0.03, -2)).toBeUndefined()
  // The slots before hold the first jump by then.
  expect(lasting.take(901, 0.05, 0.037, -1)).toBeCloseTo(0.02, 9)
  const gone = begin()
  expect(gone.take(900, 0.05, 0.03, -2)).toBeUndefined()
  expect(gone.take(901, 0.03, 0.037, 1)).toBeUndefined()
  const contradicted = begin()
  expect(contradicted.take(900, 0.05, 0.03, -40)).toBeUndefined()
  expect(contradicted.take(901, 0.05, 0.037, -40)).toBeUndefined()
})

test('devices that do not wait for their time are believed when they say much more, with a fall of pressure', () => {
  const rupture = new RuptureTest(LEAK_DEFAULTS)
  days(rupture, 0, 900)
  expect(rupture.isSudden(0.05, 4000)).toBe(true)
  expect(rupture.isSudden(0.05, Number.NaN)).toBe(false)
  expect(rupture.isSudden(0.05, -4000)).toBe(false)
  expect(rupture.isSudden(0.0005, 4000)).toBe(false)
  expect(new RuptureTest(LEAK_DEFAULTS).isSudden(0.05, 4000)).toBe(false)
})

test('slots that were complete too late to be judged still say how large jumps are; none counts twice', () => {
  const rupture = new RuptureTest(LEAK_DEFAULTS)
  for (let slot = 0; slot < 700; slot++) rupture.learn(slot, 0.03, 0.03, 1)
  rupture.learn(699, 0.09, 0.03, 1)
  expect(rupture.take(700, 0.045, 0.03, 40)).toBeCloseTo(0.015, 9)
  const jumpy = new RuptureTest(LEAK_DEFAULTS)
  for (let slot = 0; slot < 700; slot++) jumpy.learn(slot, 0.03, slot === 350 ? 0.02 : 0.03, 1)
  expect(jumpy.take(700, 0.045, 0.03, 40)).toBeUndefined()
})
