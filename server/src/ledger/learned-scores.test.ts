import { dayUse, explainGapOfSeries, type WeighedSuspicion } from '@gastwin/analytics'
import { heldTensors } from '@gastwin/analytics/theft'
import { beforeAll, describe, expect, test } from 'vitest'
import { KeptReadings } from './kept-readings.ts'
import { LearnedModels } from './learned-models.ts'
import { LearnedScores } from './learned-scores.ts'
import { scoringRun } from './scoring-run.ts'
import { liveTown } from './testing/lived-town.ts'

let found: readonly WeighedSuspicion[]
let models: LearnedModels
beforeAll(async () => {
  const town = liveTown({ seed: 5, days: 20, zones: 2, homes: 130 })
  const readings = new KeptReadings(town.network)
  for (const report of town.reports) readings.take(report, report.deviceTime + 1000)
  found = explainGapOfSeries(town.network, readings.series([0, 1])).suspicions
  models = new LearnedModels(null)
  await models.start()
}, 30_000)

const counts = { at: 7, tookMs: 3, lowFlowFindings: 2, newly: 1, noLonger: 0 }

describe('the learned models over a statement', () => {
  test('rank every meter that was read, and leave no tensor behind', () => {
    const held = heldTensors()
    expect(held).toBeGreaterThan(0)
    for (let i = 0; i < 3; i++) {
      const { active } = new LearnedScores(models.pair).score(found, dayUse(found, 1))
      expect(active.size).toBeGreaterThan(0.9 * found.length)
      expect(Math.max(...active.values())).toBe(1)
      expect(heldTensors()).toBe(held)
    }
  })

  test('say why a meter stands where it stands', () => {
    const ranks = new LearnedScores(models.pair).score(found, dayUse(found, 1))
    const [meter] = [...ranks.active].find(([, rank]) => rank === 1) ?? [-1]
    expect(ranks.explain(meter)?.reasons.length).toBeGreaterThan(0)
    expect(ranks.explain(-5)).toBeUndefined()
  })

  test('tell how far this town is from the one of the training', () => {
    const scores = new LearnedScores(models.pair)
    scores.score(found, dayUse(found, 1))
    const { drift, comparison, meters } = scoringRun(scores, models.pair, counts)
    expect(meters).toBe(drift?.meters)
    expect(drift?.largest[0]?.index).toBeGreaterThan(drift?.largest[1]?.index ?? 0)
    expect(drift?.message).toMatch(/of 58 features/)
    expect(comparison).toBeNull()
  })

  test('compare a shadow with the active one: a model beside itself changes nothing', () => {
    const { active } = models.pair
    const pair = { active, shadow: active }
    const scores = new LearnedScores(pair)
    const ranks = scores.score(found, dayUse(found, 1))
    expect(ranks.shadow).toEqual(ranks.active)
    expect(scoringRun(scores, pair, counts).comparison).toMatchObject({
      ...{ rank_correlation: expect.closeTo(1, 9), top_overlap: 1, newly_suspected: 1, no_longer_suspected: 0 },
    })
  })

  test('say nothing without a model, or of fewer than 14 days', () => {
    const none = new LearnedScores({ active: undefined, shadow: undefined })
    expect(none.score(found, dayUse(found, 1)).active.size).toBe(0)
    const panel = dayUse(found, 1)
    const days = 10
    const values = Float32Array.from({ length: panel.rows * days }, (_, i) => panel.values[i] ?? 0)
    const short = new LearnedScores(models.pair)
    expect(short.score(found, { ...panel, days, values }).active.size).toBe(0)
    expect(scoringRun(short, models.pair, counts).why).toMatch(/14 days/)
    expect(scoringRun(none, { active: undefined, shadow: undefined }, counts).why).toBeNull()
  })
})
