import { expect, test } from 'vitest'
import { inventCourses } from '../../../datasets/src/theft-scenarios/invent-courses.ts'
import { readyTraining } from '../models/backend.ts'
import { commonCourse } from './peer-course.ts'
import { FleetScan } from './scan-fleet.ts'
import { scoreCourses } from './theft-model.ts'
import { THEFT_TRAINING, trainOnLabels } from './train-theft-model.ts'

const DAYS = 14
const PIECE = 16_384
const town = inventCourses({ customers: 500, days: DAYS, thieves: 0.1, seed: 3 })
const small = { rows: 500, days: DAYS, values: town.shown, firstWeekday: 4 }
const options = { networkShare: 0, most: 600 }

/** A fleet of a piece and a third whose courses differ by level, so that few scores are equal. */
function fleet() {
  const rows = Math.floor(1.3 * PIECE)
  const values = Float32Array.from(
    { length: rows * DAYS },
    (_, i) => (small.values[i % small.values.length] as number) * (1 + Math.floor(i / DAYS) / rows),
  )
  return { rows, days: DAYS, values, firstWeekday: 4 }
}

test('a fleet that comes piece by piece gives the suspects of the whole, the highest scores of all its rows', async () => {
  await readyTraining()
  const trees = { ...THEFT_TRAINING.trees, trees: 10 }
  const model = trainOnLabels(small, town.labels, { ...THEFT_TRAINING, networks: 0, trees })
  const panel = fleet()
  const peers = commonCourse(small)
  const all = new FleetScan(model, peers, options)
  all.add(panel)
  const whole = all.suspects()
  const scan = new FleetScan(model, peers, options)
  const scores: number[] = []
  for (let from = 0; from < panel.rows; from += PIECE) {
    const rows = Math.min(PIECE, panel.rows - from)
    const piece = { ...panel, rows, values: panel.values.slice(from * DAYS, (from + rows) * DAYS) }
    scan.add(piece)
    scores.push(...scoreCourses(model, piece, { peers }))
  }
  expect(scan.suspects()).toEqual(whole)
  const order = [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  expect([...whole.rows]).toEqual(order.slice(0, options.most))
  expect(new Set(whole.scores).size).toBeGreaterThan(3)
})

test('fewer rows than wanted are all given, in the order of their scores', async () => {
  await readyTraining()
  const trees = { ...THEFT_TRAINING.trees, trees: 10 }
  const model = trainOnLabels(small, town.labels, { ...THEFT_TRAINING, networks: 0, trees })
  const scan = new FleetScan(model, commonCourse(small), { networkShare: 0, most: 1000 })
  scan.add(small)
  const { rows, scores } = scan.suspects()
  expect(new Set(rows).size).toBe(500)
  for (let i = 1; i < scores.length; i++) expect(scores[i]).toBeLessThanOrEqual(scores[i - 1] as number)
})
