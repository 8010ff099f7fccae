import { seededRandom } from '../models/seeded-random.ts'
import { growTrees, type TreeOptions } from '../theft/boosted-trees.ts'
import { fitBins } from '../theft/feature-bins.ts'
import { quantileOf } from '../theft/median.ts'
import { binTerminals } from './terminal-bins.ts'
import { TERMINAL_FEATURE_COUNT } from './terminal-features.table.ts'
import { scoreTerminals, type TerminalModel } from './terminal-model.ts'

/** A device as it was heard from one source, and what was behind it. */
export interface SeenTerminal {
  /** Kind of attack; '' for an honest terminal. */
  readonly kind: string
  /** Number of the city, and of the attacker: one may speak for many devices, and what he did is one proof. */
  readonly city: number
  readonly attacker: number
  /** Highest step that the rules asked for, by its rank. */
  readonly rulesRank: number
}

/** Looks at terminals. */
export interface TerminalLooks {
  readonly seen: readonly SeenTerminal[]
  /** Float32Array[looks × TERMINAL_FEATURE_COUNT] */
  readonly features: Float32Array
  /** Place among `seen` of the terminal that was looked at. */
  readonly terminals: Int32Array
  /** 1 for the looks that are trained on: the first ones, and whenever half as much again had come. */
  readonly sampled: Uint8Array
}

export const TERMINAL_TRAINING: TreeOptions = {
  ...{ trees: 120, depth: 4, rate: 0.1, rows: 0.7, columns: 0.4, ridge: 2, leastWeight: 2 },
}
/** Share of honest terminals that were looked at which may be warned of, and observed, in cities the trees have not seen. */
const FALSE_WARNINGS = 0.002
const FALSE_OBSERVATIONS = 0.0005
/** However rarely honest terminals come near: less probable than this nobody is called hostile. */
const LEAST_WARNED = 0.1
const LEAST_OBSERVED = 0.5

/**
 * Grows the trees, and chooses the probabilities from which a terminal is warned of and observed: what at most 2 and 0.5 in a thousand
 * honest terminals ever reach when trees that have not seen their city judge them.
 */
export function trainTerminalModel(
  looks: TerminalLooks,
  seed: number,
  options: TreeOptions = TERMINAL_TRAINING,
): TerminalModel {
  const cityOf = (look: number): number => looks.seen[looks.terminals[look] as number]?.city ?? 0
  const cities = new Set(looks.seen.map(({ city }) => city))
  const ascending: number[] = []
  for (const city of cities) {
    // Of one city alone nothing else is known.
    const others = cities.size === 1 ? looks : pickLooks(looks, (look) => cityOf(look) !== city)
    const here = pickLooks(looks, (look) => cityOf(look) === city)
    for (const [terminal, score] of worstScores(grow(others, seed, options), here))
      if (looks.seen[terminal]?.kind === '') ascending.push(score)
  }
  ascending.sort((a, b) => a - b)
  const reached = (share: number, least: number): number =>
    Math.min(0.999, Math.max(least, quantileOf(ascending, 1 - share)))
  const model = grow(looks, seed, options)
  const warn = reached(FALSE_WARNINGS, LEAST_WARNED)
  return {
    ...model,
    facts: { ...model.facts, warn, observe: Math.max(warn, reached(FALSE_OBSERVATIONS, LEAST_OBSERVED)) },
  }
}

/** The highest probability that each terminal ever had. */
export function worstScores(model: TerminalModel, looks: TerminalLooks): ReadonlyMap<number, number> {
  const worst = new Map<number, number>()
  for (const [look, score] of scoreTerminals(model, looks.features).entries()) {
    const terminal = looks.terminals[look] as number
    worst.set(terminal, Math.max(worst.get(terminal) ?? 0, score))
  }
  return worst
}

/** The looks for which `keeps` says so; terminals keep their numbers. */
export function pickLooks(looks: TerminalLooks, keeps: (look: number) => boolean): TerminalLooks {
  const kept = Int32Array.from(looks.terminals.keys()).filter(keeps)
  const features = new Float32Array(kept.length * TERMINAL_FEATURE_COUNT)
  for (const [to, look] of kept.entries())
    features.set(
      looks.features.subarray(look * TERMINAL_FEATURE_COUNT, (look + 1) * TERMINAL_FEATURE_COUNT),
      to * TERMINAL_FEATURE_COUNT,
    )
  return {
    ...{ seen: looks.seen, features },
    terminals: kept.map((look) => looks.terminals[look] as number),
    sampled: Uint8Array.from(kept, (look) => looks.sampled[look] as number),
  }
}

function grow(looks: TerminalLooks, seed: number, options: TreeOptions): TerminalModel {
  const { seen, features, terminals } = pickLooks(looks, (look) => looks.sampled[look] === 1)
  const bins = fitBins(features, TERMINAL_FEATURE_COUNT)
  const kinds = Array.from(terminals, (terminal) => seen[terminal]?.kind ?? '')
  const labels = Uint8Array.from(kinds, (kind) => (kind === '' ? 0 : 1))
  const grown = growTrees(binTerminals(bins, features), TERMINAL_FEATURE_COUNT, labels, options, seededRandom(seed))
  // As the file keeps it.
  const trees = { ...grown, base: Math.fround(grown.base) }
  const facts = {
    ...{ seed, rows: labels.length, positives: labels.reduce((sum, label) => sum + label, 0) },
    ...{ kinds: [...new Set(kinds)].filter((kind) => kind !== '').sort(), warn: 1, observe: 1 },
  }
  return { facts, bins, trees }
}
