import { seededRandom } from '../models/seeded-random.ts'
import { quantileOf } from './median.ts'
import { type RankingScores, rankingScores, rankRows } from './ranking-scores.ts'

/** A figure with the middle 90 % of it over resampled customers. */
export interface Interval {
  readonly value: number
  readonly p05: number
  readonly p95: number
}

type Scores = Readonly<Record<'roc_auc' | 'average_precision' | 'map_at_100', Interval>>
const KEYS = [
  ['roc_auc', 'rocAuc'],
  ['average_precision', 'averagePrecision'],
  ['map_at_100', 'mapAt100'],
] as const

/**
 * Ranking scores of several models, mean over their runs, with intervals over customers drawn with replacement; cases
 * (customers with the same course) are drawn together. Gains are the first model less each other on the same draw.
 * @param scores of each model: one array of scores per run
 */
export function resampledScores(
  scores: ReadonlyMap<string, readonly ArrayLike<number>[]>,
  labels: Uint8Array,
  cases: Uint32Array,
  resamples: number,
): { scores: Map<string, Scores>; gains: Map<string, Scores> } {
  const names = [...scores.keys()]
  const rankings = names.map((name) => (scores.get(name) ?? []).map((run) => rankRows(run, cases)))
  const measure = (times?: Int32Array): number[][] =>
    rankings.map((runs) => {
      const each = runs.map((ranking) => rankingScores(ranking, labels, times))
      return KEYS.map(([, key]) => meanOf(each, key))
    })
  const whole = measure()
  const random = seededRandom(20_260_101)
  const caseOfRow = numbered(cases)
  const caseCount = caseOfRow.reduce((most, number) => Math.max(most, number), -1) + 1
  const draws: number[][][] = []
  for (let draw = 0; draw < resamples; draw++) {
    const drawn = new Int32Array(caseCount)
    for (let i = 0; i < caseCount; i++) {
      const chosen = random.below(caseCount)
      drawn[chosen] = (drawn[chosen] as number) + 1
    }
    draws.push(measure(Int32Array.from(caseOfRow, (number) => drawn[number] as number)))
  }
  const interval = (of: (measured: number[][]) => number): Interval => {
    const sorted = Float64Array.from(draws, of).sort()
    return { value: of(whole), p05: quantileOf(sorted, 0.05), p95: quantileOf(sorted, 0.95) }
  }
  const intervals = (of: (measured: number[][], key: number) => number): Scores =>
    Object.fromEntries(KEYS.map(([name], key) => [name, interval((m) => of(m, key))])) as Scores
  const at = (measured: number[][], model: number, key: number): number => measured[model]?.[key] ?? Number.NaN
  return {
    scores: new Map(names.map((name, model) => [name, intervals((m, key) => at(m, model, key))])),
    gains: new Map(names.slice(1).map((name, i) => [name, intervals((m, key) => at(m, 0, key) - at(m, i + 1, key))])),
  }
}

function meanOf(each: readonly RankingScores[], key: keyof RankingScores): number {
  return each.reduce((sum, scores) => sum + scores[key], 0) / each.length
}

function numbered(cases: Uint32Array): Int32Array {
  const numbers = new Map<number, number>()
  return Int32Array.from(cases, (number) => {
    const known = numbers.get(number)
    if (known !== undefined) return known
    numbers.set(number, numbers.size)
    return numbers.size - 1
  })
}
