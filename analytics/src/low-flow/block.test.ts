import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BlockCutter, leastFlow } from './block.ts'
import { RegisterWalk, registerStep } from './register-walk.ts'

const HOUR = 3_600_000

describe('the largest constant flow a register allows', () => {
  test('is never below a constant flow that is in it, whatever else is used and however coarse the steps', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 2, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 10 }),
        fc.constantFrom(0.001, 0.01, 0.1),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (flow, uses, step, phase) => {
          let volume = phase * step
          let shown = 0
          const advances = uses.map((use) => {
            volume += flow + use
            const now = Math.floor(volume / step) * step
            const advance = now - shown
            shown = now
            return advance
          })
          expect(
            leastFlow(
              advances,
              advances.map(() => 1),
              step,
            ),
          ).toBeGreaterThanOrEqual(flow * (1 - 1e-9))
        },
      ),
    )
  })
  test('is one step over the longest rest', () => {
    expect(leastFlow([0.3, 0, 0, 0, 0.2], [1, 1, 1, 1, 1], 0.1)).toBeCloseTo(0.1 / 3, 9)
  })
})

test('nights begin at 22 local, and a block with too few known hours is left out', () => {
  const cutter = new BlockCutter('hourly', 0.001)
  const start = Date.UTC(2026, 0, 5, 4)
  const blocks = Array.from({ length: 48 }, (_, i) => {
    const unknown = i >= 26 && i < 31 ? Number.NaN : 0.01
    return cutter.add(start + i * HOUR, start + (i + 1) * HOUR, unknown, 8 * HOUR)
  }).filter((block) => block !== undefined)
  expect(blocks.map(({ part }) => part)).toEqual([2, 0, 1, 0])
  expect(blocks[1]?.from).toBe(Date.UTC(2026, 0, 5, 14))
})

test('a register that runs backwards or jumps tells nothing; one that turns over advanced', () => {
  const walk = new RegisterWalk({ stepM3: 0.1, mostM3H: 10, turnsM3: 1000 })
  const advances = [999.8, 0.1, 0.1, 50, 49, 49.2].map((value, i) => walk.next(i * HOUR, value))
  expect(advances.map((one) => one?.fault)).toEqual([undefined, 'none', 'none', 'jump', 'backwards', 'none'])
  expect(advances[1]?.advanceM3).toBeCloseTo(0.3, 9)
  expect(walk.next(2 * HOUR, 60)).toBeUndefined()
})

test('the step of a register shows in its advances', () => {
  const of = (step: number) =>
    registerStep(Array.from({ length: 60 }, (_, i) => Math.floor((i * i * 0.013) / step) * step))
  for (const step of [0.1, 0.01, 0.001, 0.0283168]) expect(of(step)).toBeCloseTo(step, 9)
})
