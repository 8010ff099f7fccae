import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { buildNetwork, conversionFactor, type Network, type NetworkDocument, referenceDensity } from '@gastwin/twin'
import { NodeDemand } from '../node-demand.ts'
import { FLOW_SENSOR, type Sensors, sensorsOf } from '../sensors.ts'
import type { Snapshot } from '../snapshot.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

export interface Scenario {
  readonly network: Network
  readonly sensors: Sensors
  readonly snapshots: readonly Snapshot[]
}

interface Series {
  readonly time: number[]
  readonly value: number[]
}

/** Hourly snapshots of a stored scenario's archive; `hours` from `first`, counted from its first row. */
export function readScenario(folder: string, first: number, hours: number): Scenario {
  const document = JSON.parse(readFileSync(join(folder, 'network.json'), 'utf8')) as NetworkDocument
  const zoneOf = new Map(document.nodes.map((node) => [node.id, node.zone ?? '']))
  const meters = document.meters.map((meter) => ({ ...meter, zone: meter.zone ?? zoneOf.get(meter.node) ?? '' }))
  const network = buildNetwork({ ...document, meters })
  const sensors = sensorsOf(network)
  const density = referenceDensity(document.fluid)
  const series = new Map<string, Series>()
  const lines = gunzipSync(readFileSync(join(folder, 'telemetry.csv.gz')))
    .toString('utf8')
    .split(/\r?\n/)
  for (const line of lines.slice(1)) {
    const [time = '', asset = '', quantity = '', value = ''] = line.split(',')
    if (time === '') continue
    const key = `${asset} ${quantity}`
    const row = series.get(key) ?? { time: [], value: [] }
    if (!series.has(key)) series.set(key, row)
    row.time.push(Date.parse(time))
    row.value.push(Number(value))
  }
  const begin = Date.parse((lines[1] ?? '').split(',')[0] ?? '') + first * HOUR
  const daily = new Float64Array(network.meters.count)
  const register = meters.map((meter) => {
    const corrected = series.get(`${meter.id} standard_index_m3`)
    const factor = corrected === undefined ? conversionFactor(101_325 + 2250, 283.15) : 1
    const row = corrected ?? series.get(`${meter.id} index_m3`)
    return row === undefined ? undefined : { ...inOrder(row), factor }
  })
  register.forEach((row, k) => {
    if (row === undefined) return
    const n = row.time.length - 1
    const span = ((row.time[n] ?? 0) - (row.time[0] ?? 0)) / DAY
    if (span > 0) daily[k] = (((row.value[n] ?? 0) - (row.value[0] ?? 0)) / span) * row.factor
  })
  const isSmall = meters.map((meter) => (meter.class ?? 'residential') === 'residential')
  const meteredAt = (from: number, to: number) =>
    Float64Array.from(register, (row, k) => {
      if (row === undefined || isSmall[k] === true) return Number.NaN
      const a = indexAt(row, from)
      const b = indexAt(row, to)
      return ((b - a) * row.factor) / ((to - from) / 1000)
    })
  const meanOver = (key: string, from: number, to: number): number => {
    const row = series.get(key)
    if (row === undefined) return Number.NaN
    let sum = 0
    let n = 0
    row.time.forEach((time, i) => {
      if (time <= from || time > to) return
      sum += row.value[i] ?? 0
      n += 1
    })
    return n >= 8 ? sum / n : Number.NaN
  }
  const demand = new NodeDemand(network)
  // The profile of an hour of the day: what flowed into each zone besides its metered customers, over all days.
  const zones = network.zones.count
  const flowRtu = new Map(document.rtus.filter((rtu) => rtu.channels.includes('flow')).map((rtu) => [rtu.at, rtu.id]))
  const net: number[][] = []
  for (let t = 0; t < hours; t++) {
    const from = begin + t * HOUR
    const metered = meteredAt(from, from + HOUR)
    net.push(
      network.zones.inlets.map((inlets, zone) => {
        let sum = 0
        for (const { edge, sign } of inlets)
          sum += sign * meanOver(`${flowRtu.get(network.edges.ids[edge] ?? '')} standard_flow_m3_s`, from, from + HOUR)
        metered.forEach((flow, k) => {
          if (network.meters.zone[k] === zone && !Number.isNaN(flow)) sum -= flow
        })
        return sum
      }),
    )
  }
  const meanDaily = new Float64Array(zones)
  daily.forEach((use, k) => {
    const zone = network.meters.zone[k] ?? -1
    if (zone >= 0 && isSmall[k] === true) meanDaily[zone] = (meanDaily[zone] ?? 0) + use / 86_400
  })
  const snapshots = net.map((_, t): Snapshot => {
    const from = begin + t * HOUR
    const profile = new Float64Array(zones + 1).fill(1)
    for (let zone = 0; zone < zones; zone++) {
      const same = net.filter((_row, u) => u % 24 === t % 24).map((row) => row[zone] ?? Number.NaN)
      const good = same.filter((x) => !Number.isNaN(x))
      profile[zone] = good.reduce((a, b) => a + b, 0) / Math.max(1, good.length) / (meanDaily[zone] ?? 1)
    }
    const estimate = demand.at(daily, profile, meteredAt(from, from + HOUR))
    const measured = Float64Array.from(sensors.ids, (id, k) =>
      sensors.kind[k] === FLOW_SENSOR
        ? density * meanOver(`${id} standard_flow_m3_s`, from, from + HOUR)
        : meanOver(`${id} pressure_pa`, from, from + HOUR),
    )
    return {
      at: from + HOUR,
      measured,
      samples: 12,
      withdrawal: estimate.withdrawal.slice(),
      withdrawalSigma: estimate.withdrawalSigma.slice(),
      commonPart: estimate.commonPart.slice(),
      commonSigma: new Float64Array(zones + 1).fill(0.2),
    }
  })
  return { network, sensors, snapshots }
}

function inOrder(row: Series): Series {
  const order = [...row.time.keys()].sort((a, b) => (row.time[a] ?? 0) - (row.time[b] ?? 0))
  return { time: order.map((i) => row.time[i] ?? 0), value: order.map((i) => row.value[i] ?? 0) }
}

/** A register's index at a time, between readings by a straight line. */
function indexAt(row: Series, at: number): number {
  let low = 0
  let high = row.time.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((row.time[middle] ?? 0) <= at) low = middle
    else high = middle
  }
  const a = row.time[low] ?? 0
  const b = row.time[high] ?? 0
  const share = b > a ? (at - a) / (b - a) : 0
  return (row.value[low] ?? 0) + share * ((row.value[high] ?? 0) - (row.value[low] ?? 0))
}
