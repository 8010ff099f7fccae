/** How well scores put the positives on top. */
export interface RankingScores {
  /** Probability that a positive is above a negative; ties count a half. */
  readonly rocAuc: number
  readonly averagePrecision: number
  /** Mean of precision@k over the positives found among the first 100 of the ranking; 0 when none is. */
  readonly mapAt100: number
}

/** A ranking whose order is known, so that scores of resampled rows cost one pass. */
export interface Ranking {
  /** Rows from the highest score to the lowest. */
  readonly order: Int32Array
  /** 1 where the row of this place has the same score as the one before it. */
  readonly tied: Uint8Array
}

/** @param ties number by which equal scores are put in order for MAP@100: nothing to do with the label */
export function rankRows(scores: ArrayLike<number>, ties: ArrayLike<number>): Ranking {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || (ties[a] as number) - (ties[b] as number),
  )
  const tied = new Uint8Array(order.length)
  for (let i = 1; i < order.length; i++) if (scores[order[i] as number] === scores[order[i - 1] as number]) tied[i] = 1
  return { order, tied }
}

/**
 * @param labels 0 or 1
 * @param times  how often each row counts (for resampling); once when left out
 */
export function rankingScores(
  { order, tied }: Ranking,
  labels: ArrayLike<number>,
  times?: ArrayLike<number>,
): RankingScores {
  let positives = 0
  let total = 0
  for (let row = 0; row < order.length; row++) {
    const count = times === undefined ? 1 : (times[row] as number)
    total += count
    positives += count * (labels[row] as number)
  }
  const negatives = total - positives
  let above = 0
  let found = 0
  let won = 0
  let precisionSum = 0
  let hits = 0
  let topSum = 0
  for (let i = 0; i < order.length; ) {
    let inTie = 0
    let positiveInTie = 0
    let end = i
    do {
      const row = order[end] as number
      const count = times === undefined ? 1 : (times[row] as number)
      const label = labels[row] as number
      for (let k = 0; k < count && label === 1 && above + inTie + k < 100; k++) {
        hits += 1
        topSum += hits / (above + inTie + k + 1)
      }
      inTie += count
      positiveInTie += count * label
      end += 1
    } while (end < order.length && tied[end] === 1)
    const negativesAbove = above - found
    won += positiveInTie * (negatives - negativesAbove - (inTie - positiveInTie) / 2)
    found += positiveInTie
    above += inTie
    if (above > 0) precisionSum += positiveInTie * (found / above)
    i = end
  }
  return {
    rocAuc: positives === 0 || negatives === 0 ? Number.NaN : won / positives / negatives,
    averagePrecision: positives === 0 ? Number.NaN : precisionSum / positives,
    mapAt100: hits === 0 ? 0 : topSum / hits,
  }
}
