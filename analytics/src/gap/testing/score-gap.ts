import type { GapExplanation } from '../explain-gap.ts'
import { GAP_SHARES, type GapShare, isStated } from '../gap-period.ts'
import { theftScore } from '../meter-suspects.ts'
import { SeededDraws } from '../seeded-draws.ts'
import { THEFT_SIGNALS } from '../theft-evidence.ts'

const DAY_MS = 86_400_000

/** Truth of one zone and day, in m³. */
export interface TruthDay {
  readonly zone: string
  readonly from: number
  readonly supply_m3: number
  readonly shares: Readonly<Record<GapShare, number>>
}

/** Estimates of one town against its truth. */
export interface TownScore {
  /** Per share and period: error and truth in % of supply, whether the interval held it, and by how much it had to be wider. */
  readonly shares: Readonly<Record<GapShare, { error: number[]; truth: number[]; held: number[]; needed: number[] }>>
  /** Per meter: score, and 1 for a thief. */
  readonly meters: { readonly score: number; readonly thief: number; readonly signals: Float64Array }[]
  /** Difference of the stated and the true gap, % of supply. */
  readonly gapError: number[]
}

export function scoreTown(
  explained: GapExplanation,
  days: readonly TruthDay[],
  isThief: (meter: number) => boolean,
): TownScore {
  const truth = new Map(days.map((day) => [`${day.zone}/${day.from}`, day]))
  const shares = Object.fromEntries(
    GAP_SHARES.map((share) => [share, { error: [], truth: [], held: [], needed: [] }]),
  ) as unknown as TownScore['shares']
  const gapError: number[] = []
  for (const period of explained.periods.filter(isStated)) {
    let supply = 0
    let gap = 0
    const sum = Object.fromEntries(GAP_SHARES.map((share) => [share, 0])) as Record<GapShare, number>
    let complete = true
    for (let at = period.from; at < period.to; at += DAY_MS) {
      const day = truth.get(`${period.zone}/${at}`)
      if (day === undefined) {
        complete = false
        continue
      }
      supply += day.supply_m3
      for (const share of GAP_SHARES) {
        sum[share] += day.shares[share]
        gap += day.shares[share]
      }
    }
    if (!complete) continue
    gapError.push((100 * Math.abs(period.gap_m3 - gap)) / supply)
    for (const share of GAP_SHARES) {
      const { p05, p50, p95 } = period.shares[share]
      const one = shares[share]
      const off = sum[share] - p50
      one.error.push((100 * Math.abs(off)) / supply)
      one.truth.push((100 * Math.abs(sum[share])) / supply)
      one.held.push(sum[share] >= p05 && sum[share] <= p95 ? 1 : 0)
      one.needed.push(off > 0 ? off / Math.max(1e-9, p95 - p50) : -off / Math.max(1e-9, p50 - p05))
    }
  }
  const meters = explained.suspicions.map((one) => ({
    score: theftScore(one),
    thief: isThief(one.meter.register.meter) ? 1 : 0,
    signals: one.theft.signals,
  }))
  return { shares, meters, gapError }
}

/** A figure over towns with its 90 % interval, by drawing towns anew. */
export function overTowns<T>(
  towns: readonly T[],
  figure: (towns: readonly T[]) => number,
): readonly [value: number, low: number, high: number] {
  const draws = new SeededDraws(77)
  const again = Array.from({ length: 300 }, () =>
    figure(towns.map(() => towns[Math.floor(draws.uniform() * towns.length)] as T)),
  ).sort((a, b) => a - b)
  return [figure(towns), again[15] as number, again[284] as number]
}

export const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length)

/** Area under the ROC curve and average precision; equal scores count half. */
export function ranking(meters: readonly { readonly score: number; readonly thief: number }[]): {
  readonly auc: number
  readonly ap: number
} {
  const sorted = [...meters].sort((a, b) => b.score - a.score)
  const thieves = sorted.reduce((sum, { thief }) => sum + thief, 0)
  let found = 0
  let precision = 0
  let pairs = 0
  for (let i = 0; i < sorted.length; ) {
    let end = i
    let here = 0
    while (end < sorted.length && sorted[end]?.score === sorted[i]?.score) here += sorted[end++]?.thief ?? 0
    pairs += (end - i - here) * (found + here / 2)
    found += here
    precision += (here * found) / end
    i = end
  }
  return { auc: pairs / Math.max(1, thieves * (sorted.length - thieves)), ap: precision / Math.max(1, thieves) }
}

/** Weights of a logistic law over the signals of theft, by Newton's steps with a little ridge. */
export function fitTheftWeights(meters: TownScore['meters']): Readonly<Record<string, number>> {
  const size = THEFT_SIGNALS.length + 1
  const weights = new Float64Array(size)
  weights[0] = -4
  for (let step = 0; step < 60; step++) {
    const rows = Array.from({ length: size }, () => new Float64Array(size + 1))
    for (const { signals, thief } of meters) {
      const x = [1, ...signals]
      const p = 1 / (1 + Math.exp(-x.reduce((sum, v, j) => sum + v * (weights[j] as number), 0)))
      rows.forEach((row, j) => {
        const xj = x[j] as number
        if (xj === 0) return
        for (let k = 0; k < size; k++) row[k] = (row[k] as number) + p * (1 - p) * xj * (x[k] as number)
        row[size] = (row[size] as number) + (thief - p) * xj
      })
    }
    rows.forEach((row, j) => {
      row[j] = (row[j] as number) + (j === 0 ? 1e-6 : 1)
      if (j > 0) row[size] = (row[size] as number) - (weights[j] as number)
    })
    const change = solve(rows)
    const scale = Math.min(1, 0.7 / Math.max(...change.map(Math.abs)))
    change.forEach((value, j) => {
      weights[j] = (weights[j] as number) + scale * value
    })
  }
  const named = THEFT_SIGNALS.map((name, j) => [name, round(weights[j + 1] as number)] as const)
  return { constant: round(weights[0] as number), ...Object.fromEntries(named) }
}

const round = (value: number) => Math.round(value * 10) / 10

/** Gauss–Jordan on rows with the right side in the last place. */
function solve(rows: readonly Float64Array[]): number[] {
  const size = rows.length
  for (let i = 0; i < size; i++) {
    const pivot = rows[i] as Float64Array
    for (const row of rows) {
      if (row === pivot) continue
      const factor = (row[i] as number) / (pivot[i] as number)
      for (let k = i; k <= size; k++) row[k] = (row[k] as number) - factor * (pivot[k] as number)
    }
  }
  return rows.map((row, i) => (row[size] as number) / (row[i] as number))
}
