import { expect, test } from 'vitest'
import type { GapModel, LossComponent } from './gap-model.ts'
import { LossSampler } from './loss-sampler.ts'
import { SeededDraws } from './seeded-draws.ts'

const DAYS = 12
const SWEEPS = 4000
/** Doubt of a day, m³: a loss of 1 m³ a day is seen far beyond chance. */
const DAY_DOUBT = 0.05

const smooth = () => ({
  temperature_pressure: new Float64Array(DAYS),
  meter_bias: new Float64Array(DAYS),
  timing: new Float64Array(DAYS),
  unexplained: new Float64Array(DAYS),
})

/** Which losses existed in each sweep, of one zone that lacks these m³ on each day. */
function sample(missing: (day: number) => number, losses: readonly LossComponent[]): readonly string[] {
  const observed = Float64Array.from({ length: DAYS }, (_, day) => missing(day))
  const precision = new Float64Array(DAYS * DAYS)
  for (let day = 0; day < DAYS; day++) precision[day * DAYS + day] = 1 / DAY_DOUBT ** 2
  const model: GapModel = {
    ...{ zones: [], days: DAYS, size: DAYS, observed, losses },
    ...{ mean: smooth(), covariance: smooth() },
  }
  const sampler = new LossSampler(model, observed.slice(), precision, new SeededDraws(3))
  return Array.from({ length: SWEEPS }, () => {
    sampler.sweep()
    return losses.map((_, j) => ((sampler.factor[j] as number) > 0 ? 'x' : '-')).join('')
  })
}

const loss = (share: LossComponent['share'], probability: number, from: number): LossComponent => ({
  ...{ share, probability, zone: 0, meter: -1, mean: 1, deviation: 0.3 },
  pattern: Float64Array.from({ length: DAYS }, (_, day) => (day >= from ? 1 : 0)),
})
const part = (states: readonly string[], state: string) => states.filter((one) => one === state).length / SWEEPS

test('two losses that explain the same days take turns as their odds say, whichever is asked first', () => {
  const [leak, theft] = [loss('leak', 0.2, 5), loss('theft', 0.1, 5)]
  const missing = (day: number) => (day >= 5 ? 1 : 0)
  const odds = 0.2 / 0.8 / (0.1 / 0.9)
  for (const [states, leakOnly, theftOnly] of [
    [sample(missing, [leak, theft]), 'x-', '-x'],
    [sample(missing, [theft, leak]), '-x', 'x-'],
  ] as const) {
    expect(part(states, leakOnly) / part(states, theftOnly)).toBeGreaterThan(0.75 * odds)
    expect(part(states, leakOnly) / part(states, theftOnly)).toBeLessThan(1.33 * odds)
    expect(part(states, '--')).toBe(0)
  }
})

test('days decide between losses that begin apart, whatever their odds', () => {
  const states = sample((day) => (day >= 7 ? 1 : 0), [loss('leak', 0.9, 5), loss('theft', 0.01, 7)])
  expect(part(states, '-x')).toBeGreaterThan(0.99)
})

test('what cannot exist never does, and takes no turn with what does', () => {
  const states = sample((day) => (day >= 5 ? 1 : 0), [loss('leak', 0, 5), loss('theft', 0.1, 5)])
  expect(part(states, '-x')).toBe(1)
})
