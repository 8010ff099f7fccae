import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../datasets/src/seeded-random.ts'
import type { LowFlowFinding } from './finding.ts'
import { SPAN_H, spanRise } from './span-rise.ts'
import { SpanWatch } from './span-watch.ts'
import { StepHours } from './step-hours.ts'

const HOUR = 3_600_000
const STEP = 0.1
const DAYS = 30

/** Use of each hour of a home that rests at night, m³; busier by a factor on the last days. */
function homeUse(seed: number, busy = 1, busyDays = 0): Float64Array {
  const random = new SeededRandom(seed, 71)
  return Float64Array.from({ length: DAYS * 24 }, (_, hour) => {
    const awake = hour % 24 >= 7 && hour % 24 < 22
    const used = awake && random.chance(0.25) ? -0.06 * Math.log(random.next()) : 0
    return hour >= (DAYS - busyDays) * 24 ? used * busy : used
  })
}

/** @param leakFrom hour from which a constant flow is added, m³/h */
function registerOf(
  use: Float64Array,
  flowM3H = 0,
  leakFrom = Number.POSITIVE_INFINITY,
  leakTo = use.length,
): number[] {
  let true3 = 0.03
  return Array.from(use, (used, hour) => {
    const before = Math.floor(true3 / STEP)
    true3 += used + (hour >= leakFrom && hour < leakTo ? flowM3H : 0)
    return Math.floor(true3 / STEP) - before
  })
}

function risen(steps: readonly number[], gapFrom = -1) {
  const hours = new StepHours(2 * DAYS * 24)
  let held = 0
  let from = 0
  let end = 0
  steps.forEach((count, h) => {
    held += count
    if (h >= gapFrom && h < gapFrom + 7) return
    end = hours.add(from * HOUR, (h + 1) * HOUR, held)
    from = h + 1
    held = 0
  })
  return spanRise(hours, end)
}

describe('a constant flow in the last 40 hours of a register that counts steps of 0.1 m³', () => {
  const last = DAYS * 24 - SPAN_H
  test.each([0.03, 0.05, 0.1])('of %f m³/h is told at nine of ten homes, within its interval', (flow) => {
    let [told, inside] = [0, 0]
    for (let seed = 0; seed < 40; seed++) {
      const rise = risen(registerOf(homeUse(seed), flow, last))
      if (rise === undefined) continue
      told += 1
      if (rise.flow.p05 * STEP <= flow && flow <= rise.flow.p95 * STEP) inside += 1
      expect(rise.flow.p05 <= rise.flow.p50 && rise.flow.p50 <= rise.flow.p95).toBe(true)
    }
    expect(told).toBeGreaterThanOrEqual(36)
    expect(inside / told).toBeGreaterThan(0.8)
  })

  test('is not told of usual days, of visitors, or of readings that are missing for a night', () => {
    for (let seed = 0; seed < 40; seed++) {
      expect(risen(registerOf(homeUse(seed)))).toBeUndefined()
      expect(risen(registerOf(homeUse(seed, 3, 3)))).toBeUndefined()
      expect(risen(registerOf(homeUse(seed)), DAYS * 24 - 10)).toBeUndefined()
    }
  })

  test('is told though readings are missing, and needs two weeks of other days', () => {
    let told = 0
    for (let seed = 0; seed < 20; seed++)
      if (risen(registerOf(homeUse(seed), 0.05, last), DAYS * 24 - 20) !== undefined) told += 1
    expect(told).toBeGreaterThanOrEqual(18)
    const short = registerOf(homeUse(1), 0.1, last)
    expect(risen(short)).toBeDefined()
    expect(risen(short.slice(-14 * 24))).toBeUndefined()
  })
})

test('the watch tells a flow once within two days, closes it in the day after its end, and does not learn it', () => {
  const watch = new SpanWatch({ stepM3: STEP })
  const [from, to] = [20 * 24 + 5, 26 * 24 + 5]
  const steps = registerOf(homeUse(5), 0.06, from, to)
  const lasting: LowFlowFinding[] = []
  steps.forEach((count, h) => {
    watch.take({ from: h * HOUR, to: (h + 1) * HOUR, advanceM3: count * STEP, fault: 'none' }, 0)
    const open = watch.current((h + 1) * HOUR)
    if (open !== undefined) lasting.push(open)
  })
  expect(new Set(lasting.map((one) => one.toldAt)).size).toBe(1)
  const [over] = watch.closed
  expect(watch.closed).toHaveLength(1)
  expect(over?.kind).toBe('leak_behind_meter')
  expect(over?.toldAt).toBeGreaterThan((from + 24) * HOUR)
  expect(over?.toldAt).toBeLessThanOrEqual((from + 48) * HOUR)
  expect(over?.until).toBeGreaterThan(to * HOUR)
  expect(over?.until).toBeLessThanOrEqual((to + 32) * HOUR)
  expect(over?.flowM3H?.p05).toBeLessThan(0.06)
  expect(over?.flowM3H?.p95).toBeGreaterThan(0.06)
})
