import type { DayPanel } from './day-panel.ts'
import type { PeerCourse } from './peer-course.ts'
import { scoreCourses, type TheftModel } from './theft-model.ts'

/** The most suspicious rows of a fleet. */
export interface FleetSuspects {
  /** Rows of the fleet, the most suspicious first, and their scores. */
  readonly rows: Int32Array
  readonly scores: Float64Array
}

/** Rows that are worked on at once: their features fit into the processor's cache. */
const CHUNK = 16_384

/**
 * Nightly scan: the trees look at every meter, the networks at the most suspicious share of each chunk, and the `most`
 * highest scores are kept.
 * @param peers  common course, read off the fleet or a sample of it beforehand
 */
export function scanFleet(
  model: TheftModel,
  panel: DayPanel,
  peers: PeerCourse,
  { networkShare, most }: { readonly networkShare: number; readonly most: number },
): FleetSuspects {
  const scores = new Float64Array(panel.rows)
  for (let from = 0; from < panel.rows; from += CHUNK) {
    const rows = Math.min(CHUNK, panel.rows - from)
    const values = panel.values.subarray(from * panel.days, (from + rows) * panel.days)
    scores.set(scoreCourses(model, { ...panel, rows, values }, { peers, networkShare }), from)
  }
  const bound = panel.rows > most ? (scores.toSorted()[panel.rows - most] as number) : Number.NEGATIVE_INFINITY
  const rows = Int32Array.from(scores, (_, row) => row)
    .filter((row) => (scores[row] as number) >= bound)
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    .subarray(0, most)
  return { rows, scores: Float64Array.from(rows, (row) => scores[row] as number) }
}
