import type { LowFlowFinding, LowFlowKind } from '../finding.ts'
import { type LowFlowScore, type LowFlowSeries, scoreLowFlow } from '../score-low-flow.ts'
import { injectLeak, type LeakySeries } from './inject-leak.ts'

/** Kinds that a leak may be told as. */
const LEAK_KINDS: readonly LowFlowKind[] = ['leak_behind_meter', 'flow_never_stops', 'appliance_left_on']
const DAY = 86_400_000

/** Whether a finding tells of a flow that lasts or lasted. */
export const isLeak = ({ kind }: LowFlowFinding): boolean => LEAK_KINDS.includes(kind)

/** Time that the meters were read, months of them all. */
export function meterMonths(series: readonly LowFlowSeries[]): number {
  return series.reduce(
    (sum, { time }) => sum + ((time[time.length - 1] as number) - (time[0] as number)) / (30.44 * DAY),
    0,
  )
}

export interface LeakTrial {
  readonly meterMonths: number
  /** Findings of lasting flow at series nothing was added to, and the meters they came from. */
  readonly findingsAtClean: number
  readonly cleanMeters: readonly string[]
  readonly leaks: number
  readonly foundInTime: number
  readonly foundAtAll: number
  readonly medianDelayDays: number
  /** Share of the found leaks whose true flow lies in the 90 % interval told. */
  readonly inInterval: number
}

/** Scores series as they are, then with one leak each of the given flows, among the unchanged ones as peers: they do not hear each other. */
export function leakTrial(
  series: readonly LowFlowSeries[],
  flowsM3H: readonly number[],
  withinDays: number,
): LeakTrial {
  const clean = scoreLowFlow(series)
  const leaky: LeakySeries[] = series.flatMap((one, i) =>
    flowsM3H.flatMap((flow, k) => injectLeak(one, flow, 100 * i + k) ?? []),
  )
  const scores = leaky.length === 0 ? [] : scoreLowFlow([...series, ...leaky]).slice(series.length)
  const delays: number[] = []
  let inInterval = 0
  for (const [i, one] of leaky.entries()) {
    const found = (scores[i] as LowFlowScore).findings
      .filter((f) => isLeak(f) && f.toldAt > one.leakFrom && f.toldAt <= one.leakTo)
      .sort((a, b) => a.toldAt - b.toldAt)[0]
    if (found === undefined) continue
    delays.push((found.toldAt - one.leakFrom) / DAY)
    const { p05, p95 } = found.flowM3H ?? { p05: 0, p95: 0 }
    if (p05 <= one.leakM3H * 1.02 && one.leakM3H <= p95 * 1.02) inInterval++
  }
  delays.sort((a, b) => a - b)
  const alarmed = clean.flatMap(({ id, findings }) => findings.filter(isLeak).map(() => id))
  return {
    meterMonths: meterMonths(series),
    findingsAtClean: alarmed.length,
    cleanMeters: [...new Set(alarmed)],
    leaks: leaky.length,
    foundInTime: delays.filter((days) => days <= withinDays).length,
    foundAtAll: delays.length,
    medianDelayDays: delays[delays.length >> 1] ?? Number.NaN,
    inInterval: inInterval / Math.max(1, delays.length),
  }
}

/** Wilson interval of a share, 95 %. */
export function shareInterval(hits: number, of: number): readonly [low: number, high: number] {
  if (of === 0) return [0, 1]
  const z = 1.96
  const p = hits / of
  const middle = (p + z ** 2 / (2 * of)) / (1 + z ** 2 / of)
  const half = (z * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2))) / (1 + z ** 2 / of)
  return [middle - half, middle + half]
}

/** 95 % upper limit of a rate of rare events per 1 000 units, Poisson (Wilson–Hilferty). */
export function rateUpperLimit(events: number, units: number): number {
  const k = events + 1
  return ((k * (1 - 1 / (9 * k) + 1.645 / (3 * Math.sqrt(k))) ** 3) / units) * 1000
}
