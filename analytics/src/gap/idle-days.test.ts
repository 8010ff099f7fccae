import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type IdleDays, idleDays, idleOdds } from './idle-days.ts'
import type { MeterWindows } from './meter-behaviour.ts'

const DAY = 86_400_000
const STEP = 0.1

/** A meter that is read every day. @param use m³ of each day */
const daily = (use: readonly number[]): MeterWindows => ({
  time: Float64Array.from({ length: use.length + 1 }, (_, day) => day * DAY),
  volume: Float64Array.from(use),
  length: new Float64Array(use.length).fill(1),
  clock: new Float64Array(use.length).fill(1),
})
const days = (count: number, use: (day: number) => number) => daily(Array.from({ length: count }, (_, day) => use(day)))
const idleOf = (windows: MeterWindows): IdleDays => {
  const found = idleDays(windows, STEP)
  if (found === undefined) throw new Error('read too seldom')
  return found
}
const sound = (level: number) => idleOf(days(35, (day) => level * (1 + 0.3 * Math.sin(day))))
const byDays = idleOf(days(35, (day) => ((day * 3) % 7 < 4 ? 0 : 0.8)))

describe('days on which a meter counts nothing', () => {
  test('are told apart from a holiday, which is one long spell', () => {
    const away = idleOf(days(35, (day) => (day >= 10 && day < 17 ? 0 : 0.8)))
    expect(away).toMatchObject({ share: 0, spells: 0 })
    expect(byDays.share).toBeCloseTo(20 / 35, 9)
    expect(byDays.spells).toBe(15)
    expect(byDays.level).toBe(0.8)
    expect(byDays.isIdle(0)).toBe(true)
    expect(byDays.isIdle(2)).toBe(false)
  })

  test('speak against a meter whose peers never idle, the more of them there are', () => {
    const few = Array.from({ length: 10 }, () => sound(0.8))
    const many = Array.from({ length: 200 }, () => sound(0.8))
    expect(idleOdds(byDays, [byDays, ...few])).toBeGreaterThan(1.5)
    expect(idleOdds(byDays, [byDays, ...many])).toBeGreaterThan(3 * idleOdds(byDays, [byDays, ...few]))
  })

  test('say little where homes of that use live like this, and nothing of homes that use far more', () => {
    const alike = Array.from({ length: 100 }, (_, i) => idleOf(days(35, (day) => ((day + i) % 2 === 0 ? 0 : 0.75))))
    const heated = Array.from({ length: 200 }, () => sound(6))
    expect(idleOdds(byDays, [byDays, ...alike])).toBe(1)
    expect(idleOdds(byDays, [byDays, ...heated])).toBe(1)
  })

  test('say nothing when they are few, or when the meter is read too seldom', () => {
    const once = idleOf(days(35, (day) => (day === 4 || day === 20 ? 0 : 0.8)))
    const many = Array.from({ length: 200 }, () => sound(0.8))
    expect(idleOdds(once, [once, ...many])).toBe(1)
    expect(
      idleDays(
        days(10, () => 0.5),
        STEP,
      ),
    ).toBeUndefined()
    expect(
      idleDays(
        days(35, () => 0),
        STEP,
      ),
    ).toBeUndefined()
  })

  test('never speak for a meter, whatever was read', () => {
    const course = fc.array(fc.constantFrom(0, 0, 0.1, 0.3, 2), { minLength: 14, maxLength: 40 })
    fc.assert(
      fc.property(fc.array(course, { minLength: 1, maxLength: 12 }), (homes) => {
        const all = homes.flatMap((use) => idleDays(daily(use), STEP) ?? [])
        for (const one of all) {
          expect(one.share).toBeGreaterThanOrEqual(0)
          expect(one.share).toBeLessThan(1)
          const odds = idleOdds(one, all)
          expect(odds).toBeGreaterThanOrEqual(1)
          expect(odds).toBeLessThanOrEqual(40)
        }
      }),
    )
  })
})
