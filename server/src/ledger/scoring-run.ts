import type { ModelComparison, ModelDrift } from '../contract/index.ts'
import type { LearnedScores, ModelPair } from './learned-scores.ts'

/** How the learned models fared at one statement. */
export interface ScoringRun {
  /** Service clock, Unix ms. */
  readonly at: number
  readonly meters: number
  readonly tookMs: number
  readonly comparison: ModelComparison | null
  readonly drift: ModelDrift | null
  readonly lowFlowFindings: number
  /** Why no meter was scored; null when some were. */
  readonly why: string | null
}

/** By custom an index above 0.25 is another population. */
export const MOVED = 0.25
/** One feature in five may move with the season; more, or the scores themselves, is another town. */
const MOVED_FEATURES = 0.2
const NAMED = 8

export function scoringRun(
  learned: LearnedScores,
  { active }: ModelPair,
  counts: {
    readonly at: number
    readonly tookMs: number
    readonly lowFlowFindings: number
    readonly newly: number
    readonly noLonger: number
  },
): ScoringRun {
  const { at, tookMs, lowFlowFindings, newly, noLonger } = counts
  return {
    at,
    meters: learned.meters,
    tookMs,
    comparison: learned.compare(newly, noLonger),
    drift: driftOf(learned),
    lowFlowFindings,
    why:
      active !== undefined && learned.meters === 0 ? 'courses of 14 days are needed before a model ranks them' : null,
  }
}

function driftOf({ drift }: LearnedScores): ModelDrift | null {
  if (drift === undefined) return null
  const { meters, score, features } = drift
  const movedFeatures = features.filter(({ index }) => index > MOVED).length
  const moved = score > MOVED || movedFeatures > MOVED_FEATURES * features.length
  const first = features[0]
  return {
    meters,
    limit: MOVED,
    score,
    features_moved: movedFeatures,
    features: features.length,
    largest: features.slice(0, NAMED).map(({ feature, index }) => ({ feature, index })),
    moved,
    message: moved
      ? `this town is not the one the model was trained on: ${movedFeatures} of ${features.length} features and ${score > MOVED ? 'the scores' : 'not the scores'} have moved, most of all ${first?.feature ?? ''}; only its ranks are used here, and they may be worse than they were: train it on this town's own inspections`
      : `${movedFeatures} of ${features.length} features have moved, the scores by ${score.toFixed(2)}`,
  }
}
