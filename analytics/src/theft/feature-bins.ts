import { FEATURES } from './course-features.ts'
import { EVEN_SHARES, edgesBelow, SCALE_EDGES, writeEdges } from './tail-shares.ts'

/** Edges that put each feature into 64 bins. */
export interface FeatureBins {
  /** Float32Array[columns × 63], ascending within a column. */
  readonly edges: Float32Array
  readonly columns: number
}

const EDGES = SCALE_EDGES
const MOST_ROWS = 50_000
const MIDDLE_BIN = 32

/**
 * Edges from training rows. Of more rows than 50 000 every n-th is taken.
 * @param shares of the rows below each edge; about as many rows between any two unless told
 */
export function fitBins(features: Float32Array, columns: number = FEATURES, shares = EVEN_SHARES): FeatureBins {
  const rows = features.length / columns
  const step = Math.max(1, Math.ceil(rows / MOST_ROWS))
  const edges = new Float32Array(columns * EDGES)
  for (let c = 0; c < columns; c++) {
    const seen: number[] = []
    for (let row = 0; row < rows; row += step) {
      const value = features[row * columns + c] as number
      if (!Number.isNaN(value)) seen.push(value)
    }
    writeEdges(Float64Array.from(seen).sort(), shares, edges.subarray(c * EDGES, (c + 1) * EDGES))
  }
  return { edges, columns }
}

/** Rows that one column after the other is put into bins of: they stay in the processor's cache. */
const BLOCK = 128

/** Bin (0 … 63) of every value: the number of edges below it; a value that is not a number falls into the middle. */
export function binned({ edges, columns }: FeatureBins, features: Float32Array): Uint8Array {
  const out = new Uint8Array(features.length)
  const blockLength = BLOCK * columns
  for (let block = 0; block < features.length; block += blockLength) {
    const end = Math.min(features.length, block + blockLength)
    for (let c = 0; c < columns; c++) {
      const from = c * EDGES
      for (let i = block + c; i < end; i += columns) {
        const value = features[i] as number
        out[i] = Number.isNaN(value) ? MIDDLE_BIN : edgesBelow(edges, from, value)
      }
    }
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
