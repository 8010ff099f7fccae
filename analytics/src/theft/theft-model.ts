import type { ModelContainer } from '../models/model-container.ts'
import type { BoostedTrees } from './boosted-trees.ts'
import { COURSE_FEATURES } from './course-features.table.ts'
import { courseFeatures, FEATURES, firstColumns } from './course-features.ts'
import { courseSteps, stepsOf } from './course-steps.ts'
import { type DayPanel, pickTableRows } from './day-panel.ts'
import { binned, type FeatureBins, ranked } from './feature-bins.ts'
import { treeOdds } from './forest-odds.ts'
import { commonCourse, type PeerCourse } from './peer-course.ts'
import { REFERENCE, type ScoreReference } from './score-drift.ts'
import { TheftNetwork } from './theft-network.ts'

/** Rows that the networks are given at once: what they see of a row takes more room than the row. */
const PIECE = 8_192

export const THEFT_MODEL_SCHEMA = 'gastwin-theft-model/1'

/** What a model was made from, and how its log odds become a probability. */
export interface TheftModelFacts {
  readonly schema: typeof THEFT_MODEL_SCHEMA
  readonly trained_on: 'labels' | 'injected attacks'
  readonly rows: number
  readonly positives: number
  readonly days: number
  readonly seed: number
  /** Added to the log odds: training with as many attacks as honest courses says nothing about how rare theft is. */
  readonly prior_shift: number
  /** Share of the network in the log odds; the trees have the rest. */
  readonly network_share: number
  readonly features: readonly string[]
}

/** An ensemble: networks of tensorflow.js and boosted trees over the same features, averaged in log odds. */
export interface TheftModel {
  readonly facts: TheftModelFacts
  readonly bins: FeatureBins
  readonly trees: BoostedTrees
  readonly networks: readonly TheftNetwork[]
  /** Undefined in models that were trained before it was recorded: their drift is not known. */
  readonly reference?: ScoreReference
}

export interface ScoreOptions {
  /** What peers have in common, where it was read off a larger fleet; else it is read off the panel itself. */
  readonly peers?: PeerCourse
  /**
   * Share of the rows, the most suspicious ones by the trees, that the networks look at; 1 unless told. The others keep
   * the trees' word, bounded by the lowest of those looked at.
   */
  readonly networkShare?: number
}

/**
 * Probability of theft of every row of a panel, as far as its course can tell. A row with fewer than 3 values gets the
 * lowest score of the panel.
 * @returns Float64Array[rows], 0 … 1; depends on the rows' values only, not on their order
 */
export function scoreCourses(model: TheftModel, panel: DayPanel, options: ScoreOptions = {}): Float64Array {
  const peers = options.peers ?? commonCourse(panel)
  const features = courseFeatures(panel, peers, model.bins.columns)
  return scoreFeatures(model, panel, peers, features, options.networkShare ?? 1)
}

/** As scoreCourses, from features that are known already. */
export function scoreFeatures(
  model: TheftModel,
  panel: DayPanel,
  peers: PeerCourse,
  features: Float32Array,
  networkShare: number,
): Float64Array {
  const { bins, trees, facts, networks } = model
  const share = networks.length === 0 ? 0 : facts.network_share
  const { columns } = bins
  const odds = treeOdds(trees, binned(bins, firstColumns(features, columns)), columns)
  const chosen = mostSuspicious(odds, networkShare)
  if (share > 0 && chosen.length > 0) {
    let lowest = Number.POSITIVE_INFINITY
    const seen = new Uint8Array(panel.rows)
    const sums = new Float64Array(chosen.length)
    for (let from = 0; from < chosen.length; from += PIECE) {
      const rows = chosen.subarray(from, from + PIECE)
      const input = {
        rows: rows.length,
        steps: stepsOf(panel.days),
        sequences: courseSteps(panel, peers, rows),
        columns,
        features: ranked(bins, firstColumns(pickTableRows(features, FEATURES, rows), columns)),
      }
      for (const network of networks)
        for (const [i, said] of network.predict(input).entries())
          sums[from + i] = (sums[from + i] as number) + said / networks.length
    }
    for (let i = 0; i < chosen.length; i++) {
      const row = chosen[i] as number
      seen[row] = 1
      odds[row] = share * (sums[i] as number) + (1 - share) * (odds[row] as number)
      lowest = Math.min(lowest, odds[row] as number)
    }
    for (let row = 0; row < panel.rows; row++)
      if (seen[row] === 0) odds[row] = Math.min(odds[row] as number, lowest - 1e-3)
  }
  let least = Number.POSITIVE_INFINITY
  for (let row = 0; row < panel.rows; row++) {
    if (Number.isNaN(features[row * FEATURES] as number)) continue
    odds[row] = 1 / (1 + Math.exp(-(odds[row] as number) - facts.prior_shift))
    least = Math.min(least, odds[row] as number)
  }
  for (let row = 0; row < panel.rows; row++)
    if (Number.isNaN(features[row * FEATURES] as number)) odds[row] = Number.isFinite(least) ? least : 0
  return odds
}

function mostSuspicious(odds: Float64Array, share: number): Int32Array {
  const rows = Int32Array.from(odds, (_, row) => row)
  if (share >= 1) return rows
  const bound = odds.toSorted()[Math.floor(odds.length * (1 - share))] as number
  return rows.filter((row) => (odds[row] as number) >= bound)
}

/** Frees what the networks hold. */
export function disposeModel(model: TheftModel): void {
  for (const network of model.networks) network.dispose()
}

/** The model as a container for a file. */
export function packModel({ facts, bins, trees, networks, reference }: TheftModel): ModelContainer {
  const arrays = new Map<string, { shape: readonly number[]; values: Float32Array | Int32Array }>()
  arrays.set('bins', { shape: [bins.edges.length], values: bins.edges })
  arrays.set('trees/shape', { shape: [1], values: Int32Array.of(trees.depth) })
  arrays.set('trees/base', { shape: [1], values: Float32Array.of(trees.base) })
  arrays.set('trees/column', { shape: [trees.column.length], values: trees.column })
  arrays.set('trees/bin', { shape: [trees.bin.length], values: trees.bin })
  arrays.set('trees/leaf', { shape: [trees.leaf.length], values: trees.leaf })
  for (const [i, network] of networks.entries())
    for (const [name, array] of network.arrays()) arrays.set(`network/${i}/${name}`, array)
  if (reference !== undefined) {
    arrays.set('reference/features', { shape: [bins.columns, REFERENCE], values: reference.features })
    arrays.set('reference/scores', { shape: [REFERENCE], values: reference.scores })
  }
  return { facts: { ...facts }, arrays }
}

/** The model of a container; a sentence saying why it cannot be used when it is another kind or version. */
export function unpackModel({ facts, arrays }: ModelContainer): TheftModel | string {
  if (facts['schema'] !== THEFT_MODEL_SCHEMA)
    return `it is "${String(facts['schema'])}", expected "${THEFT_MODEL_SCHEMA}"`
  const known = Array.isArray(facts['features']) ? facts['features'] : []
  const columns = known.length
  if (columns === 0 || JSON.stringify(known) !== JSON.stringify(COURSE_FEATURES.slice(0, columns)))
    return 'it was trained on other features than this program computes: train it again'
  const floats = (name: string): Float32Array => (arrays.get(name)?.values ?? new Float32Array()) as Float32Array
  const integers = (name: string): Int32Array => (arrays.get(name)?.values ?? new Int32Array()) as Int32Array
  const depth = integers('trees/shape')[0]
  const base = floats('trees/base')[0]
  if (depth === undefined || base === undefined || floats('bins').length !== columns * 63) return 'it lacks its trees'
  const reference = { features: floats('reference/features'), scores: floats('reference/scores') }
  const hasReference = reference.features.length === columns * REFERENCE && reference.scores.length === REFERENCE
  const parts = new Map<string, Map<string, ReturnType<typeof arrays.get> & {}>>()
  for (const [name, array] of arrays) {
    const [kind, number, part] = name.split('/')
    if (kind !== 'network' || number === undefined || part === undefined) continue
    parts.set(number, (parts.get(number) ?? new Map()).set(part, array))
  }
  return {
    facts: facts as unknown as TheftModelFacts,
    bins: { edges: floats('bins'), columns },
    trees: {
      depth,
      base,
      column: integers('trees/column'),
      bin: integers('trees/bin'),
      leaf: floats('trees/leaf'),
    },
    networks: [...parts.values()].map((part) => TheftNetwork.from(part)),
    ...(hasReference && { reference }),
  }
}
