import type { SeededRandom } from '../models/seeded-random.ts'
import { growTrees, type TreeOptions } from './boosted-trees.ts'
import { COURSE_FEATURES, FEATURE_COLUMN } from './course-features.table.ts'
import { FEATURES } from './course-features.ts'
import { CHANNELS } from './course-steps.ts'
import type { DayPanel } from './day-panel.ts'
import { binned, fitBins, ranked } from './feature-bins.ts'
import { treeOdds } from './forest-odds.ts'
import { TAIL_SHARES } from './tail-shares.ts'
import { TheftNetwork, type TrainingOptions } from './theft-network.ts'

/** Models that a learned model has to beat to be worth its name. */
export type Floor = 'mask_only' | 'summary_only' | 'plain_mlp'

const SUMMARY = ['level', 'variation', 'max_to_mean', 'median_to_mean', 'zero_share', 'skewness'] as const
const MASK_COLUMNS = 6

/** Columns of which values are missing, and nothing of the values: share, longest run, ends, halves. */
export function maskColumns({ rows, days, values }: DayPanel): Float32Array {
  const out = new Float32Array(rows * MASK_COLUMNS)
  for (let row = 0; row < rows; row++) {
    let missing = 0
    let early = 0
    let run = 0
    let longest = 0
    let runs = 0
    let first = -1
    for (let day = 0; day < days; day++) {
      if ((values[row * days + day] as number) >= 0) {
        run = 0
        if (first < 0) first = day
        continue
      }
      missing += 1
      if (day * 2 < days) early += 1
      run += 1
      if (run === 1) runs += 1
      longest = Math.max(longest, run)
    }
    out.set([missing / days, early / days, longest / days, runs / days, run / days, first / days], row * MASK_COLUMNS)
  }
  return out
}

/** Columns of the plainest summary of a course. */
export function summaryColumns(features: Float32Array): Float32Array {
  const rows = features.length / FEATURES
  const out = new Float32Array(rows * SUMMARY.length)
  for (let row = 0; row < rows; row++)
    for (const [i, name] of SUMMARY.entries())
      out[row * SUMMARY.length + i] = features[row * FEATURES + FEATURE_COLUMN[name]] as number
  return out
}

/** Trees on few columns: trained on some rows, log odds of others. */
export function treesOnColumns(
  train: Float32Array,
  labels: Uint8Array,
  test: Float32Array,
  options: TreeOptions,
  random: SeededRandom,
): Float64Array {
  const columns = train.length / labels.length
  const bins = fitBins(train, columns, TAIL_SHARES)
  const trees = growTrees(binned(bins, train), columns, labels, { ...options, columns: 1, depth: 3 }, random)
  return treeOdds(trees, binned(bins, test), columns)
}

/** Features of the plain network: waves, which only turn the days that it could see anyhow, make it weaker, and a floor has to be the best of its kind. */
const PLAIN = Int32Array.from(COURSE_FEATURES.keys()).filter((column) => !/_wave_/.test(COURSE_FEATURES[column] ?? ''))
const PLAIN_COLUMNS = PLAIN.length

/** One plain network on the engineered features but the waves, without convolutions, averaging or trees. */
export function plainNetwork(
  train: Float32Array,
  labels: Uint8Array,
  test: Float32Array,
  options: TrainingOptions,
  random: SeededRandom,
): Float64Array {
  const bins = fitBins(plainColumns(train), PLAIN_COLUMNS, TAIL_SHARES)
  const input = (features: Float32Array) => ({
    rows: features.length / FEATURES,
    steps: 1,
    sequences: new Float32Array((features.length / FEATURES) * CHANNELS),
    columns: PLAIN_COLUMNS,
    features: ranked(bins, plainColumns(features)),
  })
  const network = TheftNetwork.untrained(PLAIN_COLUMNS, random)
  network.fit(input(train), labels, options, random)
  const odds = Float64Array.from(network.predict(input(test)))
  network.dispose()
  return odds
}

function plainColumns(features: Float32Array): Float32Array {
  const rows = features.length / FEATURES
  const out = new Float32Array(rows * PLAIN_COLUMNS)
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < PLAIN_COLUMNS; i++)
      out[row * PLAIN_COLUMNS + i] = features[row * FEATURES + (PLAIN[i] as number)] as number
  return out
}
