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
 * highest scores are kept. The fleet may come piece by piece: what has been looked at is not held.
 */
export class FleetScan {
  readonly #model: TheftModel
  readonly #peers: PeerCourse
  readonly #networkShare: number
  readonly #most: number
  /** Candidates: the `most` highest so far and what was added since they were last cut. */
  readonly #rows: Int32Array
  readonly #scores: Float64Array
  #candidates = 0
  #bound = Number.NEGATIVE_INFINITY
  #seen = 0

  /** @param peers common course, read off the fleet or a sample of it beforehand */
  constructor(
    model: TheftModel,
    peers: PeerCourse,
    { networkShare, most }: { readonly networkShare: number; readonly most: number },
  ) {
    this.#model = model
    this.#peers = peers
    this.#networkShare = networkShare
    this.#most = most
    this.#rows = new Int32Array(most + CHUNK)
    this.#scores = new Float64Array(most + CHUNK)
  }

  /** Looks at the next rows of the fleet; pieces of a multiple of 16 384 rows give what the whole would. */
  add(panel: DayPanel): void {
    for (let from = 0; from < panel.rows; from += CHUNK) {
      const rows = Math.min(CHUNK, panel.rows - from)
      const values = panel.values.subarray(from * panel.days, (from + rows) * panel.days)
      const scores = scoreCourses(
        this.#model,
        { ...panel, rows, values },
        { peers: this.#peers, networkShare: this.#networkShare },
      )
      if (this.#candidates + rows > this.#rows.length) this.#cut()
      for (let i = 0; i < rows; i++) {
        const score = scores[i] as number
        // Of equal scores the first row is kept, as if all were put in order at the end.
        if (score <= this.#bound) continue
        this.#rows[this.#candidates] = this.#seen + i
        this.#scores[this.#candidates++] = score
      }
      this.#seen += rows
    }
  }

  /** The highest scores so far. */
  suspects(): FleetSuspects {
    this.#cut()
    return {
      rows: this.#rows.slice(0, this.#candidates),
      scores: this.#scores.slice(0, this.#candidates),
    }
  }

  #cut(): void {
    const rows = this.#rows.slice(0, this.#candidates)
    const scores = this.#scores.slice(0, this.#candidates)
    const order = Int32Array.from(rows.keys()).sort(
      (a, b) => (scores[b] as number) - (scores[a] as number) || (rows[a] as number) - (rows[b] as number),
    )
    this.#candidates = Math.min(this.#most, order.length)
    for (let i = 0; i < this.#candidates; i++) {
      this.#rows[i] = rows[order[i] as number] as number
      this.#scores[i] = scores[order[i] as number] as number
    }
    if (this.#candidates === this.#most && this.#most > 0) this.#bound = this.#scores[this.#most - 1] as number
  }
}
