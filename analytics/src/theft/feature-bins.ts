import { FEATURES } from './course-features.ts'

/** Edges that put each feature into 64 bins of about equal numbers of training rows. */
export interface FeatureBins {
  /** Float32Array[columns × 63], ascending within a column. */
  readonly edges: Float32Array
  readonly columns: number
}

const EDGES = 63
const MOST_ROWS = 50_000

/** Edges from training rows. Of more rows than 50 000 every n-th is taken. */
export function fitBins(features: Float32Array, columns: number = FEATURES): FeatureBins {
  const rows = features.length / columns
  const step = Math.max(1, Math.ceil(rows / MOST_ROWS))
  const edges = new Float32Array(columns * EDGES)
  for (let c = 0; c < columns; c++) {
    const seen: number[] = []
    for (let row = 0; row < rows; row += step) {
      const value = features[row * columns + c] as number
      if (!Number.isNaN(value)) seen.push(value)
    }
    const sorted = Float64Array.from(seen).sort()
    for (let e = 0; e < EDGES; e++) {
      const place = Math.min(sorted.length - 1, Math.floor(((e + 1) * sorted.length) / (EDGES + 1)))
      edges[c * EDGES + e] = sorted.length === 0 ? 0 : (sorted[place] as number)
    }
  }
  return { edges, columns }
}

/** Bin (0 … 63) of every value: the number of edges below it; a value that is not a number falls into the middle. */
export function binned({ edges, columns }: FeatureBins, features: Float32Array): Uint8Array {
  const out = new Uint8Array(features.length)
  for (let i = 0; i < features.length; i++) {
    const from = (i % columns) * EDGES
    const value = features[i] as number
    if (Number.isNaN(value)) {
      out[i] = 32
      continue
    }
    let low = 0
    for (let step = 32; step > 0; step >>= 1) {
      if (low + step <= EDGES && (edges[from + low + step - 1] as number) < value) low += step
    }
    out[i] = low
  }
  return out
}

/**
 * Features on a common scale: where a value lies among the training rows, −1.7 … 1.7, in proportion between two edges.
 * A value that is not a number lies in the middle.
 */
export function ranked({ edges, columns }: FeatureBins, features: Float32Array): Float32Array {
  const bins = binned({ edges, columns }, features)
  const out = new Float32Array(features.length)
  for (let i = 0; i < features.length; i++) {
    const value = features[i] as number
    if (Number.isNaN(value)) continue
    const bin = bins[i] as number
    const from = (i % columns) * EDGES
    const low = edges[from + Math.max(0, bin - 1)] as number
    const high = edges[from + Math.min(EDGES - 1, bin)] as number
    const within = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5
    out[i] = (3.4 * (bin + within)) / (EDGES + 1) - 1.7
  }
  return out
}
