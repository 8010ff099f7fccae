import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { GAP_TARIFF, METER_PRICES } from '@gastwin/analytics'
import { buildCity } from '@gastwin/datasets'
import { buildNetwork, CityCalendar, members, type Report } from '@gastwin/twin'
import { LearnedModels } from './learned-models.ts'
import { LedgerWatch } from './ledger-watch.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/**
 * A city of daily meters, hourly businesses and hourly inlets, lived through at once: how long a report takes, what is held in memory
 * per meter, how long a statement takes. Use is invented and the same each day: time and memory do not depend on it.
 */
export async function run(options: {
  readonly json: boolean
  readonly meters?: string | number
  readonly days?: string | number
}): Promise<Record<string, number | string>> {
  const days = Number(options.days ?? 35)
  const network = buildNetwork(buildCity({ meters: Number(options.meters ?? 20_000), seed: 3 }).network)
  const start = Date.parse('2026-01-05T00:00:00+08:00')
  const { heapUsed, arrayBuffers } = memory()
  const models = new LearnedModels(null)
  await models.start()
  const watch = new LedgerWatch(network, { tariff: GAP_TARIFF, meterPrices: METER_PRICES }, () => models.pair)
  let reports = 0
  const begun = performance.now()
  for (let day = 0; day <= days; day++)
    for (const report of reportsOfDay(network, start + day * DAY, day)) {
      watch.take(report, report.deviceTime + 1000)
      reports += 1
    }
  const taking = performance.now() - begun
  const held = memory()
  const now = new CityCalendar(network.timeZone).dayStart(start + (days + 0.5) * DAY) + 8 * HOUR
  const before = process.cpuUsage()
  const message = watch.state(now, () => performance.now())
  const { user, system } = process.cpuUsage(before)
  const stated = memory()
  const mib = (bytes: number) => Math.round(bytes / 2 ** 20)
  return {
    meters: network.meters.count,
    zones: network.zones.count,
    days,
    reports,
    take_us_per_report: Math.round((1e4 * taking) / reports) / 10,
    held_bytes_per_meter: Math.round(
      (held.arrayBuffers - arrayBuffers + held.heapUsed - heapUsed) / network.meters.count,
    ),
    held_mib: mib(held.arrayBuffers - arrayBuffers + held.heapUsed - heapUsed),
    rss_after_statement_mib: mib(stated.rss),
    state_cpu_s: Math.round((user + system) / 1e5) / 10,
    state_s: message.type === 'stated' ? Math.round(message.tookMs / 100) / 10 : message.why,
    scored_meters: watch.scoring?.meters ?? 0,
    scoring_s: Math.round((watch.scoring?.tookMs ?? 0) / 100) / 10,
    statements: message.type === 'stated' ? message.statements.day.length : 0,
  }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is truly held. */
function memory() {
  collect()
  return process.memoryUsage()
}

function* reportsOfDay(network: ReturnType<typeof buildNetwork>, midnight: number, day: number): Generator<Report> {
  const { meters, rtus, zones } = network
  const perZone = zones.ids.map((_, zone) => members(zones.meters, zone).length)
  const often = meters.words.schedule.map((word) => word === '5min')
  for (let meter = 0; meter < meters.count; meter++) {
    const use = 0.4 + ((meter * 37) % 100) / 60
    const hourly = often[meters.schedule[meter] ?? 0] === true
    const quantity = meters.corrector[meter] === 1 ? ('standard_index_m3' as const) : ('index_m3' as const)
    const at = midnight + (meter % 180) * 60_000
    const spread = 0.2 * Math.sin(meter * 7 + day * day)
    yield said(
      meters.device[meter] ?? 0,
      'meter',
      hourly ? midnight + 23 * HOUR : at,
      hourly
        ? Array.from({ length: 24 }, (_, h) => ({
            quantity,
            at: midnight + h * HOUR,
            value: (day + h / 24) * 20 * use,
          }))
        : [{ quantity, at, value: 100 + day * use + spread }],
    )
  }
  const flowOf = new Map(
    zones.inlets.flatMap((inlets, zone) =>
      inlets.map(({ edge }): [number, number] => [edge, ((perZone[zone] ?? 0) * 1.3) / inlets.length / 86_400]),
    ),
  )
  for (let hour = 1; hour <= 24; hour++)
    for (let rtu = 0; rtu < rtus.count; rtu++) {
      const at = midnight + hour * HOUR
      const flow = flowOf.get(rtus.edge[rtu] ?? -1)
      yield said(rtus.device[rtu] ?? 0, 'rtu', at, [
        { quantity: 'pressure_pa', at, value: 104_000 },
        { quantity: 'temperature_k', at, value: 280 },
        ...(flow === undefined ? [] : [{ quantity: 'standard_flow_m3_s' as const, at, value: flow }]),
      ])
    }
}

const said = (device: number, kind: Report['kind'], at: number, readings: Report['readings']): Report => ({
  ...{ device, kind, trigger: 'timed', deviceTime: at, sequence: -1, readings, events: [], status: {} },
})
