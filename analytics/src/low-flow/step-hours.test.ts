import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leastFlow } from './block.ts'
import { JOINED, StepHours, spanShape, stepFloor, UNKNOWN } from './step-hours.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

function copied(hours: StepHours, from: number, length: number): number[] {
  const into = new Uint8Array(length)
  hours.copy(from, into)
  return [...into]
}

describe('the hours of a coarse register', () => {
  test('are counted from the first reading, whatever the minute and though readings come a little early or late', () => {
    const hours = new StepHours(24)
    const at = [0, 1, 2, 3, 4, 5].map((h, i) => h * HOUR + 30 * MINUTE + (i % 2 === 0 ? 0 : 9 * MINUTE))
    for (let i = 1; i < at.length; i++) hours.add(at[i - 1] ?? 0, at[i] ?? 0, i)
    expect(copied(hours, 0, 6)).toEqual([1, 2, 3, 4, 5, UNKNOWN])
  })

  test('that lie between two readings are taken together, and none is made up for a long gap or a fault', () => {
    const hours = new StepHours(48)
    hours.add(0, HOUR, 1)
    hours.add(HOUR, 5 * HOUR, 3)
    hours.add(5 * HOUR, 6 * HOUR, Number.NaN)
    hours.add(6 * HOUR, 20 * HOUR, 9)
    expect(hours.add(20 * HOUR, 21 * HOUR, 2)).toBe(21)
    expect(copied(hours, 0, 8)).toEqual([1, JOINED, JOINED, JOINED, 3, UNKNOWN, UNKNOWN, UNKNOWN])
    expect(copied(hours, 19, 2)).toEqual([UNKNOWN, 2])
    // What was used before the span is not counted in it.
    expect(copied(hours, 3, 3)).toEqual([UNKNOWN, UNKNOWN, UNKNOWN])
  })

  test('keep every step of readings that come faster than by the hour', () => {
    const hours = new StepHours(24)
    for (let i = 0; i < 16; i++) hours.add(i * 15 * MINUTE, (i + 1) * 15 * MINUTE, 1)
    expect(copied(hours, 0, 4).reduce((a, b) => a + b, 0)).toBe(14)
    expect(copied(hours, 0, 4)).not.toContain(UNKNOWN)
  })

  test('are forgotten when they are too old or told to be', () => {
    const hours = new StepHours(5)
    for (let h = 0; h < 8; h++) hours.add(h * HOUR, (h + 1) * HOUR, h)
    expect(copied(hours, 2, 6)).toEqual([UNKNOWN, 3, 4, 5, 6, 7])
    hours.forget(0, 5)
    expect(copied(hours, 3, 5)).toEqual([UNKNOWN, UNKNOWN, 5, 6, 7])
  })
})

test('the floor of a span is that of its readings, and no smaller than a constant flow in it', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (use, phase) => {
      const floor = stepFloor(Uint8Array.from(use), 0, use.length)
      expect(floor).toBeCloseTo(
        leastFlow(
          use,
          use.map(() => 1),
          1,
        ),
        9,
      )
      const flow = 0.3
      const leaky = use.map((n, h) => n + Math.floor(phase + flow * (h + 1)) - Math.floor(phase + flow * h))
      expect(stepFloor(Uint8Array.from(leaky), 0, use.length)).toBeGreaterThanOrEqual(flow - 1e-9)
    }),
  )
})

test('a span with too little known has no shape; hours taken together make its floor larger, never its volume', () => {
  const known = new Uint8Array(40).fill(1)
  expect(spanShape(known)?.steps).toBeCloseTo(Math.log(41), 9)
  expect(spanShape(known.map((n, h) => (h < 7 ? UNKNOWN : n)))).toBeUndefined()
  const resting = known.map((n, h) => (h < 8 ? 0 : n))
  const joined = resting.map((n, h) => (h < 7 ? JOINED : h === 7 ? 4 : n))
  expect(spanShape(joined)?.floor ?? 0).toBeGreaterThan(spanShape(resting)?.floor ?? 0)
  expect(spanShape(joined)?.steps).toBeCloseTo(Math.log(37), 9)
})
