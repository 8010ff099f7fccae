import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { CustomerKind } from '../../../datasets/src/low-flow-scenarios/customer.ts'
import {
  type ScenarioMeter,
  type ScenarioOptions,
  scenarioMeters,
} from '../../../datasets/src/low-flow-scenarios/scenario.ts'
import type { LowFlowFinding } from './finding.ts'
import { type LowFlowSeries, scoreLowFlow } from './score-low-flow.ts'
import { coarser, onceADay } from './testing/inject-leak.ts'
import { foundByKnownHours } from './testing/known-hours.ts'
import { foundByKnownLaw } from './testing/known-law.ts'
import { isLeak, leakTrial, meterMonths, rateUpperLimit, shareInterval } from './testing/leak-trial.ts'
import { livelySpells } from './testing/lively-spells.ts'
import { risenTrial } from './testing/risen-trial.ts'
import { type LabelledHour, strangeHours, unremarkable } from './testing/strange-hours.ts'

const CEILING_CUSTOMERS = 20
/** Scenarios of which a ceiling is told: the step of the register is none to an observer who knows the law. */
const CEILINGS = new Set(['gas homes, 0.1 m3', 'heated gas homes, 0.1 m3', 'water homes, 1 L'])
const HOURLY_CEILING_CUSTOMERS = 60
/** So many meters for 200 days are 3 000 meter months: enough to see one in a thousand. */
const UNCHANGED_METERS = 460
// biome-ignore format: a table is read by its columns
const UNCHANGED: readonly (readonly [string, readonly CustomerKind[]])[] = [
  ['heated gas homes', ['gas_boiler']],
  ['gas homes, a third of them heated', ['gas_stove', 'gas_water_heater', 'gas_boiler']],
]
// biome-ignore format: a table is read by its columns
const HOURLY_CEILINGS: readonly (readonly [string, readonly CustomerKind[], number])[] = [
  ['gas homes, 0.1 m3', ['gas_stove', 'gas_water_heater'], 0.1],
  ['water homes, 0.1 m3', ['water_home'], 0.1],
  ['water homes, 1 L', ['water_home'], 0.001],
  ['heated gas homes, 0.1 m3', ['gas_boiler'], 0.1],
]
/** Households of the labelled water that were looked at. */
const WATER_DEVELOPED = ['s1', 's2'] as const
const percentOf = (shares: readonly number[]) =>
  `${((100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length).toFixed(0)} %`
const FLOWS = [0.02, 0.03, 0.05, 0.1, 0.2]
const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const folder = join(process.env['GASTWIN_DATA'] ?? join(repository, '../shared/data'), 'theft')

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
    for (const [name, kinds, stepM3] of SCENARIOS) {
      if (!wanted(`own ${name}, ${everyHours === 1 ? 'hourly' : 'daily'}`)) continue
      const list = ownSeries({ seed, meters, days, everyHours, kinds, stepM3 })
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
  if (wanted('unchanged'))
    for (const [name, kinds] of UNCHANGED) {
      const town = { seed, meters: UNCHANGED_METERS, days, everyHours: 1, kinds, stepM3: 0.1 } as const
      figures[`unchanged, own ${name}, 0.1 m3, hourly`] = unchangedFindings(
        ownSeries(town),
        unheated([...scenarioMeters(town)]),
      )
    }
  if (!existsSync(folder)) return { ...figures, 'real series': `SKIPPED: none at ${folder}` }
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
  if (wanted('labelled')) Object.assign(figures, labelled())
  return figures
}

function ownSeries(
  options: ScenarioOptions & { readonly everyHours: 1 | 24; readonly stepM3: number },
): LowFlowSeries[] {
  return [...scenarioMeters(options)].map(
    (meter): LowFlowSeries => ({
      id: meter.id,
      ...meter.series,
      place: String(meter.place),
      plan: {
        home: meter.customer.home,
        cadence: options.everyHours === 1 ? 'hourly' : 'daily',
        stepM3: options.stepM3,
        size: undefined,
        utcOffsetMs: () => 0,
      },
    }),
  )
}

function risen(series: readonly LowFlowSeries[]): string {
  const { windows, atUnchanged, found } = risenTrial(series, [0.02, 0.05, 0.1])
  const parts = found.map(({ flowM3H, share }) => `${1000 * flowM3H} L/h ${(100 * share).toFixed(0)} %`)
  const limit = (1.2 * windows).toFixed(0)
  return `${atUnchanged} findings in ${windows} windows of 36 days (${limit} meter months); found 18 days after their begin: ${parts.join(', ')}`
}

// biome-ignore format: a table is read by its columns
const SCENARIOS: readonly (readonly [string, readonly CustomerKind[], number])[] = [
  ['gas homes, 0.1 m3', ['gas_stove', 'gas_water_heater'], 0.1],
  ['gas homes, 1 L', ['gas_stove', 'gas_water_heater'], 0.001],
  ['heated gas homes, 0.1 m3', ['gas_boiler'], 0.1],
  ['gas homes, a third of them heated, 0.1 m3', ['gas_stove', 'gas_water_heater', 'gas_boiler'], 0.1],
  ['water homes, 1 L', ['water_home'], 0.001],
  ['businesses, 0.1 m3', ['restaurant', 'hotel', 'shift_works', 'day_works', 'office_heating'], 0.1],
]

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

/** True use in each hour of the homes that are not heated, and its begin. */
function unheated(meters: readonly ScenarioMeter[]): ReadonlyMap<string, Pick<ScenarioMeter, 'use' | 'series'>> {
  return new Map(meters.filter(({ customer }) => customer.heatingM3HK === 0).map((meter) => [meter.id, meter]))
}

/** @param others homes that are not heated, with their true use: a flow that is told of them stands in it or does not */
function unchangedFindings(series: readonly LowFlowSeries[], others: ReturnType<typeof unheated>): string {
  const months = meterMonths(series)
  const told = scoreLowFlow(series).flatMap(({ id, findings }) =>
    findings.filter(isLeak).map((finding) => ({ finding, truth: others.get(id) })),
  )
  const over = told.filter(({ finding }) => finding.kind === 'appliance_left_on').length
  const elsewhere = told.filter(({ truth }) => truth !== undefined)
  const real = elsewhere.filter(({ finding, truth }) => truth !== undefined && stands(finding, truth)).length
  return `${told.length} findings in ${months.toFixed(0)} meter months = ${((1000 * told.length) / months).toFixed(1)} per 1000 (95 %: below ${rateUpperLimit(told.length, months).toFixed(1)}); ${over} of them an appliance left on; ${elsewhere.length} at homes that are not heated, in ${real} of which at least half the flow stands in each hour for eight hours or more`
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

function rows(file: string): string[][] {
  return gunzipSync(readFileSync(join(folder, file)))
    .toString()
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split(','))
}

const HOME = { home: true, cadence: 'hourly', size: undefined, utcOffsetMs: () => 0 } as const

function waterHomes(part: 'test' | 'development'): LowFlowSeries[] {
  const homes = new Map<string, { time: number[]; value: number[] }>()
  for (const [id = '', time = '', litres = ''] of rows('daiad_water/daiad_water_hourly.csv.gz')) {
    const developed = (createHash('sha256').update(id).digest()[0] ?? 0) % 2 === 0
    if (developed !== (part === 'development')) continue
    const home = homes.get(id) ?? { time: [], value: [] }
    homes.set(id, home)
    home.time.push(Date.parse(`${time}Z`))
    home.value.push(Number(litres) / 1000)
  }
  return [...homes].map(([id, home]) => ({ id, ...home, plan: { ...HOME, stepM3: 0.001 } }))
}

/** Hourly readings of a series by the minute. */
function oneHouse(file: string, id: string, stepM3: number): LowFlowSeries {
  const time: number[] = []
  const value: number[] = []
  for (const [seconds = '', counter = ''] of rows(file)) {
    if (Number(seconds) % 3600 !== 0) continue
    time.push(Number(seconds) * 1000)
    value.push(Number(counter) / 1000)
  }
  return { id, time, value, plan: { ...HOME, stepM3, utcOffsetMs: () => -8 * 3_600_000 } }
}

/** Anomalous hours of the labelled sets: how many events were met by a finding, and what was found beside them. */
function labelled(): Record<string, string> {
  const out: Record<string, string> = {}
  const water = new Map<string, { time: number[]; value: number[]; marked: number[] }>()
  for (const [id = '', time = '', , meter = '', , label = ''] of rows(
    'water_leak_simulated/water_hourly_labelled.csv.gz',
  )) {
    const one = water.get(id) ?? { time: [], value: [], marked: [] }
    water.set(id, one)
    const at = Date.parse(`${time}:00Z`)
    one.time.push(at + 3_600_000)
    one.value.push(Number(meter) / 1000)
    if (label === '1') one.marked.push(at)
  }
  out['labelled water hours'] = events(
    [...water].map(([id, one]) => ({ id, ...one, plan: { ...HOME, stepM3: 0.001 } })),
  )
  const gas = { time: [] as number[], value: [] as number[], marked: [] as number[] }
  let register = 0
  for (const row of rows('uva_gas_hourly/uva_gas_hourly.csv.gz')) {
    const at = Date.parse(`${row[0]}:00Z`)
    register += Number(row[1])
    gas.time.push(at + 3_600_000)
    gas.value.push(register)
    if (row[7] === '1') gas.marked.push(at)
  }
  out['labelled gas hours'] = events([{ id: 'building', ...gas, plan: { ...HOME, home: false, stepM3: 1 } }])
  const strange = [2, 3, 4].map((above) => {
    const [met, of, beside] = strangeHours(labelledGas(), above)
    return `${met} of ${of} events from ${above} standard deviations on, ${beside} runs beside them in three years`
  })
  out['labelled gas, a rule of strange hours, every other event'] = strange.join('; ')
  const [low, of] = WATER_DEVELOPED.map((id) => unremarkable(labelledWater(id))).reduce((a, b) => [
    a[0] + b[0],
    a[1] + b[1],
  ])
  out[`labelled water, ${WATER_DEVELOPED.join(' and ')}`] =
    `${low} of ${of} marked hours hold no more than one hour in ten`
  return out
}

function labelledGas(): LabelledHour[] {
  return rows('uva_gas_hourly/uva_gas_hourly.csv.gz').map((row) => ({
    ...{ at: Date.parse(`${row[0]}:00Z`), use: Number(row[1]) },
    ...{ temperatureC: Number(row[3]), marked: row[7] === '1' },
  }))
}

function labelledWater(id: string): LabelledHour[] {
  return rows('water_leak_simulated/water_hourly_labelled.csv.gz')
    .filter((row) => row[0] === id)
    .map((row) => ({
      ...{ at: Date.parse(`${row[1]}:00Z`), use: Number(row[2]) },
      ...{ temperatureC: Number.NaN, marked: row[5] === '1' },
    }))
}

function events(series: readonly (LowFlowSeries & { readonly marked: readonly number[] })[]): string {
  let all = 0
  let met = 0
  let beside = 0
  const delays: string[] = []
  for (const [i, score] of scoreLowFlow(series).entries()) {
    const { marked } = series[i] as { marked: readonly number[] }
    const spans: { from: number; to: number }[] = []
    for (const at of marked) {
      const last = spans.at(-1)
      if (last !== undefined && at - last.to < 86_400_000) last.to = at + 3_600_000
      else spans.push({ from: at, to: at + 3_600_000 })
    }
    all += spans.length
    const touches = (f: (typeof score.findings)[number], span: { from: number; to: number }) =>
      f.since < span.to && (f.until ?? Number.POSITIVE_INFINITY) > span.from
    for (const span of spans) {
      const first = score.findings.filter((f) => touches(f, span)).sort((a, b) => a.toldAt - b.toldAt)[0]
      if (first === undefined) continue
      met++
      delays.push(`${((first.toldAt - span.from) / 3_600_000).toFixed(0)} h ${first.kind}`)
    }
    beside += score.findings.filter((f) => !spans.some((span) => touches(f, span))).length
  }
  return `${met} of ${all} events met (${delays.join(', ')}); ${beside} findings beside them at ${series.length} meters`
}
