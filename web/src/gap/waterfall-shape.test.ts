import { GAP_SHARE_NAMES } from '@gastwin/server/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addsUp, roundTicks, type Shares, waterfallOf } from './waterfall-shape.ts'

const at = (p05: number, p50: number, p95: number) => ({ p05, p50, p95 })
const EXAMPLE: Shares = {
  leak: at(300, 420, 560),
  theft: at(90, 210, 340),
  meter_bias: at(120, 180, 250),
  temperature_pressure: at(40, 60, 80),
  timing: at(-60, -45, -30),
  unread: at(10, 25, 40),
  unexplained: at(-160, -50, 70),
}

const anyShares = fc
  .array(fc.tuple(fc.integer({ min: -5000, max: 9000 }), fc.nat(800), fc.nat(800)), { minLength: 7, maxLength: 7 })
  .map((rows) => {
    const shares = rows.map(([p50, below, above]) => at(p50 - below, p50, p50 + above))
    return Object.fromEntries(GAP_SHARE_NAMES.map((name, i) => [name, shares[i]])) as unknown as Shares
  })

describe('the waterfall', () => {
  test('ends at the sum of its shares, which is the gap', () => {
    const { bars, sum } = waterfallOf(EXAMPLE, 300)
    expect(sum).toBe(800)
    expect(bars.at(-1)?.to).toBe(sum)
    expect(addsUp(sum, 800)).toBe(true)
    expect(addsUp(sum, 812)).toBe(false)
  })

  test('each bar begins where the one before it ended', () => {
    fc.assert(
      fc.property(anyShares, (shares) => {
        const { bars, sum } = waterfallOf(shares, 300)
        let end = 0
        for (const bar of bars) {
          expect(bar.from).toBe(end)
          end = bar.to
        }
        expect(end).toBe(sum)
      }),
    )
  })

  test('a negative share leads back: its bar lies left of where it began and is as long as its value', () => {
    const { bars, x } = waterfallOf(EXAMPLE, 300)
    const timing = bars.find(({ name }) => name === 'timing')
    expect(timing?.right).toBeCloseTo(x(870))
    expect(timing?.left).toBeCloseTo(x(825))
    const unexplained = bars.find(({ name }) => name === 'unexplained')
    expect((unexplained?.right ?? 0) - (unexplained?.left ?? 0)).toBeCloseTo(x(50) - x(0))
  })

  test('whiskers have the scale of the bars, on both sides of the end of their bar', () => {
    fc.assert(
      fc.property(anyShares, fc.integer({ min: 80, max: 900 }), (shares, width) => {
        const { bars, x } = waterfallOf(shares, width)
        const perUnit = x(1) - x(0)
        for (const { low, high, to, p05, p95, value } of bars) {
          expect(high - low).toBeCloseTo((p95 - p05) * perUnit, 6)
          expect(x(to) - low).toBeCloseTo((value - p05) * perUnit, 6)
          expect(high - x(to)).toBeCloseTo((p95 - value) * perUnit, 6)
        }
      }),
    )
  })

  test('nothing leaves its width, whiskers included', () => {
    fc.assert(
      fc.property(anyShares, (shares) => {
        const { bars, total, zero, ticks } = waterfallOf(shares, 300)
        const places = [zero, total.left, total.right, ...ticks.map((t) => t.x)]
        for (const p of [...places, ...bars.flatMap((b) => [b.left, b.right, b.low, b.high])]) {
          expect(p).toBeGreaterThanOrEqual(-1e-6)
          expect(p).toBeLessThanOrEqual(300 + 1e-6)
        }
      }),
    )
  })

  test('a zone in which nothing is missing still has an axis', () => {
    const nothing = Object.fromEntries(GAP_SHARE_NAMES.map((name) => [name, at(0, 0, 0)])) as unknown as Shares
    const { bars, sum, zero } = waterfallOf(nothing, 300)
    expect(sum).toBe(0)
    expect([zero, ...bars.map((b) => b.left)].every(Number.isFinite)).toBe(true)
  })
})

test('ticks are round, few, and hold zero when it is between', () => {
  expect(roundTicks(-160, 900, 5)).toEqual([0, 500])
  expect(roundTicks(-160, 900, 6)).toEqual([0, 200, 400, 600, 800])
  expect(roundTicks(0, 0.07, 4)).toEqual([0, 0.02, 0.04, 0.06])
  expect(roundTicks(5, 5, 4)).toEqual([5])
})
