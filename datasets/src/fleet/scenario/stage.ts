import type { NetworkDocument } from '@gastwin/twin'
import { SeededRandom } from '../../seeded-random.ts'

/** What a scenario is planned for. Instants are Unix ms. */
export interface Stage {
  readonly document: NetworkDocument
  readonly seed: number
  /** First instant of the clock plan. */
  readonly start: number
  /** Begin of the plan's last segment: where a demo's warm-up ends and people begin to look. */
  readonly live: number
}

/** Randomness of one kind of mishap. */
export function dice(stage: Stage, draw: number): SeededRandom {
  return new SeededRandom(stage.seed, 81, draw)
}

/** A history of this length is long enough to see something begin in it. */
const LONG_MS = 28 * 86_400_000
const BEFORE_LIVE_MS = 14 * 86_400_000

/** Where meters go wrong before the eyes of those who look: two weeks before them when there is a history, else when they begin to look. */
export function beginsInView({ start, live }: Stage): number {
  return live - start >= LONG_MS ? live - BEFORE_LIVE_MS : live
}
