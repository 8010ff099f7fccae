import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../datasets/src/seeded-random.ts'
import type { Block } from './block.ts'
import { freshRise } from './fresh-rise.ts'
import { RiseWatch } from './rise-watch.ts'

const DAY = 86_400_000
const UNKNOWN = (days: number) => new Float64Array(days).fill(Number.NaN)

/** Days of a home of some people: 0.2 to 0.6 m³. */
function usualDays(seed: number, days: number, level = 0.4): number[] {
  const random = new SeededRandom(seed, 7)
  return Array.from({ length: days }, () => level * Math.exp(0.4 * random.normal()))
}

const withFlow = (use: readonly number[], last: number, m3: number) =>
  use.map((v, i) => (i >= use.length - last ? v + m3 : v))

describe('a constant flow that began within days', () => {
  test('of 50 L/h is told after three days at five of six homes, with its size', () => {
    let [told, inside] = [0, 0]
    for (let seed = 0; seed < 60; seed++) {
      const rise = freshRise(withFlow(usualDays(seed, 60), 3, 1.2), UNKNOWN(60), 0.001)
      if (rise === undefined) continue
      told += 1
      if (rise.m3PerDay.p05 <= 1.2 && 1.2 <= rise.m3PerDay.p95) inside += 1
      expect(rise.chance).toBeGreaterThan(0.5)
    }
    expect(told).toBeGreaterThanOrEqual(50)
    expect(inside / told).toBeGreaterThan(0.85)
  })

  test('is not told of usual days, of one large day, or of an empty home to which people come', () => {
    for (let seed = 0; seed < 60; seed++) {
      const use = usualDays(seed, 60)
      expect(freshRise(use, UNKNOWN(60), 0.001)).toBeUndefined()
      expect(freshRise(withFlow(use, 1, 3), UNKNOWN(60), 0.001)).toBeUndefined()
      const arrival = [...new Array<number>(56).fill(0), ...use.slice(0, 4)]
      expect(freshRise(arrival, UNKNOWN(60), 0.001)).toBeUndefined()
    }
  })

  test('is not told of a cold spell that the town shares, and is told without the town', () => {
    const town = Array.from({ length: 60 }, (_, day) => (day < 57 ? 2 + 0.3 * Math.sin(day) : 4))
    const random = new SeededRandom(3, 8)
    const use = town.map((level) => 0.3 * level * (1 + 0.05 * random.normal()))
    expect(freshRise(use, town, 0.001)).toBeUndefined()
    expect(freshRise(use, UNKNOWN(60), 0.001)).toBeDefined()
  })

  test('needs twenty days, and numbers of any size give a finding or none', () => {
    expect(freshRise(withFlow(usualDays(1, 19), 3, 5), UNKNOWN(19), 0.001)).toBeUndefined()
    const days = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 20, maxLength: 120 })
    fc.assert(
      fc.property(days, fc.constantFrom(0.001, 0.1), (use, step) => {
        const rise = freshRise(use, UNKNOWN(use.length), step)
        if (rise === undefined) return
        const { p05, p50, p95 } = rise.m3PerDay
        expect(p05 <= p50 && p50 <= p95 && p05 >= 0).toBe(true)
        expect(rise.chance > 0 && rise.chance < 1).toBe(true)
      }),
    )
  })
})

test('the watch tells a flow once, does not learn it, and closes it with the first day that is too small', () => {
  const watch = new RiseWatch(0.001)
  const take = (day: number, totalM3: number) => {
    const block: Block = { part: 3, from: day * DAY, to: (day + 1) * DAY, totalM3, floorM3H: totalM3 / 24, peakM3H: 0 }
    watch.take(block, Number.NaN)
  }
  const use = usualDays(5, 80)
  for (let day = 0; day < 40; day++) take(day, use[day] as number)
  expect(watch.current(40 * DAY)).toBeUndefined()
  for (let day = 40; day < 75; day++) take(day, (use[day] as number) + 1.2)
  const lasting = watch.current(75 * DAY)
  expect(lasting).toMatchObject({ kind: 'flow_never_stops', since: 40 * DAY, until: null })
  expect((lasting?.toldAt ?? 0) / DAY).toBeLessThanOrEqual(45)
  take(75, use[75] as number)
  expect(watch.current(76 * DAY)).toBeUndefined()
  expect(watch.closed).toHaveLength(1)
  expect(watch.closed[0]?.until).toBe(75 * DAY)
})
