import type { LowFlowScore, LowFlowSeries } from '../score-low-flow.ts'
import { scoreLowFlow } from '../score-low-flow.ts'
import { isLeak } from './leak-trial.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
/** So much of each record is read. */
const READ_D = 45

export interface NeverTrial {
  readonly homes: number
  /** Homes told of a flow when nothing was added. */
  readonly atUnchanged: readonly string[]
  readonly found: readonly { readonly flowM3H: number; readonly told: number; readonly inInterval: number }[]
}

/** Adds a constant flow from before the first reading on, one home at a time, and looks whether it is told within 45 days. */
export function neverTrial(series: readonly LowFlowSeries[], flowsM3H: readonly number[]): NeverTrial {
  const first = series.map((one) => begun(one, 0)).filter(({ time }) => time.length > 0)
  const leaky = flowsM3H.map((flow) => first.map((one) => begun(one, flow)))
  const scores = scoreLowFlow([...first, ...leaky.flat()])
  const ofFlow = (k: number) => scores.slice(k * first.length, (k + 1) * first.length)
  const told = (score: LowFlowScore) => score.findings.find(isLeak)
  return {
    homes: first.length,
    atUnchanged: ofFlow(0).flatMap((score) => (told(score) === undefined ? [] : [score.id])),
    found: flowsM3H.map((flowM3H, k) => {
      const findings = ofFlow(k + 1).flatMap((score) => told(score) ?? [])
      const holds = findings.filter(({ flowM3H: f }) => f !== null && f.p05 <= flowM3H && flowM3H <= f.p95)
      return { flowM3H, told: findings.length, inInterval: holds.length }
    }),
  }
}

/** The first days of a register, with a flow that has always been there: counted in whole steps. */
function begun(series: LowFlowSeries, flowM3H: number): LowFlowSeries {
  const { time, plan } = series
  const from = time[0] as number
  const until = Array.from(time).findIndex((at) => at > from + READ_D * DAY)
  const count = until < 0 ? time.length : until
  const value = Float64Array.from({ length: count }, (_, i) => {
    const flowed = (flowM3H * ((time[i] as number) - from)) / HOUR
    return (series.value[i] as number) + Math.floor(flowed / plan.stepM3) * plan.stepM3
  })
  return { ...series, time: Array.from(time).slice(0, count), value, unheard: flowM3H > 0 }
}
