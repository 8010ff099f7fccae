/** How two models rank the same customers. */
export interface ScoreComparison {
  readonly customers: number
  /** Spearman's; NaN below three customers. */
  readonly rankCorrelation: number
  /** Of the 100 most suspicious of the one (or a tenth of all, where they are fewer than 1 000), the share that is among those of the other. */
  readonly topOverlap: number
  readonly top: number
}

/** @param one scores @param other scores of the same customers in the same order */
export function compareScores(one: ArrayLike<number>, other: ArrayLike<number>): ScoreComparison {
  const customers = one.length
  const a = scoreRanks(one)
  const b = scoreRanks(other)
  const top = Math.max(1, Math.min(100, Math.floor(customers / 10)))
  const first = new Set(highest(a, top))
  const common = highest(b, top).filter((row) => first.has(row)).length
  return { customers, rankCorrelation: correlation(a, b), topOverlap: customers === 0 ? 1 : common / top, top }
}

/**
 * Place of each score among all, 0 … 1: the share of the others that lie below it, ties by half.
 * @returns Float64Array; 0.5 where there is one customer only
 */
export function scoreRanks(scores: ArrayLike<number>): Float64Array {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i).sort(
    (x, y) => (scores[x] as number) - (scores[y] as number),
  )
  const ranks = new Float64Array(scores.length)
  const most = Math.max(1, scores.length - 1)
  for (let from = 0; from < order.length; ) {
    let end = from + 1
    while (end < order.length && scores[order[end] as number] === scores[order[from] as number]) end++
    const rank = order.length === 1 ? 0.5 : (from + end - 1) / 2 / most
    for (let i = from; i < end; i++) ranks[order[i] as number] = rank
    from = end
  }
  return ranks
}

function highest(ranks: Float64Array, count: number): number[] {
  return Array.from(ranks, (_, row) => row)
    .sort((x, y) => (ranks[y] as number) - (ranks[x] as number) || x - y)
    .slice(0, count)
}

function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length
  if (n < 3) return Number.NaN
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [x, y] = [(a[i] as number) - 0.5, (b[i] as number) - 0.5]
    ab += x * y
    aa += x * x
    bb += y * y
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN
}
