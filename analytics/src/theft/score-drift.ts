import { COURSE_FEATURES, type CourseFeature } from './course-features.table.ts'
import { FEATURES } from './course-features.ts'

/** Borders between ten parts of about equal size, and behind them the share of the values up to each: many values may be one. */
const BORDERS = 9
export const REFERENCE = 2 * BORDERS
const LEAST_SHARE = 1e-3

/** Where features and scores lay when a model was trained: what later ones are held against. */
export interface ScoreReference {
  /** Float32Array[columns that the model knows × REFERENCE], borders ascending. */
  readonly features: Float32Array
  /** Float32Array[REFERENCE] */
  readonly scores: Float32Array
}

/** Deciles of the features and scores of rows that stand for a usual town. */
export function scoreReference(
  features: Float32Array,
  scores: ArrayLike<number>,
  columns: number = FEATURES,
): ScoreReference {
  const rows = features.length / columns
  const out = new Float32Array(columns * REFERENCE)
  const column = new Float64Array(rows)
  for (let c = 0; c < columns; c++) {
    for (let row = 0; row < rows; row++) column[row] = features[row * columns + c] as number
    out.set(deciles(column), c * REFERENCE)
  }
  return { features: out, scores: deciles(scores) }
}

/** @returns Float32Array[REFERENCE]; zeros when no value is a number */
export function deciles(values: ArrayLike<number>): Float32Array {
  const sorted = Float32Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort()
  const out = new Float32Array(REFERENCE)
  if (sorted.length === 0) return out
  for (let i = 0; i < BORDERS; i++) {
    const border = sorted[Math.min(sorted.length - 1, Math.floor(((i + 1) * sorted.length) / (BORDERS + 1)))] as number
    out[i] = border
    out[BORDERS + i] = (sorted.findLastIndex((value) => value <= border) + 1) / sorted.length
  }
  return out
}

/**
 * Population stability index of values against the deciles of others: Σ (share − expected) · ln(share / expected). By custom below
 * 0.1 nothing moved, above 0.25 much did.
 * @param reference of `deciles` @param values NaN ones are left out @returns 0 when nothing is left
 */
export function stabilityIndex(reference: Float32Array, values: ArrayLike<number>): number {
  const ends: number[] = []
  const expected: number[] = []
  let below = 0
  for (let i = 0; i < BORDERS; i++) {
    const upTo = reference[BORDERS + i] as number
    if (upTo <= below) continue
    ends.push(reference[i] as number)
    expected.push(upTo - below)
    below = upTo
  }
  expected.push(1 - below)
  const seen = new Float64Array(expected.length)
  let count = 0
  for (let i = 0; i < values.length; i++) {
    const value = Math.fround(values[i] as number)
    if (Number.isNaN(value)) continue
    let part = 0
    while (part < ends.length && value > (ends[part] as number)) part++
    seen[part] = (seen[part] as number) + 1
    count += 1
  }
  if (count === 0) return 0
  return expected.reduce((sum, share, part) => {
    const before = Math.max(LEAST_SHARE, share)
    const here = Math.max(LEAST_SHARE, (seen[part] as number) / count)
    return sum + (here - before) * Math.log(here / before)
  }, 0)
}

/** How far inputs and scores have moved from those of the training. */
export interface ScoreDrift {
  readonly score: number
  /** Stability index of each feature, largest first. */
  readonly features: readonly { readonly feature: CourseFeature; readonly index: number }[]
}

/** @param features Float32Array[rows × FEATURES] */
export function scoreDrift(reference: ScoreReference, features: Float32Array, scores: ArrayLike<number>): ScoreDrift {
  const rows = features.length / FEATURES
  const column = new Float64Array(rows)
  const known = COURSE_FEATURES.slice(0, reference.features.length / REFERENCE)
  const found = known.map((feature, c) => {
    for (let row = 0; row < rows; row++) column[row] = features[row * FEATURES + c] as number
    return { feature, index: stabilityIndex(reference.features.subarray(c * REFERENCE, (c + 1) * REFERENCE), column) }
  })
  return { score: stabilityIndex(reference.scores, scores), features: found.sort((a, b) => b.index - a.index) }
}
