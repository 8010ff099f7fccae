import {
  commonCourse,
  type DayPanel,
  disposeModel,
  FleetScan,
  type PeerCourse,
  scoreCourses,
  type TheftModel,
  unpackModel,
} from '@gastwin/analytics/theft'
import { inventCourses } from '../../../datasets/src/theft-scenarios/invent-courses.ts'
import { startModelEngine } from './model-engine.ts'
import { readModelFile } from './model-file.ts'

const DAYS = 35
const FLEET = 10_000_000
/** Rows of a piece of the fleet: a multiple of what the scan works on at once. */
const PIECE = 65_536
const TOWN = 20_000
const SCAN = { networkShare: 0.02, most: 10_000 }

/**
 * Nightly scan: trees for every meter, networks for the most suspicious 2 %; and the full score of every meter, for
 * comparison. The fleet is invented piece by piece, outside the time that is measured, so that any number of rows
 * (`--rows 10000000`) fits into memory. One thread; reading the courses from the store is not in the figures.
 */
export async function run(options: {
  readonly rows?: string
  readonly model?: string
}): Promise<Record<string, number | string>> {
  const rows = Number(options.rows ?? 200_000)
  const { shown } = inventCourses({ customers: TOWN, days: DAYS, thieves: 0.01, seed: 4 })
  const town: DayPanel = { rows: TOWN, days: DAYS, values: shown, firstWeekday: 4 }
  const peers = commonCourse(town)
  const engine = await startModelEngine('scoring')
  const file = options.model ?? new URL('../../models/theft-default-35.model', import.meta.url)
  const model = unpackModel((await readModelFile(file)).model)
  if (typeof model === 'string') throw new Error(model)
  new FleetScan(model, peers, SCAN).add(town)

  const scan = scanFleet(model, peers, town, rows)
  const full = stopwatch()
  full.run(() => scoreCourses(model, town, { peers }))
  disposeModel(model)
  return {
    engine,
    rows,
    features_of_the_model: model.facts.features.length,
    scan_processor_s: scan.processorSeconds,
    scan_wall_s: scan.wallSeconds,
    scan_rows_per_processor_s: rows / scan.processorSeconds,
    scan_rows_per_wall_s: rows / scan.wallSeconds,
    full_score_rows_per_processor_s: TOWN / full.processorSeconds,
    [rows === FLEET ? 'minutes_of_processor_for_10_million' : 'minutes_of_processor_for_10_million_by_proportion']:
      ((scan.processorSeconds / rows) * FLEET) / 60,
    peak_memory_mb: process.resourceUsage().maxRSS / 1024,
  }
}

/** Scans so many rows; what is measured is the scan alone. */
function scanFleet(model: TheftModel, peers: PeerCourse, town: DayPanel, rows: number): Stopwatch {
  const watch = stopwatch()
  const scan = new FleetScan(model, peers, SCAN)
  const values = new Float32Array(PIECE * DAYS)
  for (let from = 0; from < rows; from += PIECE) {
    const count = Math.min(PIECE, rows - from)
    inventPiece(town.values, values, from)
    watch.run(() => scan.add({ ...town, rows: count, values: values.subarray(0, count * DAYS) }))
  }
  watch.run(() => scan.suspects())
  return watch
}

/** Courses of the town once more, each at a level of its own and with other days: no two rows of the fleet are alike. */
function inventPiece(town: Float32Array, out: Float32Array, from: number): void {
  let state = Math.imul(from + 1, 0x9e3779b1) | 1
  const uniform = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  for (let row = 0; row < PIECE; row++) {
    const level = 0.5 + uniform()
    const like = ((from + row) % TOWN) * DAYS
    for (let d = 0; d < DAYS; d++) out[row * DAYS + d] = (town[like + d] as number) * level * (0.9 + 0.2 * uniform())
  }
}

interface Stopwatch {
  readonly processorSeconds: number
  readonly wallSeconds: number
  run(work: () => void): void
}

/** On a machine that others use too the processor's time is what the work costs; alone both are the same. */
function stopwatch(): Stopwatch {
  let processor = 0
  let wall = 0
  return {
    get processorSeconds() {
      return processor / 1e6
    },
    get wallSeconds() {
      return wall / 1000
    },
    run: (work) => {
      const before = process.cpuUsage()
      const begun = performance.now()
      work()
      const { user, system } = process.cpuUsage(before)
      processor += user + system
      wall += performance.now() - begun
    },
  }
}
