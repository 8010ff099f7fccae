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
