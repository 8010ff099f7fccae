import { type SeededRandom, seededRandom, shuffledOrder } from '../models/seeded-random.ts'
import { ATTACKS, applyAttack } from './attacks.ts'
import { averagedTrees, growTrees, type TreeOptions } from './boosted-trees.ts'
import { COURSE_FEATURES } from './course-features.table.ts'
import { courseFeatures, FEATURES } from './course-features.ts'
import { courseSteps, stepsOf } from './course-steps.ts'
import { type DayPanel, pickRows } from './day-panel.ts'
import { binned, fitBins, ranked } from './feature-bins.ts'
import { commonCourse, type PeerCourse } from './peer-course.ts'
import { scoreReference } from './score-drift.ts'
import { TAIL_SHARES } from './tail-shares.ts'
import { scoreFeatures, THEFT_MODEL_SCHEMA, type TheftModel } from './theft-model.ts'
import { TheftNetwork, type TrainingOptions } from './theft-network.ts'

export interface TheftTraining {
  readonly seed: number
  readonly trees: TreeOptions
  /** Forests that are averaged; each draws other rows and columns. */
  readonly forests: number
  readonly network: TrainingOptions
  /** Networks that are averaged; each starts from other weights. */
  readonly networks: number
  readonly networkShare: number
  /** Share of thieves that is assumed where no labels tell it. */
  readonly assumedThieves: number
  /** Most courses that attacks are injected into. */
  readonly mostInjected: number
}

export const THEFT_TRAINING: TheftTraining = {
  seed: 1,
  trees: { trees: 150, depth: 5, rate: 0.05, rows: 0.6, columns: 0.5, ridge: 20, leastWeight: 8 },
  forests: 3,
  network: { epochs: 5, batch: 256, rate: 0.01, decay: 1e-4, dropout: 0.2 },
  networks: 2,
  networkShare: 0.4,
  assumedThieves: 0.02,
  mostInjected: 20_000,
}

/** Rows ready for training: what every part of the model sees of them. */
export interface TrainingRows {
  readonly panel: DayPanel
  readonly peers: PeerCourse
  readonly features: Float32Array
  readonly labels: Uint8Array
}

/**
 * Trains on labels found by inspection (1 = theft). The engine must be ready for training (readyTraining).
 * The same rows in the same order and the same seed give the same model on one engine.
 */
export function trainOnLabels(panel: DayPanel, labels: Uint8Array, options = THEFT_TRAINING): TheftModel {
  const peers = commonCourse(panel)
  const rows = { panel, peers, features: courseFeatures(panel, peers), labels }
  return withReference(trainOnRows(rows, options, 'labels', 0), rows, panel.rows)
}

/**
 * Trains without labels: the courses are taken for honest, attacks are put on copies of them, and the model learns to
 * tell the copies from the originals. Thieves among the originals blur it a little.
 */
export function trainOnInjectedAttacks(panel: DayPanel, options = THEFT_TRAINING): TheftModel {
  const peers = commonCourse(panel)
  const random = seededRandom(options.seed)
  const chosen = shuffledOrder(panel.rows, random).subarray(0, options.mostInjected)
  const { panel: injected, labels } = injectAttacks(panel, chosen, random)
  const rows = { panel: injected, peers, features: courseFeatures(injected, peers), labels }
  const prior = options.assumedThieves
  const model = trainOnRows(rows, options, 'injected attacks', Math.log(prior / (1 - prior)))
  // The copies under attack stand behind the originals: a usual town is made of originals.
  return withReference(model, rows, chosen.length)
}

/** The model with the deciles of its inputs and scores over the first rows. */
function withReference(model: TheftModel, { panel, peers, features }: TrainingRows, rows: number): TheftModel {
  const usual = features.subarray(0, rows * FEATURES)
  const first = { ...panel, rows, values: panel.values.subarray(0, rows * panel.days) }
  return { ...model, reference: scoreReference(usual, scoreFeatures(model, first, peers, usual, 1)) }
}

/** The chosen courses and, behind them, a copy of each under an attack; attacks take turns. */
export function injectAttacks(
  panel: DayPanel,
  chosen: Int32Array,
  random: SeededRandom,
): { panel: DayPanel; labels: Uint8Array } {
  const doubled = pickRows(panel, [...chosen, ...chosen])
  const labels = new Uint8Array(doubled.rows)
  const { days, values } = doubled
  for (let i = 0; i < chosen.length; i++) {
    const row = chosen.length + i
    const course = values.subarray(row * days, (row + 1) * days)
    const neighbour = random.below(chosen.length)
    const other = values.slice(neighbour * days, (neighbour + 1) * days)
    applyAttack(ATTACKS[i % ATTACKS.length] as (typeof ATTACKS)[number], course, other, random)
    labels[row] = 1
  }
  return { panel: doubled, labels }
}

/** Trains every part of the model. */
export function trainOnRows(
  { panel, peers, features, labels }: TrainingRows,
  options: TheftTraining,
  trainedOn: TheftModel['facts']['trained_on'],
  priorShift: number,
): TheftModel {
  const random = seededRandom(options.seed + 7919)
  const bins = fitBins(features, FEATURES, TAIL_SHARES)
  const inBins = binned(bins, features)
  const trees = averagedTrees(
    Array.from({ length: options.forests }, () => growTrees(inBins, FEATURES, labels, options.trees, random)),
  )
  const all = Int32Array.from({ length: panel.rows }, (_, row) => row)
  const input = {
    rows: panel.rows,
    steps: stepsOf(panel.days),
    sequences: courseSteps(panel, peers, all),
    columns: FEATURES,
    features: ranked(bins, features),
  }
  const networks = Array.from({ length: options.networks }, () => {
    const network = TheftNetwork.untrained(FEATURES, random)
    network.fit(input, labels, options.network, random)
    return network
  })
  let positives = 0
  for (const label of labels) positives += label
  return {
    facts: {
      schema: THEFT_MODEL_SCHEMA,
      trained_on: trainedOn,
      rows: panel.rows,
      positives,
      days: panel.days,
      seed: options.seed,
      prior_shift: priorShift,
      network_share: options.networks === 0 ? 0 : options.networkShare,
      features: COURSE_FEATURES,
    },
    bins,
    trees,
    networks,
  }
}
