import {
  findAsset,
  type LeakIncident,
  type LeakSettings,
  LeakWatch,
  type TelemetryPlace,
  type TelemetryQuantity,
} from '@gastwin/analytics'
import type { Network } from '@gastwin/twin'
import { SeededRandom } from '../seeded-random.ts'
import { type Judgement, judgeIncidents } from './judge-incidents.ts'
import { type LeakScenario, simulateLeakScenario } from './leak-scenario.ts'
import { naiveCusum } from './naive-cusum.ts'
import { drawLeakPlan } from './scenario-plan.ts'

/** Seeds below 1000 were used while building; none of them is judged here. */
const FIRST_SEED = 1001
const PERFECT: Partial<LeakSettings> = {
  frictionError: 0.004,
  patternError: 0,
  calibrateAfterH: Number.POSITIVE_INFINITY,
}

interface Options {
  readonly json: boolean
  /** Scenarios with a leak and without. */
  readonly leaks?: string
  readonly quiet?: string
  readonly first?: string
  /** `no`: without ceiling and floor, which takes half of the time. */
  readonly beside?: string
}

/** Leaks of many districts whose truth differs from the document, judged; beside them the ceiling of a perfect map and a naive floor. */
export async function run(options: Options): Promise<Record<string, number | string>> {
  const leaks = Number(options.leaks ?? 30)
  const quiet = Number(options.quiet ?? 15)
  const first = Number(options.first ?? FIRST_SEED)
  const ours: Judgement[] = []
  const ceiling: Judgement[] = []
  const floor: Judgement[] = []
  let seconds = 0
  for (let i = 0; i < leaks + quiet; i++) {
    const plan = drawLeakPlan(first + i, i < leaks)
    const scenario = simulateLeakScenario(plan)
    const started = performance.now()
    const found = watch(scenario, scenario.network, {})
    seconds += (performance.now() - started) / 1000
    const judged = judgeIncidents(scenario, found)
    ours.push(judged)
    if (options.beside !== 'no') {
      ceiling.push(judgeIncidents(scenario, watch(scenario, scenario.trueNetwork, PERFECT)))
      floor.push(judgeIncidents(scenario, naiveCusum(scenario)))
    }
    if (!options.json) console.log(line(scenario, judged, ceiling[ceiling.length - 1], found))
  }
  return {
    scenarios_with_leak: leaks,
    scenarios_without: quiet,
    ...figures('', ours, leaks),
    ...(ceiling.length === 0 ? {} : { ...figures('ceiling_', ceiling, leaks), ...figures('floor_', floor, leaks) }),
    seconds_per_12_days: seconds / (leaks + quiet),
  }
}

function watch(scenario: LeakScenario, network: Network, settings: Partial<LeakSettings>): readonly LeakIncident[] {
  const leakWatch = new LeakWatch(network, settings)
  const places = new Map<string, TelemetryPlace | undefined>()
  for (const { time, asset, quantity, value } of scenario.rows) {
    const key = `${asset} ${quantity}`
    if (!places.has(key)) places.set(key, findAsset(network, asset, quantity as TelemetryQuantity))
    const place = places.get(key)
    if (place !== undefined) leakWatch.observe(time, place, quantity as TelemetryQuantity, value)
  }
  leakWatch.finish()
  return leakWatch.incidents()
}

function figures(prefix: string, all: readonly Judgement[], leaks: number): Record<string, string> {
  const withLeak = all.slice(0, leaks)
  const found = withLeak.filter((judged) => judged.found)
  const of = (rows: readonly Judgement[], value: (judged: Judgement) => number, p: number): string =>
    interval(rows.map(value), (values) => quantile(values, p))
  const share = (rows: readonly Judgement[], is: (judged: Judgement) => boolean): string =>
    interval(
      rows.map((judged) => (is(judged) ? 1 : 0)),
      mean,
    )
  const alarms = (count: (judged: Judgement) => number): string =>
    interval(
      all.map((judged) => count(judged) / judged.weeks),
      mean,
    )
  return {
    [`${prefix}found`]: share(withLeak, (judged) => judged.found),
    [`${prefix}delay_h_median`]: of(found, (judged) => judged.delayH, 0.5),
    [`${prefix}delay_h_p90`]: of(found, (judged) => judged.delayH, 0.9),
    [`${prefix}false_alarms_per_week`]: alarms((judged) => judged.falseAlarms + judged.withdrawn),
    [`${prefix}of_these_standing`]: alarms((judged) => judged.falseAlarms),
    [`${prefix}rank_median`]: of(found, (judged) => judged.rank, 0.5),
    [`${prefix}first_is_true`]: share(found, (judged) => judged.rank === 1),
    [`${prefix}distance_m_median`]: of(found, (judged) => judged.distanceM, 0.5),
    [`${prefix}search_m_median`]: of(found, (judged) => judged.searchM, 0.5),
    [`${prefix}search_m_p90`]: of(found, (judged) => judged.searchM, 0.9),
    [`${prefix}region_90_holds`]: share(found, (judged) => judged.covered),
    [`${prefix}region_90_m_median`]: of(found, (judged) => judged.regionM, 0.5),
    [`${prefix}size_90_holds`]: share(found, (judged) => judged.sizeCovered),
    [`${prefix}size_error_median`]: of(found, (judged) => judged.sizeError, 0.5),
  }
}

/** Value and its 90 % interval by resampling. */
function interval(values: readonly number[], statistic: (values: readonly number[]) => number): string {
  if (values.length === 0) return 'none'
  const random = new SeededRandom(9)
  const draws = Array.from({ length: 1000 }, () => statistic(values.map(() => random.pick(values)))).sort(
    (a, b) => a - b,
  )
  return `${round(statistic(values))} (${round(draws[50] ?? Number.NaN)} … ${round(draws[949] ?? Number.NaN)})`
}

function line(
  scenario: LeakScenario,
  judged: Judgement,
  best: Judgement | undefined,
  found: readonly LeakIncident[],
): string {
  const [event] = scenario.events
  const title =
    event === undefined
      ? `seed ${scenario.plan.seed} none`
      : `seed ${scenario.plan.seed} ${event.kind} ${event.growth} ${(100 * event.share_of_zone_mean_flow).toFixed(1)} %`
  const shown = ({ found: is, delayH, rank, searchM, covered, sizeCovered }: Judgement): string =>
    is
      ? `${delayH.toFixed(1)} h, rank ${rank}, search ${searchM.toFixed(0)} m, region ${covered ? 'holds' : 'misses'}, size ${sizeCovered ? 'holds' : 'misses'}`
      : 'not found'
  const wrong = judged.falseAlarms + judged.withdrawn
  return `${title}: ${event === undefined ? '' : shown(judged)}${wrong > 0 ? ` FALSE ${judged.falseAlarms}+${judged.withdrawn}` : ''}${best === undefined || event === undefined ? '' : ` | ceiling ${shown(best)}`} [${scenario.distractors.map((d) => d.kind).join(' ')}] incidents ${found.length}`
}

const round = (value: number): number => Number(value.toPrecision(3))
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = p * (sorted.length - 1)
  const low = sorted[Math.floor(at)] ?? Number.NaN
  return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? low) - low)
}
