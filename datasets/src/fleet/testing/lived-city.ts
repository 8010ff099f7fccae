import { buildNetwork, CityCalendar, type Network, type NetworkDocument, type Report } from '@gastwin/twin'
import type { CityTruth } from '../../city/city-truth.ts'
import { normalHash, unitHash } from '../../seeded-random.ts'
import { customersOf } from '../city-crew.ts'
import { DAY_MS, Weather } from '../demand/weather.ts'
import { reportSecond } from '../devices/peak-spreading.ts'
import { ConsumptionBook } from '../metering/consumption-book.ts'
import { magnetOn } from '../metering/tampering.ts'
import type { ScenarioPlan } from '../scenario/scenario-plan.ts'

const HOUR_MS = 3_600_000
/** Part of a zone's intake that leaks, in every zone the whole time. */
const LEAK = 0.008
const LOST = 0.01

export interface LivedCityOptions {
  readonly document: NetworkDocument
  readonly truth: CityTruth
  readonly plan: ScenarioPlan
  readonly seed: number
  /** First local midnight, Unix ms. */
  readonly start: number
  readonly days: number
}

/**
 * The reports of a city that lived through some days, without radio and without hydraulics: registers of the fleet's own customers
 * with what the scenario does to them, flows of inlets that are the sum of what was used, stolen and leaked. Day by day.
 */
export function* liveCity(options: LivedCityOptions): Generator<readonly Report[]> {
  const { document, truth, plan, seed, start, days } = options
  const weather = new Weather(seed, new CityCalendar(document.time_zone).offset(start))
  const customers = customersOf(
    { document, truth, seed, host: '', port: 0, plan: { segments: [] }, scenario: '', masterKey: new Uint8Array(0) },
    plan,
  )
  const book = new ConsumptionBook(
    seed,
    customers.map(({ consumer }) => consumer),
    plan.taps,
    weather,
  )
  const network = buildNetwork(document)
  book.openDay(start)
  for (let day = 0; day < days; day++) {
    const midnight = start + day * DAY_MS
    book.openDay(midnight)
    const reports: Report[] = [...instruments(network, book, weather, seed, midnight)]
    for (const { consumer, meter } of customers) {
      const { device, tampering } = consumer
      if (unitHash(seed, 201, device, day) < LOST) continue
      const home = meter.read_schedule !== '5min'
      const first = midnight + (home ? reportSecond(device, 0) * 1000 : 0)
      const times = home ? [first] : Array.from({ length: 24 }, (_, h) => first + h * HOUR_MS)
      const values = book.registers(consumer, times)
      const noticed =
        tampering?.kind === 'magnet' &&
        unitHash(seed, 97, device) < 0.35 &&
        first >= tampering.from &&
        magnetOn(tampering, weather.dayNumber(first))
      reports.push({
        ...{ device, kind: 'meter', trigger: 'timed', deviceTime: times.at(-1) ?? first, sequence: day + 1 },
        readings: times.map((at, i) => ({
          quantity: consumer.corrected ? 'standard_index_m3' : 'index_m3',
          at,
          value: values[i] ?? 0,
        })),
        events: noticed ? ['magnet'] : [],
        status: { valve: 'open' },
      })
    }
    yield reports.sort((a, b) => a.deviceTime - b.deviceTime)
  }
}

/** One report an hour of every RTU: what flowed through inlets, and pressures and temperatures that stand still. */
function* instruments(
  network: Network,
  book: ConsumptionBook,
  weather: Weather,
  seed: number,
  midnight: number,
): Generator<Report> {
  const { nodes, zones, rtus } = network
  const slope = new Float64Array(nodes.count)
  for (let hour = 1; hour <= 24; hour++) {
    const volume = slope.map((flow) => flow * 3600)
    book.calendar.advance(hour * 3600, slope, volume)
    const intake = new Float64Array(zones.count)
    volume.forEach((m3, node) => {
      const zone = nodes.zone[node] ?? -1
      if (zone >= 0) intake[zone] = (intake[zone] ?? 0) + m3 / (1 - LEAK) / 3600
    })
    const flows = edgeFlows(network, intake)
    const at = midnight + hour * HOUR_MS
    for (let rtu = 0; rtu < rtus.count; rtu++) {
      const device = rtus.device[rtu] ?? Number.NaN
      const flow = flows.get(rtus.edge[rtu] ?? -1)
      const gain = 1 + 0.003 * normalHash(seed, 202, device)
      yield {
        ...{ device, kind: 'rtu', trigger: 'timed', deviceTime: at, sequence: -1, events: [], status: {} },
        readings: [
          { quantity: 'pressure_pa', at, value: 104_000 + 30 * normalHash(seed, 203, device, at / HOUR_MS) },
          { quantity: 'temperature_k', at, value: weather.ground(at) },
          ...(flow === undefined ? [] : [{ quantity: 'standard_flow_m3_s' as const, at, value: flow * gain }]),
        ],
      }
    }
  }
}

/** Each zone's intake shared evenly by the edges that lead into it alone; what gates pass is the whole. */
function edgeFlows({ zones }: Network, intake: Float64Array): Map<number, number> {
  const flows = new Map<number, number>()
  const outlets = new Map<number, number>()
  zones.inlets.forEach((inlets, zone) => {
    for (const { edge, sign } of inlets) if (sign < 0) outlets.set(edge, zone)
  })
  zones.inlets.forEach((inlets, zone) => {
    const own = inlets.filter(({ edge, sign }) => sign > 0 && outlets.has(edge))
    for (const { edge } of own) flows.set(edge, (intake[zone] ?? 0) / own.length)
  })
  zones.inlets.forEach((inlets, zone) => {
    const own = inlets.filter(({ edge, sign }) => sign > 0 && !outlets.has(edge))
    const passedOn = inlets.reduce((sum, { edge, sign }) => (sign < 0 ? sum + (flows.get(edge) ?? 0) : sum), 0)
    for (const { edge } of own) flows.set(edge, ((intake[zone] ?? 0) + passedOn) / own.length)
  })
  return flows
}
