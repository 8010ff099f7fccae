import { writeFile } from 'node:fs/promises'
import {
  explainGap,
  GAP_SHARES,
  GAP_TARIFF,
  type GapExplanation,
  type GapPeriod,
  type GapTariff,
  gapCosts,
  isStated,
  type KnownLeakPart,
  METER_PRICES,
  type MeterReplacement,
  meterReplacements,
  meterSuspects,
  type ReplacementOrder,
  replaceFirst,
  type ShareEstimate,
  salePrices,
} from '@gastwin/analytics'
import { type Network, UsageError } from '@gastwin/twin'
import { readGapAssumptions } from '../config/gap-assumptions-file.ts'
import { readKnownLeaks } from '../config/known-leaks-file.ts'
import { readNetworkFile } from '../config/network-file.ts'
import { readMeterPrices, readTariff } from '../config/tariff-file.ts'
import { readTelemetry } from '../telemetry/read-telemetry.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'
import { reasonInWords, replacementInWords, STANDING_WORDS } from './gap-words.table.ts'
import { replaceTable } from './replace-table.ts'

const USAGE =
  'gastwin gap NET --telemetry FILE [--from TIME] [--to TIME] [--every 1d] [--local] [--suspects FILE] [--tariff FILE] [--meter-prices FILE] [--assumptions FILE] [--replace m3|yuan] [--leaks FILE] [--json]   (--local: days of the network’s time zone instead of UTC)'

export const gap: Verb = {
  summary: 'say where the gas between supply and sales went, per zone and period, and which meters to look at',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(
      args,
      {
        telemetry: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        every: { type: 'string', default: '1d' },
        local: { type: 'boolean', default: false },
        suspects: { type: 'string' },
        tariff: { type: 'string' },
        'meter-prices': { type: 'string' },
        assumptions: { type: 'string' },
        replace: { type: 'string' },
        leaks: { type: 'string' },
        json: { type: 'boolean', default: false },
      } as const,
      USAGE,
    )
    const [file] = positionals
    if (file === undefined || values.telemetry === undefined) throw new UsageError('CLI_USAGE', `usage: ${USAGE}`)
    const from = instant('from', values.from)
    const to = instant('to', values.to)
    const everyDays = daysOf(values.every)
    const by = orderOf(values.replace)
    const tariff = values.tariff === undefined ? GAP_TARIFF : await readTariff(values.tariff)
    const prices = values['meter-prices'] === undefined ? METER_PRICES : await readMeterPrices(values['meter-prices'])
    const network = await readNetworkFile(file)
    const known = values.assumptions === undefined ? {} : await readGapAssumptions(values.assumptions, network)
    const leaks = values.leaks === undefined ? undefined : await readKnownLeaks(values.leaks, network)
    const telemetry = await readTelemetry(values.telemetry)
    const explained = explainGap(network, telemetry, {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      everyDays,
      localDays: values.local,
      assumptions: known,
      ...(leaks === undefined ? {} : { leaks }),
    })
    if (explained.periods.length === 0)
      throw new UsageError(
        'API_INPUT',
        `${values.telemetry}: no whole period of ${everyDays} days between the first reading of all meters and the last sample`,
      )
    const worth = { prices, tariff, assumptions: known }
    const replace = replaceFirst(meterReplacements(network, explained.suspicions, MOST, worth), by ?? 'm3', MOST)
    if (values.suspects !== undefined)
      await writeFile(values.suspects, `${JSON.stringify(evidence(network, explained, tariff, replace), null, 1)}\n`)
    if (values.json)
      console.log(JSON.stringify(explained.periods.map((period) => asContract(period, leaks !== undefined))))
    else
      console.log(
        [table(explained, tariff, leaks !== undefined), ...(by === undefined ? [] : replaceTable(replace, by))].join(
          '\n',
        ),
      )
    return EXIT.ok
  },
}

function instant(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = /(Z|[+-]\d{2}:?\d{2}|^\d{4}-\d{2}-\d{2})$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new UsageError(
      'CLI_USAGE',
      `--${name} is "${text}", expected a day (UTC) or a time such as 2026-01-05T00:00:00Z`,
    )
  return at
}

/** How many meters to replace are named. */
const MOST = 20

function orderOf(text: string | undefined): ReplacementOrder | undefined {
  if (text === undefined || text === 'm3' || text === 'yuan') return text
  throw new UsageError(
    'CLI_USAGE',
    `--replace is "${text}", expected m3 or yuan: what is to be won most of for each yuan`,
  )
}

function daysOf(text: string): number {
  const days = Number(/^(\d+)d$/.exec(text)?.[1] ?? Number.NaN)
  if (!(days >= 1)) throw new UsageError('CLI_USAGE', `--every is "${text}", expected whole days such as 1d or 7d`)
  return days
}

/** m³ to the litre: less would not add up to the eye, more is noise. */
const litres = (m3: number) => Math.round(m3 * 1000) / 1000
const time = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z')

/** @param withLeaks whether somebody told of leaks, so that the rows tell where they went */
function asContract(period: GapPeriod, withLeaks: boolean) {
  const of = period.shares
  const shares =
    of &&
    Object.fromEntries(
      GAP_SHARES.map((share) => {
        const { p05, p50, p95 } = of[share]
        return [share, { p05, p50, p95 }]
      }),
    )
  return {
    zone: period.zone,
    from: time(period.from),
    to: time(period.to),
    supply_m3: period.supply_m3,
    sales_m3: period.sales_m3,
    linepack_change_m3: period.linepack_change_m3,
    ...(period.own_use_m3 === 0 ? {} : { own_use_m3: period.own_use_m3 }),
    gap_m3: period.gap_m3,
    gap_rate: period.gap_rate,
    shares,
    ...(isDoubtful(period) ? { supply_state: period.supply_state, supply_doubt_m3: period.supply_doubt_m3 } : {}),
    ...(withLeaks ? { known_leaks: period.known_leaks.map(leakAsJson) } : {}),
  }
}

/** A doubt of the supply smaller than this share of it is not worth a word. */
const SMALL_DOUBT = 0.01
const isDoubtful = ({ supply_state, supply_doubt_m3, supply_m3 }: GapPeriod) =>
  supply_state === 'not_measured' || supply_doubt_m3 > SMALL_DOUBT * Math.abs(supply_m3)

const leakAsJson = ({ from, until, probability, ...rest }: KnownLeakPart) => ({
  ...rest,
  from: time(from),
  until: until === null ? null : time(until),
  probability: Math.round(probability * 1000) / 1000,
})

function evidence(
  network: Network,
  { periods, suspicions }: GapExplanation,
  tariff: GapTariff,
  replace: readonly MeterReplacement[],
) {
  return {
    suspects: meterSuspects(network, suspicions).map(({ facts, ...suspect }) => ({
      ...suspect,
      since: suspect.since === null ? null : time(suspect.since),
      reason: reasonInWords(facts),
      facts: facts.map((fact) => ({ ...fact, at: fact.at === null ? null : time(fact.at) })),
    })),
    replace: replace.map((one) => ({
      ...one,
      won_m3_per_year: litres(one.won_m3_per_year),
      won_m3_p05: litres(one.won_m3_p05),
      won_m3_p95: litres(one.won_m3_p95),
      reason: replacementInWords(one),
    })),
    cost: gapCosts(periods, tariff, salePrices(suspicions, tariff)),
  }
}

function leakLines(periods: readonly GapPeriod[], cell: (volume: ShareEstimate) => string): string[] {
  const lines = periods.flatMap(({ zone, from, known_leaks }) =>
    known_leaks.map(
      ({ id, standing, probability, volume_m3 }) =>
        `${zone.padEnd(8)}${time(from).slice(0, 10).padEnd(12)}${id.padEnd(24)}${STANDING_WORDS[standing].padEnd(24)}${cell(volume_m3)}   with probability ${probability.toFixed(2)}`,
    ),
  )
  return lines.length === 0 ? ['none in these periods'] : lines
}

function table({ periods, suspicions }: GapExplanation, tariff: GapTariff, withLeaks: boolean): string {
  const prices = salePrices(suspicions, tariff)
  const shares = GAP_SHARES.map((share) => share.replace('temperature_pressure', 'temp/press').replace('_', ' '))
  const lines = [
    `m³ at 293.15 K, 101 325 Pa; shares: estimate (90 % interval)`,
    `${'zone'.padEnd(8)}${'from'.padEnd(12)}${'supply'.padStart(10)}${'gap'.padStart(9)}${'rate'.padStart(8)}  ${shares.map((s) => s.padStart(19)).join('')}`,
  ]
  const cell = ({ p05, p50, p95 }: ShareEstimate) =>
    `${p50.toFixed(0)} (${p05.toFixed(0)}…${p95.toFixed(0)})`.padStart(19)
  for (const period of periods) {
    const rate = period.gap_rate === null ? '–' : `${(100 * period.gap_rate).toFixed(2)} %`
    const head = `${period.zone.padEnd(8)}${time(period.from).slice(0, 10).padEnd(12)}${period.supply_m3.toFixed(0).padStart(10)}`
    const percent = (100 * period.inlet_coverage).toFixed(0)
    lines.push(
      isStated(period)
        ? `${head}${period.gap_m3.toFixed(0).padStart(9)}${rate.padStart(8)}  ${GAP_SHARES.map((share) => cell(period.shares[share])).join('')}`
        : `${head}   supply not measured (${percent} % of the hours at every inlet): no gap can be stated`,
    )
  }
  if (withLeaks) lines.push('', 'known leaks inside the leak share, m³', ...leakLines(periods, cell))
  lines.push('', 'yuan a month')
  for (const { zone, yuan_per_month } of gapCosts(periods, tariff, prices))
    lines.push(`${zone.padEnd(8)}${''.padEnd(39)}  ${GAP_SHARES.map((share) => cell(yuan_per_month[share])).join('')}`)
  return lines.join('\n')
}
