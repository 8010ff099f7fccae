/** Quantiles that a scale is made of. */
export const SCALE_EDGES = 63

/**
 * Shares of the rows below each edge of a scale, ascending: the mean of an even and a logistic scale. Of even shares the
 * uppermost bin would hold the last 1.6 % of all customers, and the top of a ranking lies within that; here it holds 0.8 %.
 */
export const TAIL_SHARES: Float64Array = Float64Array.from({ length: SCALE_EDGES }, (_, i) => {
  const logistic = 1 / (1 + Math.exp(7 - (14 * i) / (SCALE_EDGES - 1)))
  return ((i + 1) / (SCALE_EDGES + 1) + logistic) / 2
})

/** Shares of equal steps. */
export const EVEN_SHARES: Float64Array = Float64Array.from(
  { length: SCALE_EDGES },
  (_, i) => (i + 1) / (SCALE_EDGES + 1),
)

/**
 * The values of ascending numbers at the shares given, each one of the numbers; zeros where there are none.
 * @param out place for them, as long as the shares
 */
export function writeEdges(sorted: Float64Array, shares: Float64Array, out: Float32Array): void {
  const last = sorted.length - 1
  for (let e = 0; e < shares.length; e++)
    out[e] = last < 0 ? 0 : (sorted[Math.min(last, Math.floor((shares[e] as number) * sorted.length))] as number)
}

/**
 * Number of ascending edges of a scale that lie below a value, by halves of 32, 16 … 1. Each step adds a comparison as a
 * number, not by a branch: which half a value lies in cannot be guessed.
 */
export function edgesBelow(edges: Float32Array, from: number, value: number): number {
  let at = from
  at += +((edges[at + 31] as number) < value) << 5
  at += +((edges[at + 15] as number) < value) << 4
  at += +((edges[at + 7] as number) < value) << 3
  at += +((edges[at + 3] as number) < value) << 2
  at += +((edges[at + 1] as number) < value) << 1
  return at + +((edges[at] as number) < value) - from
}

/** As edgesBelow, with the edges at the value. */
export function edgesUpTo(edges: Float32Array, from: number, value: number): number {
  let at = from
  at += +((edges[at + 31] as number) <= value) << 5
  at += +((edges[at + 15] as number) <= value) << 4
  at += +((edges[at + 7] as number) <= value) << 3
  at += +((edges[at + 3] as number) <= value) << 2
  at += +((edges[at + 1] as number) <= value) << 1
  return at + +((edges[at] as number) <= value) - from
}
