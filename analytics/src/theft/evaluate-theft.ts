import { seededRandom } from '../models/seeded-random.ts'
import { type Calibration, calibrationOf } from './calibration.ts'
import { courseFeatures, FEATURES } from './course-features.ts'
import { type DayPanel, pickRows, pickTableRows } from './day-panel.ts'
import { type Floor, maskColumns, plainNetwork, summaryColumns, treesOnColumns } from './floor-models.ts'
import { foldsOf } from './folds.ts'
import { commonCourse, type PeerCourse } from './peer-course.ts'
import { rankingScores, rankRows } from './ranking-scores.ts'
import { type Interval, resampledScores } from './resampled-scores.ts'
import { disposeModel, scoreFeatures } from './theft-model.ts'
import { type TheftTraining, trainOnRows } from './train-theft-model.ts'

export interface EvaluationOptions {
  readonly folds: number
  /** Trains on all folds but the first of one fixed split and scores that one only: a part kept for a last look. */
  readonly heldOut?: boolean
  /** One cross-validation for each seed: another split, other weights. */
  readonly seeds: readonly number[]
  readonly training: TheftTraining
  readonly floors: boolean
  readonly resamples: number
  readonly onFold?: (done: number, of: number) => void
}

/** A score with its 90 % interval over resampled customers. */
export interface ModelScores {
  readonly roc_auc: Interval
  readonly average_precision: Interval
  readonly map_at_100: Interval
}

export interface TheftEvaluation {
  readonly rows: number
  readonly positives: number
  readonly days: number
  readonly folds: number
  readonly seeds: readonly number[]
  readonly model: ModelScores
  /** Of the model, one for each seed: how far another split and other weights move it. */
  readonly each_seed: readonly Readonly<Record<keyof ModelScores, number>>[]
  readonly calibration: Calibration
  readonly floors: Partial<Record<Floor, ModelScores>>
  /** The model less each floor on the same resampled customers. */
  readonly gain: Partial<Record<Floor, ModelScores>>
}

/**
 * Cross-validation by customer: every customer is scored by models that saw neither it nor a copy of its course. The
 * peers' common course and the features know no labels and are read off the whole panel, as in a living fleet.
 * @param cases number of each customer's case (caseNumbers)
 */
export function evaluateTheft(
  panel: DayPanel,
  labels: Uint8Array,
  cases: Uint32Array,
  options: EvaluationOptions,
): TheftEvaluation {
  const held = options.heldOut === true
  const heldOut = Int32Array.from(cases, (number) => number % options.folds)
  const inputs = inputsOf(panel, labels)
  const scores = new Map<string, Float64Array[]>()
  const folds = held ? 1 : options.folds
  let done = 0
  for (const seed of options.seeds) {
    const fold = held ? heldOut : foldsOf(cases, options.folds, seed)
    const said = new Map<string, Float64Array>()
    for (let k = 0; k < folds; k++) {
      scoreFold(inputs, fold, k, { ...options.training, seed: seed * 1000 + k }, options.floors, said)
      done += 1
      options.onFold?.(done, folds * options.seeds.length)
    }
    for (const [name, odds] of said) scores.set(name, [...(scores.get(name) ?? []), odds])
  }
  const scored = Int32Array.from(cases, (_, row) => row).filter((row) => !held || heldOut[row] === 0)
  const of = (values: ArrayLike<number>): number[] => Array.from(scored, (row) => values[row] as number)
  const known = Uint8Array.from(of(labels))
  const runs = new Map([...scores].map(([name, each]) => [name, each.map(of)]))
  const resampled = resampledScores(runs, known, Uint32Array.from(of(cases)), options.resamples)
  let positives = 0
  for (const label of known) positives += label
  return {
    rows: scored.length,
    positives,
    days: panel.days,
    folds: options.folds,
    seeds: options.seeds,
    model: resampled.scores.get('model') as ModelScores,
    each_seed: (runs.get('model') ?? []).map((run) => {
      const { rocAuc, averagePrecision, mapAt100 } = rankingScores(rankRows(run, of(cases)), known)
      return { roc_auc: rocAuc, average_precision: averagePrecision, map_at_100: mapAt100 }
    }),
    calibration: calibrationOf(runs.get('model')?.[0] ?? [], known),
    floors: Object.fromEntries([...resampled.scores].filter(([name]) => name !== 'model')),
    gain: Object.fromEntries(resampled.gains),
  }
}

/** What every model of an evaluation is given of all customers. */
interface Inputs {
  readonly panel: DayPanel
  readonly labels: Uint8Array
  readonly peers: PeerCourse
  readonly features: Float32Array
  readonly mask: Float32Array
  readonly summary: Float32Array
}

function inputsOf(panel: DayPanel, labels: Uint8Array): Inputs {
  const peers = commonCourse(panel)
  const features = courseFeatures(panel, peers)
  return { panel, labels, peers, features, mask: maskColumns(panel), summary: summaryColumns(features) }
}

/**
 * Trains on all folds but one and writes what each model says of that one, the model first.
 * @param said by model: scores of all rows; grows
 */
function scoreFold(
  { panel, labels, peers, features, mask, summary }: Inputs,
  fold: Int32Array,
  k: number,
  training: TheftTraining,
  floors: boolean,
  said: Map<string, Float64Array>,
): void {
  const train: number[] = []
  const test: number[] = []
  for (let row = 0; row < panel.rows; row++) (fold[row] === k ? test : train).push(row)
  const y = Uint8Array.from(train, (row) => labels[row] as number)
  const put = (name: 'model' | Floor, odds: ArrayLike<number>): void => {
    const all = said.get(name) ?? new Float64Array(panel.rows)
    said.set(name, all)
    for (let i = 0; i < test.length; i++) all[test[i] as number] = odds[i] as number
  }
  const trainFeatures = pickTableRows(features, FEATURES, train)
  const testFeatures = pickTableRows(features, FEATURES, test)
  const rows = { panel: pickRows(panel, train), peers, features: trainFeatures, labels: y }
  const model = trainOnRows(rows, training, 'labels', 0)
  put('model', scoreFeatures(model, pickRows(panel, test), peers, testFeatures, 1))
  disposeModel(model)
  if (!floors) return
  const random = seededRandom(training.seed)
  const few = (columns: Float32Array): Float64Array => {
    const width = columns.length / panel.rows
    const [a, b] = [pickTableRows(columns, width, train), pickTableRows(columns, width, test)]
    return treesOnColumns(a, y, b, training.trees, random)
  }
  put('mask_only', few(mask))
  put('summary_only', few(summary))
  put('plain_mlp', plainNetwork(trainFeatures, y, testFeatures, training.network, random))
}
