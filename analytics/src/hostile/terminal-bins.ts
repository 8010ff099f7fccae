import { binned, type FeatureBins } from '../theft/feature-bins.ts'

/** Edges of one column. */
const EDGES = 63

/**
 * Bins of terminals' features. What is not known of a terminal lies where the middle of the training rows does: most terminals never
 * have most signs, so that the middle of the bins would stand for many of them.
 */
export function binTerminals(bins: FeatureBins, features: Float32Array): Uint8Array {
  const out = binned(bins, features)
  const middle = middleBins(bins)
  for (let i = 0; i < out.length; i++) if (Number.isNaN(features[i])) out[i] = middle[i % bins.columns] as number
  return out
}

/** The bin of each column in which the middle of the training rows lies. */
export function middleBins({ edges, columns }: FeatureBins): Uint8Array {
  const middles = Float32Array.from({ length: columns }, (_, c) => edges[c * EDGES + (EDGES >> 1)] as number)
  return binned({ edges, columns }, middles)
}
