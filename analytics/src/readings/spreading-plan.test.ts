import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CellLoad,
  largestK,
  NIGHT,
  planSpreading,
  reattach,
  reportSecond,
  type SpreadMeter,
  spreadForReattach,
  USUAL,
} from './spreading-plan.ts'

const meters = (count: number, step = 7): SpreadMeter[] =>
  Array.from({ length: count }, (_, i) => ({ device: 181_702_000_000 + i * step, x: (i * 37) % 120 }))
const quiet = (capacityPerMinute: number): CellLoad => ({ others: [], capacityPerMinute })

describe('the formula of the field', () => {
  test('meter 181702000027 with k = 2 and x = 20 s reports at 00:54:20', () => {
    expect(reportSecond(181_702_000_027, 20, USUAL)).toBe(54 * 60 + 20)
  })
  test('k = 2 spans 198 minutes, and 3 is the largest whole k of six hours', () => {
    expect(reportSecond(99, 0, USUAL)).toBe(198 * 60)
    expect(largestK(NIGHT.lengthS, 0)).toBe(3)
    expect(largestK(NIGHT.lengthS, 120)).toBe(3)
    expect(largestK(99 * 60, 0)).toBe(1)
    expect(largestK(98 * 60, 0)).toBe(0)
  })
})

describe('spreading a cell', () => {
  test('a crowd whose numbers end alike is cut into parts that each find a place', () => {
    const alike = meters(900, 100)
    const plan = planSpreading(alike, quiet(12))
    expect(plan.peakBefore).toBeGreaterThan(400)
    expect(plan.peakAfter).toBeLessThanOrEqual(12)
    expect(plan.overAfter).toBe(0)
    expect(plan.assignments.length).toBeGreaterThan(50)
  })

  test('what others send in a busy hour is avoided', () => {
    const others = Array.from({ length: 360 }, (_, m) => (m >= 30 && m < 150 ? 38 : 2))
    const plan = planSpreading(meters(2400), { others, capacityPerMinute: 40 })
    expect(plan.overBefore).toBeGreaterThan(60)
    expect(plan.overAfter).toBe(0)
    const moved = plan.after.slice(30, 150).reduce((sum, n, i) => sum + n - (others[30 + i] ?? 0), 0)
    expect(moved).toBe(0)
  })

  test('every meter is placed once, within the window, and the peak is never worse than leaving all as they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ device: fc.integer({ min: 1, max: 99_999_999 }), x: fc.nat(119) }), {
          minLength: 1,
          maxLength: 400,
        }),
        fc.array(fc.nat(30), { minLength: 360, maxLength: 360 }),
        fc.integer({ min: 5, max: 60 }),
        (list, others, capacityPerMinute) => {
          const unique = [...new Map(list.map((meter) => [meter.device, meter])).values()]
          const plan = planSpreading(unique, { others, capacityPerMinute })
          expect(plan.assignments.flatMap((a) => a.meters).sort()).toEqual(unique.map(({ device }) => device).sort())
          const sum = (curve: readonly number[]) => curve.reduce((a, b) => a + b, 0)
          expect(sum(plan.after) - sum(others)).toBe(unique.length)
          const x = new Map(unique.map((meter) => [meter.device, meter.x]))
          for (const { meters: group, spreading } of plan.assignments)
            for (const device of group) {
              const second = reportSecond(device, x.get(device) ?? 0, spreading) % 86_400
              expect(second).toBeLessThan(6 * 3600 + 120)
              expect(spreading.baseS).toBeGreaterThanOrEqual(0)
              expect(spreading.baseS).toBeLessThan(86_400)
            }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('ten thousand meters of a full city slot come down to what a cell takes', () => {
    const plan = planSpreading(meters(10_000, 1), quiet(40))
    expect(plan.peakAfter).toBeLessThanOrEqual(40)
    expect(plan.overAfter).toBe(0)
  })
})

describe('coming back after an outage', () => {
  test('all at once the cell chokes; spread over the planned minutes they are back sooner', () => {
    const storm = reattach(6000, 100, 0)
    const spreadMin = spreadForReattach(6000, 100)
    const calm = reattach(6000, 100, spreadMin)
    expect(storm.peakAttempts).toBeGreaterThan(5000)
    expect(calm.peakAttempts).toBeLessThanOrEqual(100)
    expect(calm.minutes).toBeLessThanOrEqual(spreadMin)
    expect(calm.minutes).toBeLessThan(storm.minutes)
  })

  test('nobody is lost or comes twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 5, max: 200 }),
        fc.nat(200),
        (n, capacity, spread) => {
          const { attached } = reattach(n, capacity, spread)
          for (let m = 1; m < attached.length; m++)
            expect(attached[m] ?? 0).toBeGreaterThanOrEqual((attached[m - 1] ?? 0) - 1e-9)
          expect(attached.at(-1) ?? 0).toBeLessThanOrEqual(n + 1e-6)
        },
      ),
      { numRuns: 40 },
    )
  })
})
