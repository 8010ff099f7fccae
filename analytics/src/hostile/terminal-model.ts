import type { ModelArray, ModelContainer } from '../models/model-container.ts'
import type { BoostedTrees } from '../theft/boosted-trees.ts'
import type { FeatureBins } from '../theft/feature-bins.ts'
import { treeOdds } from '../theft/forest-odds.ts'
import { binTerminals, middleBins } from './terminal-bins.ts'
import {
  type FeatureGroup,
  TERMINAL_FEATURE_COUNT,
  TERMINAL_FEATURES,
  type TerminalFeature,
} from './terminal-features.table.ts'

const FORMAT = 'gastwin-terminal-model/2'
const MOST_REASONS = 5

export interface TerminalModelFacts {
  readonly seed: number
  /** Rows it was trained on, how many of them of attackers, and what kinds of attack these were. */
  readonly rows: number
  readonly positives: number
  readonly kinds: readonly string[]
  /** Probability from which a terminal is warned of, and from which it is observed. */
  readonly warn: number
  readonly observe: number
}

/** Boosted trees over the features of an episode. */
export interface TerminalModel {
  readonly facts: TerminalModelFacts
  readonly bins: FeatureBins
  readonly trees: BoostedTrees
}

/** What a feature adds to the log odds of being hostile, over its middle in training. */
export interface LearnedReason {
  readonly feature: TerminalFeature
  readonly group: FeatureGroup
  readonly log_odds: number
}

/** Probability of being hostile of each row. @param features Float32Array[rows × TERMINAL_FEATURE_COUNT] */
export function scoreTerminals({ bins, trees }: TerminalModel, features: Float32Array): Float64Array {
  return treeOdds(trees, binTerminals(bins, features), TERMINAL_FEATURE_COUNT).map((odds) => 1 / (1 + Math.exp(-odds)))
}

/** The features that speak loudest against one row, strongest first; only what adds. */
export function explainTerminal({ bins, trees }: TerminalModel, features: Float32Array): readonly LearnedReason[] {
  const row = binTerminals(bins, features)
  const middle = middleBins(bins)
  const rows = new Uint8Array((TERMINAL_FEATURE_COUNT + 1) * TERMINAL_FEATURE_COUNT)
  for (let copy = 0; copy <= TERMINAL_FEATURE_COUNT; copy++) {
    rows.set(row, copy * TERMINAL_FEATURE_COUNT)
    if (copy < TERMINAL_FEATURE_COUNT) rows[copy * TERMINAL_FEATURE_COUNT + copy] = middle[copy] ?? 0
  }
  const odds = treeOdds(trees, rows, TERMINAL_FEATURE_COUNT)
  const said = odds[TERMINAL_FEATURE_COUNT] ?? 0
  return TERMINAL_FEATURES.map(({ name, group }, i) => ({ feature: name, group, log_odds: said - (odds[i] ?? said) }))
    .filter(({ log_odds }) => log_odds > 0.05)
    .sort((a, b) => b.log_odds - a.log_odds)
    .slice(0, MOST_REASONS)
    .map((reason) => ({ ...reason, log_odds: Math.round(100 * reason.log_odds) / 100 }))
}

export function packTerminalModel({ facts, bins, trees }: TerminalModel): ModelContainer {
  const features = TERMINAL_FEATURES.map(({ name }) => name)
  const arrays = new Map<string, ModelArray>([
    ['bins/edges', { shape: [bins.edges.length], values: bins.edges }],
    ['trees/shape', { shape: [1], values: Int32Array.of(trees.depth) }],
    ['trees/base', { shape: [1], values: Float32Array.of(trees.base) }],
    ['trees/column', { shape: [trees.column.length], values: trees.column }],
    ['trees/bin', { shape: [trees.bin.length], values: trees.bin }],
    ['trees/leaf', { shape: [trees.leaf.length], values: trees.leaf }],
  ])
  return { facts: { format: FORMAT, features, ...facts }, arrays }
}

/** Mirror of `packTerminalModel`; a sentence saying what is wrong when it is none that fits this program. */
export function unpackTerminalModel({ facts, arrays }: ModelContainer): TerminalModel | string {
  if (facts['format'] !== FORMAT) return `it is no ${FORMAT}`
  const names = TERMINAL_FEATURES.map(({ name }) => name)
  if (JSON.stringify(facts['features']) !== JSON.stringify(names))
    return 'its features are not those of this program: train it again'
  const { warn, observe } = facts as unknown as TerminalModelFacts
  if (!(warn > 0 && warn <= observe && observe <= 1)) return 'its thresholds are none'
  const ints = (name: string): Int32Array => {
    const values = arrays.get(name)?.values
    return values instanceof Int32Array ? values : new Int32Array(0)
  }
  const floats = (name: string): Float32Array => {
    const values = arrays.get(name)?.values
    return values instanceof Float32Array ? values : new Float32Array(0)
  }
  const depth = ints('trees/shape')[0] ?? 0
  const trees: BoostedTrees = {
    ...{ depth, base: floats('trees/base')[0] ?? Number.NaN, column: ints('trees/column'), bin: ints('trees/bin') },
    leaf: floats('trees/leaf'),
  }
  const bins = { edges: floats('bins/edges'), columns: TERMINAL_FEATURE_COUNT }
  const count = trees.leaf.length / (1 << depth)
  const inner = count * ((1 << depth) - 1)
  const fits = depth >= 1 && depth <= 12 && count >= 1 && Number.isInteger(count) && trees.column.length === inner
  if (!fits || trees.bin.length !== inner || bins.edges.length !== 63 * TERMINAL_FEATURE_COUNT)
    return 'its arrays do not fit each other'
  if (trees.column.some((column) => column < 0 || column >= TERMINAL_FEATURE_COUNT))
    return 'it asks for features that do not exist'
  if (Number.isNaN(trees.base) || trees.leaf.some((value) => !Number.isFinite(value))) return 'it gives no numbers'
  return { facts: facts as unknown as TerminalModelFacts, bins, trees }
}
