import type { WeighedSuspicion } from '@gastwin/analytics'
import {
  commonCourse,
  compareScores,
  courseFeatures,
  type DayPanel,
  explainSuspicion,
  type PeerCourse,
  type ScoreDrift,
  type Suspicion,
  scoreDrift,
  scoreFeatures,
  scoreRanks,
  type TheftModel,
} from '@gastwin/analytics/theft'
import type { ModelComparison } from '../contract/index.ts'

/** Fewer days, or values of one meter, say nothing. */
const LEAST_DAYS = 14
const LEAST_VALUES = 7
/** Drift is measured on so many meters at most, and not on fewer. */
const DRIFT_MOST = 25_000
const DRIFT_LEAST = 200

/** Models of theft that score. */
export interface ModelPair {
  readonly active: TheftModel | undefined
  readonly shadow: TheftModel | undefined
}

/** What the models say of some zones: by row of the meter the share of the meters that are less suspicious, 0 … 1. */
export interface LearnedRanks {
  readonly active: ReadonlyMap<number, number>
  readonly shadow: ReadonlyMap<number, number>
  /** Why the active model ranks a meter where it does. @param row of the meter */
  explain(row: number): LearnedReason | undefined
}

/** Day columns of a suspicion as instants, Unix ms. */
export interface LearnedReason extends Pick<Suspicion, 'reasons' | 'lost_per_day'> {
  readonly since: number | null
}

const NOTHING: LearnedRanks = { active: new Map(), shadow: new Map(), explain: () => undefined }

/** Scores the courses of a statement, block of zones by block of zones, and sums up how the models fared. */
export class LearnedScores {
  readonly #models: ModelPair
  readonly #active: number[] = []
  readonly #shadow: number[] = []
  #drift: ScoreDrift | undefined
  #driftOf = 0

  constructor(models: ModelPair) {
    this.#models = models
  }

  /** Meters that the active model has scored. */
  get meters(): number {
    return this.#active.length
  }

  /** @param panel what each of them used by the day, in the same order */
  score(found: readonly WeighedSuspicion[], panel: DayPanel): LearnedRanks {
    const { active, shadow } = this.#models
    if (active === undefined || panel.days < LEAST_DAYS) return NOTHING
    const peers = commonCourse(panel)
    const features = courseFeatures(panel, peers)
    const scores = scoreFeatures(active, panel, peers, features, 1)
    const known = wellRead(panel)
    const others = shadow === undefined ? undefined : scoreFeatures(shadow, panel, peers, features, 1)
    for (const row of known) {
      this.#active.push(scores[row] as number)
      if (others !== undefined) this.#shadow.push(others[row] as number)
    }
    this.#measureDrift(active, features, scores)
    const rowOf = new Map(found.map((one, row) => [one.meter.register.meter, row]))
    return {
      active: ranksOf(found, known, scores),
      shadow: others === undefined ? new Map() : ranksOf(found, known, others),
      explain: (meter) => reasonOf(active, panel, peers, found, rowOf.get(meter)),
    }
  }

  /** How the shadow ranks all meters that were scored; null without one. */
  compare(newly: number, noLonger: number): ModelComparison | null {
    if (this.#models.shadow === undefined || this.#active.length === 0) return null
    const { customers, rankCorrelation, topOverlap, top } = compareScores(this.#active, this.#shadow)
    return {
      meters: customers,
      rank_correlation: Number.isNaN(rankCorrelation) ? null : rankCorrelation,
      top_overlap: topOverlap,
      top,
      newly_suspected: newly,
      no_longer_suspected: noLonger,
    }
  }

  /** How far courses and scores have moved from the training; undefined when that is not known. */
  get drift(): (ScoreDrift & { readonly meters: number }) | undefined {
    return this.#drift === undefined ? undefined : { ...this.#drift, meters: this.#driftOf }
  }

  /** Of the largest block: zones of a town are alike, and one block is thousands of meters. */
  #measureDrift({ reference }: TheftModel, features: Float32Array, scores: Float64Array): void {
    if (reference === undefined || scores.length < DRIFT_LEAST || scores.length <= this.#driftOf) return
    const rows = Math.min(DRIFT_MOST, scores.length)
    const width = features.length / scores.length
    this.#drift = scoreDrift(reference, features.subarray(0, rows * width), scores.subarray(0, rows))
    this.#driftOf = rows
  }
}

/** Rows with enough values to be ranked. */
function wellRead({ rows, days, values }: DayPanel): number[] {
  const known: number[] = []
  for (let row = 0; row < rows; row++) {
    let seen = 0
    for (let i = row * days; i < (row + 1) * days; i++) if (!Number.isNaN(values[i])) seen += 1
    if (seen >= LEAST_VALUES) known.push(row)
  }
  return known
}

function ranksOf(
  found: readonly WeighedSuspicion[],
  known: readonly number[],
  scores: Float64Array,
): ReadonlyMap<number, number> {
  const ranks = scoreRanks(known.map((row) => scores[row] as number))
  return new Map(known.map((row, i) => [(found[row] as WeighedSuspicion).meter.register.meter, ranks[i] as number]))
}

function reasonOf(
  model: TheftModel,
  panel: DayPanel,
  peers: PeerCourse,
  found: readonly WeighedSuspicion[],
  row: number | undefined,
): LearnedReason | undefined {
  const one = row === undefined ? undefined : found[row]
  if (row === undefined || one === undefined) return undefined
  const { reasons, since_day, lost_per_day } = explainSuspicion(model, panel, peers, row)
  const { begin } = one.zone.clock.grid
  return { reasons, lost_per_day, since: since_day === null ? null : begin + since_day * 86_400_000 }
}
