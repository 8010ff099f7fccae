import { memory } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { inventCourses } from '../../../datasets/src/theft-scenarios/invent-courses.ts'
import { readyTraining } from '../models/backend.ts'
import { decodeModel, encodeModel } from '../models/model-container.ts'
import { seededRandom, shuffledOrder } from '../models/seeded-random.ts'
import { averagedTrees, growTrees } from './boosted-trees.ts'
import { COURSE_FEATURES, FEATURE_COLUMN } from './course-features.table.ts'
import { courseFeatures, FEATURES, firstColumns } from './course-features.ts'
import { type DayPanel, pickRows } from './day-panel.ts'
import { explainSuspicion } from './explain-suspicion.ts'
import { binned, fitBins } from './feature-bins.ts'
import { treeOdds } from './forest-odds.ts'
import { commonCourse } from './peer-course.ts'
import { rankingScores, rankRows } from './ranking-scores.ts'
import { scoreDrift, scoreReference } from './score-drift.ts'
import { disposeModel, packModel, scoreCourses, unpackModel } from './theft-model.ts'
import { THEFT_TRAINING, trainOnInjectedAttacks, trainOnLabels } from './train-theft-model.ts'

const QUICK = {
  ...THEFT_TRAINING,
  networks: 1,
  forests: 1,
  trees: { ...THEFT_TRAINING.trees, trees: 40 },
  network: { ...THEFT_TRAINING.network, epochs: 2, batch: 64 },
}

function panelOf(
  customers: number,
  days: number,
  seed: number,
  thieves = 0.15,
): { panel: DayPanel; labels: Uint8Array } {
  const { shown, labels } = inventCourses({ customers, days, thieves, seed })
  return { panel: { rows: customers, days, values: shown, firstWeekday: 4 }, labels }
}

describe('a model of theft', () => {
  beforeAll(() => readyTraining())

  test('is the same for the same seed, another for another, and leaves no tensor behind', () => {
    const { panel, labels } = panelOf(300, 35, 1)
    const before = memory().numTensors
    const scores = [1, 1, 2].map((seed) => {
      const model = trainOnLabels(panel, labels, { ...QUICK, seed })
      const said = scoreCourses(model, panel)
      disposeModel(model)
      return said
    })
    expect(scores[1]).toEqual(scores[0])
    expect(scores[2]).not.toEqual(scores[0])
    expect(memory().numTensors).toBe(before)
  })

  test('gives every customer the same score wherever its row stands', () => {
    const { panel, labels } = panelOf(400, 40, 2)
    const model = trainOnLabels(panel, labels, QUICK)
    const order = shuffledOrder(panel.rows, seededRandom(3))
    const straight = scoreCourses(model, panel)
    const shuffled = scoreCourses(model, pickRows(panel, order))
    for (const [i, row] of order.entries()) expect(shuffled[i]).toBeCloseTo(straight[row] as number, 6)
    disposeModel(model)
  })

  test('comes back from its bytes with the same word', () => {
    const { panel, labels } = panelOf(200, 21, 3)
    const model = trainOnLabels(panel, labels, QUICK)
    const container = decodeModel(encodeModel(packModel(model)))
    const again = typeof container === 'string' ? container : unpackModel(container)
    if (typeof again === 'string') throw new Error(again)
    const said = scoreCourses(model, panel)
    for (const [row, score] of scoreCourses(again, panel).entries()) expect(score).toBeCloseTo(said[row] as number, 6)
    disposeModel(model)
    disposeModel(again)
    const packed = packModel(trainOnLabels(panel, labels, { ...QUICK, networks: 0 }))
    expect(unpackModel({ ...packed, facts: { ...packed.facts, schema: 'other/1' } })).toContain('other/1')
    expect(unpackModel({ ...packed, facts: { ...packed.facts, features: ['x'] } })).toContain('train it again')
  })

  test('averages its forests: three say the mean of what each says', () => {
    const { panel, labels } = panelOf(300, 28, 6)
    const features = courseFeatures(panel, commonCourse(panel))
    const bins = binned(fitBins(features), features)
    const forests = [1, 2, 3].map((seed) => growTrees(bins, FEATURES, labels, QUICK.trees, seededRandom(seed)))
    const each = forests.map((forest) => treeOdds(forest, bins, FEATURES))
    for (const [row, odds] of treeOdds(averagedTrees(forests), bins, FEATURES).entries())
      expect(odds).toBeCloseTo(each.reduce((sum, one) => sum + (one[row] as number), 0) / 3, 5)
  })

  test('of fewer features, that stand first in the table, still speaks as it did, explains itself and knows its drift', () => {
    const { panel, labels } = panelOf(300, 28, 7)
    const peers = commonCourse(panel)
    const columns = FEATURE_COLUMN.zeros_shared + 1
    const features = courseFeatures(panel, peers)
    const first = firstColumns(features, columns)
    const bins = fitBins(first, columns)
    const trees = growTrees(binned(bins, first), columns, labels, QUICK.trees, seededRandom(1))
    const today = trainOnLabels(panel, labels, { ...QUICK, networks: 0 })
    const facts = { ...today.facts, features: COURSE_FEATURES.slice(0, columns) }
    const container = decodeModel(encodeModel(packModel({ facts, bins, trees, networks: [] })))
    const old = typeof container === 'string' ? container : unpackModel(container)
    if (typeof old === 'string') throw new Error(old)
    const odds = treeOdds(trees, binned(bins, first), columns)
    const scores = scoreCourses(old, panel)
    for (const [row, score] of scores.entries())
      expect(score).toBeCloseTo(1 / (1 + Math.exp(-(odds[row] as number))), 5)
    const top = odds.indexOf(Math.max(...odds))
    expect(explainSuspicion(old, panel, peers, top).reasons.length).toBeGreaterThan(0)
    const reference = scoreReference(first, scores, columns)
    expect(scoreDrift(reference, features, scores).features).toHaveLength(columns)
  })

  test('trained on injected attacks finds thieves that act in other ways, also in courses of years', () => {
    for (const days of [60, 800]) {
      const honest = panelOf(400, days, 11, 0)
      const model = trainOnInjectedAttacks(honest.panel, QUICK)
      const town = panelOf(400, days, 12)
      const scores = scoreCourses(model, town.panel)
      const { rocAuc } = rankingScores(
        rankRows(
          scores,
          town.labels.map((_, i) => i % 251),
        ),
        town.labels,
      )
      expect(rocAuc, `${days} days`).toBeGreaterThan(0.65)
      for (const score of scores) expect(score > 0 && score < 1).toBe(true)
      disposeModel(model)
    }
  }, 300_000)

  test('with networks for the suspicious only keeps the order of the top', () => {
    const { panel, labels } = panelOf(500, 35, 4)
    const model = trainOnLabels(panel, labels, QUICK)
    const all = scoreCourses(model, panel)
    const few = scoreCourses(model, panel, { networkShare: 0.3 })
    const top = [...few.keys()].sort((a, b) => (few[b] as number) - (few[a] as number)).slice(0, 20)
    for (const row of top) expect(few[row]).toBeCloseTo(all[row] as number, 6)
    disposeModel(model)
  })

  test('scores rows without values, with nothing but zeros, and single rows', () => {
    const { panel, labels } = panelOf(200, 30, 5)
    const model = trainOnLabels(panel, labels, QUICK)
    const odd = pickRows(panel, [0, 1, 2])
    odd.values.fill(Number.NaN, 0, 30)
    odd.values.fill(0, 30, 60)
    const scores = scoreCourses(model, odd)
    for (const score of scores) expect(Number.isFinite(score)).toBe(true)
    expect(scores[0]).toBe(Math.min(...scores))
    expect(Number.isFinite(scoreCourses(model, pickRows(panel, [3]))[0])).toBe(true)
    disposeModel(model)
  })
})
