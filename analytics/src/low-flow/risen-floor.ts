/** A use that has been higher by the same amount on every day since some day. */
export interface RisenFloor {
  /** First day of the higher use, a column. */
  readonly day: number
  /** m³ a day, 90 % interval. */
  readonly m3PerDay: { readonly p05: number; readonly p50: number; readonly p95: number }
  /** The rise over its standard deviation. */
  readonly strength: number
  /** That something flows since then at all hours, 0 … 1. */
  readonly chance: number
}

/** Days of use needed before and after; days of absence are none. */
const LEAST_DAYS = 7
const ABSENT_M3 = 0.05
const TOLD = 4.5
/** Registers step by 0.1 m³: a day's use is no better known, m⁶. */
const STEP_VARIANCE = 0.1 ** 2 / 6
/** The quiet days must have risen by this part of the rise at least and at most: a guest cooks more, he does not add to each day the same. */
const QUIET_LEAST = 0.5
const QUIET_MOST = 2
/** A rise that never rests is a flow left on in so many cases at most: households change too (assumption). */
const MOST_CHANCE = 0.8
const RIDGE = 0.02
const NORMAL_90 = 1.645

/**
 * Looks for the day since which a home uses a constant amount more, beside what its town does: least squares of own level, town's course and
 * a step, over all places of the step. What registers read once a day can tell of a small flow.
 * @param use m³ a day; NaN where nothing was read
 * @param town how the town's use differs from its mean, share, same days
 * @returns undefined when no step is clear
 */
export function risenFloor(use: ArrayLike<number>, town: ArrayLike<number>): RisenFloor | undefined {
  const days: number[] = []
  for (let day = 0; day < use.length; day++) if ((use[day] as number) > ABSENT_M3) days.push(day)
  if (days.length < 2 * LEAST_DAYS) return undefined
  const value = Float64Array.from(days, (day) => use[day] as number)
  const course = Float64Array.from(days, (day) => town[day] as number)
  let best: { readonly at: number; readonly rise: number; readonly error: number } | undefined
  for (let at = LEAST_DAYS; at <= days.length - LEAST_DAYS; at++) {
    const fit = fitStep(value, course, at)
    if (best === undefined || fit.rise / fit.error > best.rise / best.error) best = { at, ...fit }
  }
  if (best === undefined) return undefined
  const { at, rise, error } = best
  const strength = rise / error
  const quiet = quantile(value.subarray(at), 0.1) - quantile(value.subarray(0, at), 0.25)
  if (strength < TOLD || quiet < QUIET_LEAST * rise || quiet > QUIET_MOST * rise) return undefined
  return {
    day: days[at] as number,
    m3PerDay: { p05: Math.max(0, rise - NORMAL_90 * error), p50: rise, p95: rise + NORMAL_90 * error },
    strength,
    chance: MOST_CHANCE * (1 - Math.exp(-(strength - TOLD + 2) / 3)),
  }
}

/** Level, town's course and step by least squares: the step and its standard deviation. */
function fitStep(
  value: Float64Array,
  course: Float64Array,
  at: number,
): { readonly rise: number; readonly error: number } {
  const n = value.length
  const after = n - at
  let [f, ff, fa, y, fy, ya] = [0, RIDGE, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const x = course[i] as number
    const v = value[i] as number
    f += x
    ff += x * x
    y += v
    fy += x * v
    if (i < at) continue
    fa += x
    ya += v
  }
  // Normal equations of (level, course, step), the level eliminated.
  const cff = ff - (f * f) / n
  const cfa = fa - (f * after) / n
  const caa = after - (after * after) / n
  const cfy = fy - (f * y) / n
  const cay = ya - (after * y) / n
  const determinant = cff * caa - cfa * cfa
  const rise = (cff * cay - cfa * cfy) / determinant
  const slope = (caa * cfy - cfa * cay) / determinant
  const level = (y - slope * f - rise * after) / n
  let [squares, lagged, last] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const rest = (value[i] as number) - level - slope * (course[i] as number) - (i < at ? 0 : rise)
    squares += rest * rest
    lagged += rest * last
    last = rest
  }
  // Days that resemble the day before count for less.
  const alike = squares > 0 ? Math.min(0.8, Math.max(0, lagged / squares)) : 0
  const variance = (squares / (n - 3)) * ((1 + alike) / (1 - alike)) + STEP_VARIANCE
  return { rise, error: Math.sqrt((variance * cff) / determinant) }
}

function quantile(values: Float64Array, share: number): number {
  const sorted = values.slice().sort()
  return sorted[Math.round(share * (sorted.length - 1))] as number
}

/**
 * How a town's use differs from its own mean by the day, as a share of it.
 * @param rows each m³ a day, NaN where nothing was read
 * @returns Float64Array[days]; 0 where nobody was read
 */
export function townCourse(rows: readonly ArrayLike<number>[], days: number): Float64Array {
  const sum = new Float64Array(days)
  const count = new Float64Array(days)
  for (const row of rows)
    for (let day = 0; day < days; day++) {
      const value = row[day] as number
      if (Number.isNaN(value)) continue
      sum[day] = (sum[day] as number) + value
      count[day] = (count[day] as number) + 1
    }
  const means = sum.map((total, day) => total / Math.max(1, count[day] as number))
  const known = means.filter((_, day) => (count[day] as number) > 0)
  const middle = known.reduce((total, mean) => total + mean, 0) / Math.max(1, known.length)
  return means.map((mean, day) => ((count[day] as number) > 0 && middle > 0 ? mean / middle - 1 : 0))
}
