import { normalTail } from '../leak/leak-posterior.ts'

/** One normal law of several that may hold. */
export interface MixturePart {
  /** Probability that this is the law, 0 … 1; the weights of a mixture add up to 1. */
  readonly weight: number
  readonly mean: number
  /** Standard deviation, > 0. */
  readonly deviation: number
}

/** Mean of a mixture, in the unit of its parts. */
export function mixtureMean(parts: readonly MixturePart[]): number {
  return parts.reduce((sum, { weight, mean }) => sum + weight * mean, 0)
}

const HALVINGS = 60
/** A normal law lies within so many deviations for every purpose here. */
const REACH = 8

/** Value below which the given share of a mixture lies. @param share 0 … 1 */
export function mixtureQuantile(parts: readonly MixturePart[], share: number): number {
  let low = Math.min(...parts.map(({ mean, deviation }) => mean - REACH * deviation))
  let high = Math.max(...parts.map(({ mean, deviation }) => mean + REACH * deviation))
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    const below = parts.reduce(
      (sum, { weight, mean, deviation }) => sum + weight * normalTail((middle - mean) / deviation),
      0,
    )
    if (below < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}
