import { COURSE_FEATURES, type CourseFeature } from './course-features.table.ts'
import { courseFeatures, firstColumns } from './course-features.ts'
import { type DayPanel, pickRows } from './day-panel.ts'
import { binned } from './feature-bins.ts'
import { treeOdds } from './forest-odds.ts'
import { bestLevelChanges, type LevelChange } from './level-change.ts'
import { quantileOf } from './median.ts'
import type { PeerCourse } from './peer-course.ts'
import type { TheftModel } from './theft-model.ts'

/** What a suspicion rests on, in the words of a report. */
export type Reason =
  | 'level_against_peers'
  | 'zero_days'
  | 'drop_of_level'
  | 'rise_of_level'
  | 'irregular_course'
  | 'peers_not_followed'
  | 'shape_over_time'

/** Why a customer is suspected, since when, and how much may be missing. */
export interface Suspicion {
  /** Log odds that each comparison adds over the middle customer of the panel, strongest first; only what adds. */
  readonly reasons: readonly { readonly reason: Reason; readonly log_odds: number }[]
  /** First day (column) of the lower level; null when the course has no clear single drop. */
  readonly since_day: number | null
  /** Where the compared days lie: [from, to) of the level before and of the level after. */
  readonly compared: { readonly before: readonly [number, number]; readonly after: readonly [number, number] } | null
  /** Daily use in the meter's unit: before, expected after (own level before × the peers' course), shown after. */
  readonly use: { readonly before: number; readonly expected: number; readonly shown: number } | null
  /** Kept from the meter, units a day over the days after the drop; null when the course alone cannot size it. */
  readonly lost_per_day: { readonly p05: number; readonly p50: number; readonly p95: number } | null
  /** Runs of days [from, to) on which less than a third of the expected use was shown. */
  readonly days: readonly (readonly [number, number])[]
}

const GROUPS: Readonly<Record<Reason, RegExp>> = {
  level_against_peers:
    /^(level|nonzero_level|level_wave_0|place_(mean|median|lowest|highest)|use_(median|least|most|q\d+))$/,
  zero_days: /zero|small_share/,
  drop_of_level: /^drop_|late_to_early|last_week|slope|last_to_mean|lowest_week/,
  rise_of_level: /^rise_|first_to_mean|highest_week/,
  irregular_course:
    /variation|scatter|deviation|autocorrelation|weekday|turns|step|repeat|distinct|kurtosis|skewness|to_mean$|to_q90$/,
  peers_not_followed: /^peer_/,
  shape_over_time: /^segment_|^level_wave_[1-9]|^place_(early|first)/,
}
const CLEAR_DROP = 3.5
const MOST_PEERS = 400

/** Explains one row of a panel. */
export function explainSuspicion(model: TheftModel, panel: DayPanel, peers: PeerCourse, row: number): Suspicion {
  const drop = sizeDrop(panel, peers, row)
  return { reasons: reasonsOf(model, panel, peers, row), ...drop }
}

/** What each group of features adds: the trees' log odds, less those with the group at the middle of the training rows. */
function reasonsOf(model: TheftModel, panel: DayPanel, peers: PeerCourse, row: number): Suspicion['reasons'] {
  const one = courseFeatures(pickRows(panel, [row]), peers)
  const { columns } = model.bins
  const bins = binned(model.bins, firstColumns(one, columns))
  const said = treeOdds(model.trees, bins, columns)[0] as number
  const reasons: { reason: Reason; log_odds: number }[] = []
  for (const [reason, names] of Object.entries(GROUPS) as [Reason, RegExp][]) {
    const usual = bins.slice()
    for (const [column, name] of (COURSE_FEATURES as readonly CourseFeature[]).entries())
      if (column < columns && names.test(name)) usual[column] = 32
    const adds = said - (treeOdds(model.trees, usual, columns)[0] as number)
    if (adds > 0.02) reasons.push({ reason, log_odds: adds })
  }
  return reasons.sort((a, b) => b.log_odds - a.log_odds)
}

/**
 * Dates and sizes the best single drop of a course. The interval holds the scatter of the days (fewer independent ones
 * than days, by their autocorrelation) and how much honest customers' levels move between the same two periods.
 */
export function sizeDrop(panel: DayPanel, peers: PeerCourse, row: number): Omit<Suspicion, 'reasons'> {
  const { rest, day } = restOf(panel, peers, row)
  const n = rest.length
  const margin = Math.max(2, Math.min(7, n >> 3))
  const drop: LevelChange = { statistic: 0, change: 0, at: n }
  const rise: LevelChange = { statistic: 0, change: 0, at: n }
  const mean = n === 0 ? 0 : rest.reduce((sum, value) => sum + value, 0) / n
  if (mean > 0)
    bestLevelChanges(
      rest.map((value) => Math.log(value / mean + 0.05)),
      n,
      margin,
      drop,
      rise,
    )
  if (drop.statistic < CLEAR_DROP)
    return {
      since_day: null,
      compared: null,
      use: null,
      lost_per_day: null,
      days: mean > 0 ? lowDays(rest, day, 0, mean) : [],
    }
  const before = rest.subarray(0, drop.at)
  const after = rest.subarray(drop.at)
  const levelBefore = meanOf(before)
  const factorAfter = meanFactor(peers, day, drop.at, n)
  const expected = levelBefore * factorAfter
  const shown = meanOf(after) * factorAfter
  const since = day[drop.at] as number
  const spread = levelSpread(panel, peers, since)
  const scatter = 1.645 * Math.hypot(meanError(before), meanError(after))
  const error = factorAfter * Math.hypot(scatter, levelBefore * spread)
  const lost = expected - shown
  return {
    since_day: since,
    compared: { before: [day[0] as number, since], after: [since, (day[n - 1] as number) + 1] },
    use: { before: levelBefore * meanFactor(peers, day, 0, drop.at), expected, shown },
    lost_per_day: {
      p05: Math.max(0, lost - error),
      p50: Math.max(0, lost),
      p95: Math.max(0, lost + error),
    },
    days: lowDays(rest, day, drop.at, levelBefore),
  }
}

/** Values seen, with the peers' common course taken out, and their days. */
function restOf(panel: DayPanel, peers: PeerCourse, row: number): { rest: Float64Array; day: Int32Array } {
  const rest: number[] = []
  const day: number[] = []
  for (let d = 0; d < panel.days; d++) {
    const value = panel.values[row * panel.days + d] as number
    if (!(value >= 0)) continue
    rest.push(value / (peers.factor[d] as number))
    day.push(d)
  }
  return { rest: Float64Array.from(rest), day: Int32Array.from(day) }
}

function lowDays(rest: Float64Array, day: Int32Array, from: number, level: number): [number, number][] {
  const runs: [number, number][] = []
  for (let i = from; i < rest.length; i++) {
    if ((rest[i] as number) >= level / 3) continue
    const d = day[i] as number
    const last = runs.at(-1)
    if (last !== undefined && i > 0 && last[1] === (day[i - 1] as number) + 1) last[1] = d + 1
    else runs.push([d, d + 1])
  }
  return runs
}

/** How far nine of ten customers' levels move at most between the days before and after a day: share of the level. */
function levelSpread(panel: DayPanel, peers: PeerCourse, since: number): number {
  const moves: number[] = []
  const step = Math.max(1, Math.floor(panel.rows / MOST_PEERS))
  for (let row = 0; row < panel.rows; row += step) {
    const { rest, day } = restOf(panel, peers, row)
    const cut = day.findIndex((d) => d >= since)
    if (cut < 2 || rest.length - cut < 2) continue
    const before = meanOf(rest.subarray(0, cut))
    if (before > 0) moves.push(meanOf(rest.subarray(cut)) / before - 1)
  }
  if (moves.length < 20) return 0.5
  const sorted = Float64Array.from(moves).sort()
  const middle = quantileOf(sorted, 0.5)
  return quantileOf(sorted.map((move) => Math.abs(move - middle)).sort(), 0.9)
}

function meanOf(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function meanFactor(peers: PeerCourse, day: Int32Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += peers.factor[day[i] as number] as number
  return to > from ? sum / (to - from) : 1
}

function meanError(values: Float64Array): number {
  const n = values.length
  if (n < 2) return values[0] ?? 0
  const mean = meanOf(values)
  let squares = 0
  let lagged = 0
  for (let i = 0; i < n; i++) {
    const away = (values[i] as number) - mean
    squares += away * away
    if (i > 0) lagged += away * ((values[i - 1] as number) - mean)
  }
  const correlation = squares > 0 ? Math.max(0, Math.min(0.9, lagged / squares)) : 0
  return Math.sqrt((squares / (n - 1) / n) * ((1 + correlation) / (1 - correlation)))
}
