import type { LowRankGaussian } from './calibration.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

const WORTHWHILE = 1e-3

/**
 * Writes a posterior as its prior's deviations and the directions that became known.
 *
 * @param mean        Float64Array[size]
 * @param deviation   Float64Array[size], before
 * @param members     places of the parameters that have a posterior of their own
 * @param covariance  Float64Array[n · n] of the scaled parameters, rows and columns `rows[i]` of which belong to `members[i]`
 * @param n           rows of `covariance`
 */
export function lowRankPosterior(
  mean: Float64Array,
  deviation: Float64Array,
  members: Int32Array,
  rows: Int32Array,
  covariance: Float64Array,
  n: number,
): LowRankGaussian {
  const size = mean.length
  const k = members.length
  const gain = new Float64Array(k * k)
  for (let i = 0; i < k; i++)
    for (let j = 0; j < k; j++)
      gain[i * k + j] = (i === j ? 1 : 0) - (covariance[(rows[i] as number) * n + (rows[j] as number)] as number)
  const { values, vectors } = symmetricEigen(gain, k)
  const kept: number[] = []
  for (let i = 0; i < k; i++) if ((values[i] as number) > WORTHWHILE) kept.push(i)
  const directions = new Float64Array(kept.length * size)
  kept.forEach((i, r) => {
    for (let j = 0; j < k; j++) directions[r * size + (members[j] as number)] = vectors[i * k + j] as number
  })
  const known = Float64Array.from(kept, (i) => Math.min(1, values[i] as number))
  return { size, rank: kept.length, mean, deviation, directions, known }
}

/** Standard deviations of a posterior, Float64Array[size]. */
export function deviationsOf(posterior: LowRankGaussian): Float64Array {
  const { size, rank, deviation, directions, known } = posterior
  const share = new Float64Array(size).fill(1)
  for (let r = 0; r < rank; r++)
    for (let j = 0; j < size; j++)
      share[j] = (share[j] as number) - (known[r] as number) * (directions[r * size + j] as number) ** 2
  return deviation.map((s, j) => s * Math.sqrt(Math.max(0, share[j] as number)))
}
