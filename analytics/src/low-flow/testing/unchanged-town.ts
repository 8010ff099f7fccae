import type { ScenarioMeter } from '../../../../datasets/src/low-flow-scenarios/scenario.ts'
import type { LowFlowFinding } from '../finding.ts'
import { type LowFlowSeries, scoreLowFlow } from '../score-low-flow.ts'
import { isLeak, meterMonths, rateUpperLimit } from './leak-trial.ts'

/** True use in each hour of the homes that are not heated, and its begin. */
export function unheated(meters: readonly ScenarioMeter[]): ReadonlyMap<string, Pick<ScenarioMeter, 'use' | 'series'>> {
  return new Map(meters.filter(({ customer }) => customer.heatingM3HK === 0).map((meter) => [meter.id, meter]))
}

/** @param others homes that are not heated, with their true use: a flow that is told of them stands in it or does not */
export function unchangedFindings(series: readonly LowFlowSeries[], others: ReturnType<typeof unheated>): string {
  const months = meterMonths(series)
  const told = scoreLowFlow(series).flatMap(({ id, findings }) =>
    findings.filter(isLeak).map((finding) => ({ finding, truth: others.get(id) })),
  )
  const over = told.filter(({ finding }) => finding.kind === 'appliance_left_on').length
  const elsewhere = told.filter(({ truth }) => truth !== undefined)
  const real = elsewhere.filter(({ finding, truth }) => truth !== undefined && stands(finding, truth)).length
  return `${told.length} findings in ${months.toFixed(0)} meter months = ${((1000 * told.length) / months).toFixed(1)} per 1000 (95 %: below ${rateUpperLimit(told.length, months).toFixed(1)}); ${over} of them an appliance left on; ${elsewhere.length} at homes that are not heated, in ${real} of which at least half the flow stands in each hour for eight hours or more; ${told.length - real} without that = ${((1000 * (told.length - real)) / months).toFixed(1)} (below ${rateUpperLimit(told.length - real, months).toFixed(1)})`
}

/** Whether half of the flow told passed in each of eight hours in a row. */
function stands({ since, toldAt, flowM3H }: LowFlowFinding, { use, series }: Pick<ScenarioMeter, 'use' | 'series'>) {
  const hourOf = (at: number) => Math.round((at - series.beginsAt) / 3_600_000)
  let run = 0
  for (let hour = hourOf(since) - 8; hour < hourOf(toldAt); hour++) {
    run = (use[hour] ?? 0) >= 0.5 * (flowM3H?.p50 ?? 0) ? run + 1 : 0
    if (run === 8) return true
  }
  return false
}
