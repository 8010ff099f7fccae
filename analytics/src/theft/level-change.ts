/** The best single change of level in a course. */
export interface LevelChange {
  /** t-like statistic, ≥ 0. */
  statistic: number
  /** Mean after less mean before, in the units of the course. */
  change: number
  /** Number of values before the change. */
  at: number
}

/**
 * Best single change downwards and upwards of a course: the place where the means before and after differ most for the
 * scatter around them (Gaussian likelihood ratio, at least `margin` values on either side).
 * @param course  values in the order of time, `count` of them used
 */
export function bestLevelChanges(
  course: Float64Array,
  count: number,
  margin: number,
  drop: LevelChange,
  rise: LevelChange,
): void {
  for (const change of [drop, rise]) {
    change.statistic = 0
    change.change = 0
    change.at = count
  }
  let total = 0
  let squares = 0
  for (let i = 0; i < count; i++) {
    const value = course[i] as number
    total += value
    squares += value * value
  }
  let sum = 0
  for (let before = 1; before < count; before++) {
    sum += course[before - 1] as number
    if (before < margin || count - before < margin) continue
    const after = count - before
    const meanBefore = sum / before
    const meanAfter = (total - sum) / after
    const within = Math.max(0, squares - sum * meanBefore - (total - sum) * meanAfter)
    const change = meanAfter - meanBefore
    const statistic = Math.abs(change) / Math.sqrt((within / Math.max(1, count - 2) + 1e-4) * (1 / before + 1 / after))
    const best = change < 0 ? drop : rise
    if (statistic > best.statistic) {
      best.statistic = statistic
      best.change = change
      best.at = before
    }
  }
}
