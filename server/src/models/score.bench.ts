import {
  commonCourse,
  type DayPanel,
  disposeModel,
  scanFleet,
  scoreCourses,
  unpackModel,
} from '@gastwin/analytics/theft'
import { inventCourses } from '../../../datasets/src/theft-scenarios/invent-courses.ts'
import { startModelEngine } from './model-engine.ts'
import { readModelFile } from './model-file.ts'

const DAYS = 35
const FLEET = 10_000_000

/**
 * Nightly scan: trees for every meter, networks for the most suspicious 2 %; and the full score of every meter, for
 * comparison. One process on one core; the extrapolation to ten million meters is by proportion, and for two processes
 * only where the machine has two free cores. Scoring is measured in memory, without reading the courses from the store.
 */
export async function run(options: { readonly rows?: string }): Promise<Record<string, number | string>> {
  const rows = Number(options.rows ?? 200_000)
  const invented = inventCourses({ customers: Math.min(rows, 20_000), days: DAYS, thieves: 0.01, seed: 4 })
  const values = new Float32Array(rows * DAYS)
  for (let at = 0; at < values.length; at += invented.shown.length)
    values.set(invented.shown.subarray(0, Math.min(invented.shown.length, values.length - at)), at)
  const panel: DayPanel = { rows, days: DAYS, values, firstWeekday: 4 }
  const backend = await startModelEngine('scoring')
  const { model: container } = await readModelFile(new URL('../../models/theft-default-35.model', import.meta.url))
  const model = unpackModel(container)
  if (typeof model === 'string') throw new Error(model)
  const peers = commonCourse({ ...panel, rows: Math.min(rows, 20_000) })
  const some = { ...panel, rows: Math.min(rows, 20_000), values: values.subarray(0, Math.min(rows, 20_000) * DAYS) }
  scanFleet(model, some, peers, { networkShare: 0.02, most: 100 })

  const begun = performance.now()
  const scanSeconds = seconds(() => scanFleet(model, panel, peers, { networkShare: 0.02, most: 10_000 }))
  const wallSeconds = (performance.now() - begun) / 1000
  const fullSeconds = seconds(() => scoreCourses(model, some, { peers }))
  disposeModel(model)
  const perSecond = rows / scanSeconds
  return {
    engine: backend,
    rows,
    scan_rows_per_s: perSecond,
    scan_rows_per_s_by_the_wall_clock: rows / wallSeconds,
    full_score_rows_per_s: some.rows / fullSeconds,
    minutes_for_10_million_one_process: FLEET / perSecond / 60,
    minutes_for_10_million_two_processes: FLEET / perSecond / 120,
  }
}

function seconds(work: () => void): number {
  const begun = process.cpuUsage()
  const wall = performance.now()
  work()
  const { user, system } = process.cpuUsage(begun)
  // On a machine that others use too the processor's time is what the work costs; alone both are the same.
  return Math.min((performance.now() - wall) / 1000, (user + system) / 1e6)
}
