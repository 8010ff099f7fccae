import { existsSync } from 'node:fs'
import type { CustomerKind } from '../../../datasets/src/low-flow-scenarios/customer.ts'
import { scenarioMeters } from '../../../datasets/src/low-flow-scenarios/scenario.ts'
import type { LowFlowSeries } from './score-low-flow.ts'
import { coarser, onceADay } from './testing/inject-leak.ts'
import { foundByKnownHours } from './testing/known-hours.ts'
import { foundByKnownLaw } from './testing/known-law.ts'
import { labelledSets } from './testing/labelled-sets.ts'
import { leakTrial, rateUpperLimit, shareInterval } from './testing/leak-trial.ts'
import { livelySpells } from './testing/lively-spells.ts'
import { neverTrial } from './testing/never-trial.ts'
import { ownSeries, SCENARIOS } from './testing/own-series.ts'
import { oneHouse, REAL_SERIES, waterHomes } from './testing/real-series.ts'
import { risenTrial } from './testing/risen-trial.ts'
import { unchangedFindings, unheated } from './testing/unchanged-town.ts'

const CEILING_CUSTOMERS = 20
/** Scenarios of which a ceiling is told: the step of the register is none to an observer who knows the law. */
const CEILINGS = new Set(['gas homes, 0.1 m3', 'heated gas homes, 0.1 m3', 'water homes, 1 L'])
const HOURLY_CEILING_CUSTOMERS = 60
/** So many meters for 200 days are 3 000 meter months: enough to see one in a thousand. */
const UNCHANGED_METERS = 460
// biome-ignore format: a table is read by its columns
const UNCHANGED: readonly (readonly [string, readonly CustomerKind[], boolean])[] = [
  ['gas homes', ['gas_stove', 'gas_water_heater'], false],
  ['gas homes, kinds known', ['gas_stove', 'gas_water_heater'], true],
  ['water homes', ['water_home'], false],
  ['heated gas homes', ['gas_boiler'], false],
  ['gas homes, a third of them heated', ['gas_stove', 'gas_water_heater', 'gas_boiler'], false],
  ['gas homes, a third of them heated, kinds known', ['gas_stove', 'gas_water_heater', 'gas_boiler'], true],
]
// biome-ignore format: a table is read by its columns
const HOURLY_CEILINGS: readonly (readonly [string, readonly CustomerKind[], number])[] = [
  ['gas homes, 0.1 m3', ['gas_stove', 'gas_water_heater'], 0.1],
  ['water homes, 0.1 m3', ['water_home'], 0.1],
  ['water homes, 1 L', ['water_home'], 0.001],
  ['heated gas homes, 0.1 m3', ['gas_boiler'], 0.1],
]
const percentOf = (shares: readonly number[]) =>
  `${((100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length).toFixed(0)} %`
const FLOWS = [0.02, 0.03, 0.05, 0.1, 0.2]
/** Flows that were there before the first reading, m³/h. */
const FROM_BEFORE = [0.01, 0.02, 0.03, 0.05]

interface Options {
  readonly json: boolean
  /** Meters of each own scenario. */
  readonly meters?: string
  readonly days?: string
  readonly seed?: string
  /** Only lines whose name begins with this. */
  readonly only?: string
  /** Homes whose hash is even were developed on. */
  readonly part?: 'test' | 'development'
}

/** Leaks found and false findings on own scenarios and, where the data lie, on real series; a line for each. */
export async function run(options: Options): Promise<Record<string, number | string>> {
  const figures: Record<string, number | string> = {}
  const wanted = (name: string) => name.startsWith(options.only ?? '')
  const meters = Number(options.meters ?? 60)
  const days = Number(options.days ?? 200)
  const seed = Number(options.seed ?? 90_210)
  for (const everyHours of [1, 24] as const) {
    for (const [name, kinds, stepM3, kindsKnown] of SCENARIOS) {
      if (!wanted(`own ${name}, ${everyHours === 1 ? 'hourly' : 'daily'}`)) continue
      const list = ownSeries({ seed, meters, days, everyHours, kinds, stepM3, kindsKnown: kindsKnown === true })
      told(figures, `own ${name}, ${everyHours === 1 ? 'hourly' : 'daily'}`, list, everyHours === 1 ? 2 : 5)
    }
  }
  if (wanted('ceiling'))
    for (const [name, kinds] of SCENARIOS) {
      if (!CEILINGS.has(name)) continue
      const found = foundByKnownLaw(seed, kinds, CEILING_CUSTOMERS, FLOWS)
      const mean = found.reduce((sum, share) => sum + share, 0) / found.length
      figures[`ceiling, own ${name.split(',')[0]}, daily`] =
        `${(100 * mean).toFixed(0)} % within 5 d at one false finding in 1000 meter months: ${found.map((share, i) => `${1000 * (FLOWS[i] ?? 0)} L/h ${(100 * share).toFixed(0)} %`).join(', ')}`
    }
  if (wanted('hourly ceiling'))
    for (const [name, kinds, stepM3] of HOURLY_CEILINGS) {
      const found = foundByKnownHours(seed, kinds, HOURLY_CEILING_CUSTOMERS, FLOWS, stepM3)
      figures[`hourly ceiling, own ${name}`] =
        `${percentOf(found)} within 2 d at one false finding in 1000 meter months: ${found.map((share, i) => `${1000 * (FLOWS[i] ?? 0)} L/h ${(100 * share).toFixed(0)} %`).join(', ')}`
    }
  for (const [name, kinds, kindsKnown] of UNCHANGED) {
    if (!wanted(`unchanged, own ${name}, 0.1 m3, hourly`)) continue
    const town = { seed, meters: UNCHANGED_METERS, days, everyHours: 1, kinds, stepM3: 0.1, kindsKnown } as const
    figures[`unchanged, own ${name}, 0.1 m3, hourly`] = unchangedFindings(
      ownSeries(town),
      unheated([...scenarioMeters(town)]),
    )
  }
  if (!existsSync(REAL_SERIES)) return { ...figures, 'real series': `SKIPPED: none at ${REAL_SERIES}` }
  const homes = () => waterHomes(options.part ?? 'test')
  const daily = () => homes().map(onceADay)
  const houses = (file: string, id: string, stepM3: number) => {
    const one = oneHouse(file, id, stepM3)
    // One house, six times: each copy gets its leaks at other instants.
    return Array.from({ length: 6 }, (_, i) => ({ ...one, id: `${id} ${i}` }))
  }
  const trials: readonly (readonly [string, () => readonly LowFlowSeries[], number, readonly number[]])[] = [
    ['water homes, hourly, 1 L', homes, 2, FLOWS],
    ['water homes, daily, 1 L', daily, 5, FLOWS],
    ...FLOWS.map((flow) => [`water homes, daily, 1 L, ${1000 * flow} L/h`, daily, 5, [flow]] as const),
    ['water homes, hourly, 0.1 m3', () => homes().map((one) => coarser(one, 0.1)), 2, FLOWS],
    ['water homes, daily, 0.1 m3', () => daily().map((one) => coarser(one, 0.1)), 5, FLOWS],
    ['one house, water', () => houses('ampds2/house_water_1min.csv.gz', 'house', 0.00378541), 2, FLOWS],
    ['one house, furnace gas', () => houses('ampds2/furnace_gas_1min.csv.gz', 'furnace', 0.0283168), 2, FLOWS],
  ]
  for (const [name, series, days, flows] of trials) if (wanted(name)) told(figures, name, series(), days, flows)
  if (wanted('never rests')) {
    figures['never rests, water homes, hourly, 1 L'] = never(homes())
    figures['never rests, water homes, hourly, 0.1 m3'] = never(homes().map((one) => coarser(one, 0.1)))
  }
  if (wanted('risen floor')) {
    for (const part of ['development', 'test'] as const)
      figures[`risen floor, water homes, daily, 0.1 m3, ${part}`] = risen(
        waterHomes(part)
          .map(onceADay)
          .map((one) => coarser(one, 0.1)),
      )
  }
  if (wanted('lively spells')) {
    figures['lively spells, real water homes, development'] = livelySpells(waterHomes('development').map(onceADay))
    for (const [name, kind] of [
      ['water homes', 'water_home'],
      ['homes with gas heaters', 'gas_water_heater'],
      ['homes with gas stoves', 'gas_stove'],
    ] as const)
      figures[`lively spells, own ${name}`] = livelySpells(
        ownSeries({ seed: 777, meters: 60, days, everyHours: 24, kinds: [kind], stepM3: 0.001 }),
      )
  }
  if (wanted('labelled')) Object.assign(figures, labelledSets())
  return figures
}

function never(series: readonly LowFlowSeries[]): string {
  const { homes, atUnchanged, found } = neverTrial(series, FROM_BEFORE)
  const parts = found.map(
    ({ flowM3H, told, inInterval }) => `${1000 * flowM3H} L/h ${told} (in the interval ${inInterval})`,
  )
  return `${atUnchanged.length} findings at ${homes} unchanged homes ${atUnchanged.join(' ')}; a flow from before the first reading told in the first 45 days: ${parts.join(', ')}`
}

function risen(series: readonly LowFlowSeries[]): string {
  const { windows, atUnchanged, found } = risenTrial(series, [0.02, 0.05, 0.1])
  const parts = found.map(({ flowM3H, share }) => `${1000 * flowM3H} L/h ${(100 * share).toFixed(0)} %`)
  const limit = (1.2 * windows).toFixed(0)
  return `${atUnchanged} findings in ${windows} windows of 36 days (${limit} meter months); found 18 days after their begin: ${parts.join(', ')}`
}

function told(
  figures: Record<string, number | string>,
  name: string,
  series: readonly LowFlowSeries[],
  days: number,
  flows: readonly number[] = FLOWS,
): void {
  const trial = leakTrial(series, flows, days)
  const [low, high] = shareInterval(trial.foundInTime, trial.leaks)
  const percent = (share: number) => (100 * share).toFixed(0)
  figures[name] =
    `${percent(trial.foundInTime / trial.leaks)} % of ${trial.leaks} leaks within ${days} d (${percent(low)}–${percent(high)}), ` +
    `${percent(trial.foundAtAll / trial.leaks)} % within 14 d, median ${trial.medianDelayDays.toFixed(1)} d, flow in its interval ${percent(trial.inInterval)} %; ` +
    `${trial.findingsAtClean} findings at unchanged series in ${trial.meterMonths.toFixed(0)} meter months = ${((1000 * trial.findingsAtClean) / trial.meterMonths).toFixed(1)} per 1000 (95 %: below ${rateUpperLimit(trial.findingsAtClean, trial.meterMonths).toFixed(1)})` +
    (trial.cleanMeters.length > 0 && trial.cleanMeters.length < 6 ? ` at ${trial.cleanMeters.join(' ')}` : '')
}
