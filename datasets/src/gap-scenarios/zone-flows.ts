import type { NetworkDocument } from '@gastwin/twin'
import type { SeededRandom } from '../seeded-random.ts'
import type { ScenarioRow, TrueLeak } from './gap-scenario.ts'
import { leakedShare, type ScenarioLeak } from './scenario-leak.ts'
import { crossingId, inletId, pressureRtu, zoneId } from './scenario-network.ts'
import type { ScenarioWeather } from './scenario-weather.ts'

const HOUR_MS = 3_600_000

/** Per zone and hour, m³ at the reference state. */
export interface ZoneFlows {
  readonly leak: readonly Float64Array[]
  readonly linepackChange: readonly Float64Array[]
  /** Net inflow as it was, and as its meters measured it. */
  readonly entered: readonly Float64Array[]
  readonly measured: readonly Float64Array[]
  readonly rows: readonly ScenarioRow[]
  readonly leaks: readonly TrueLeak[]
}

interface Demand {
  readonly zones: number
  readonly hours: number
  taken(zone: number, hour: number): number
}

/** Leaks, pressures and inlet flows that fit what customers took, and what the RTUs say of them. */
export function inventZoneFlows(
  random: SeededRandom,
  town: NetworkDocument,
  weather: ScenarioWeather,
  demand: Demand,
  begin: number,
  leadDays: number,
  begun: readonly ScenarioLeak[],
): ZoneFlows {
  const { zones, hours } = demand
  const grid = () => Array.from({ length: zones }, () => new Float64Array(hours))
  const flows = {
    leak: grid(),
    linepackChange: grid(),
    entered: grid(),
    measured: grid(),
    rows: [] as ScenarioRow[],
    leaks: [] as TrueLeak[],
  }
  const crossing = grid()
  for (let zone = 0; zone < zones; zone++) {
    let mean = 0
    for (let h = 0; h < hours; h++) mean += demand.taken(zone, h) / hours
    const seeps = inventSeepage(random, mean, hours, leadDays * 24)
    const own = begun.filter((one) => one.zone === zone)
    const leak = (hour: number) => seeps(hour) + own.reduce((sum, one) => sum + mean * leakedShare(one, hour), 0)
    for (const { fromHour, untilHour, size } of own)
      flows.leaks.push({
        zone: zoneId(zone),
        from: begin + fromHour * HOUR_MS,
        until: untilHour < hours ? begin + untilHour * HOUR_MS : null,
        m3_per_hour: size * mean,
      })
    const volume = pipeVolume(town, zoneId(zone))
    const level = random.between(180_000, 300_000)
    let before = Number.NaN
    const offsets = [1, 5, 9].map(() => random.normal(0, 100))
    for (let h = 0; h <= hours; h++) {
      const load = demand.taken(zone, Math.min(h, hours - 1)) / mean
      const pressure = level - 2500 * load ** 1.5 + random.normal(0, 60)
      const kelvin = weather.ground[Math.min(h, hours - 1)] as number
      const held = (volume * pressure * 293.15) / (101_325 * kelvin)
      if (h > 0) {
        put(flows.linepackChange[zone], h - 1, held - before)
        put(flows.leak[zone], h - 1, leak(h - 1) * (pressure / level))
      }
      before = held
      const time = begin + h * HOUR_MS
      ;[1, 5, 9].forEach((street, i) => {
        if (random.chance(0.015)) return
        flows.rows.push({
          time,
          asset: pressureRtu(zone, street),
          quantity: 'pressure_pa',
          value: Math.round(pressure + (offsets[i] ?? 0)),
        })
      })
      if (h % 2 === 0)
        flows.rows.push({
          time,
          asset: pressureRtu(zone, 1),
          quantity: 'temperature_k',
          value: round(kelvin + random.normal(0, 0.15), 10),
        })
    }
    for (let h = 0; h < hours; h++) {
      put(
        flows.entered[zone],
        h,
        demand.taken(zone, h) + (flows.leak[zone]?.[h] ?? 0) + (flows.linepackChange[zone]?.[h] ?? 0),
      )
      if (zone > 0) put(crossing[zone], h, random.between(-0.02, 0.1) * mean)
    }
  }
  for (let zone = 0; zone < zones; zone++) {
    measure(
      inletId(zone),
      (h) => (flows.entered[zone]?.[h] ?? 0) - (crossing[zone]?.[h] ?? 0) + (crossing[zone + 1]?.[h] ?? 0),
      [[zone, 1]],
    )
    if (zone > 0)
      measure(crossingId(zone), (h) => crossing[zone]?.[h] ?? 0, [
        [zone, 1],
        [zone - 1, -1],
      ])
  }
  weather.air.forEach((kelvin, h) => {
    const time = begin + h * HOUR_MS
    flows.rows.push({ time, asset: 'air', quantity: 'temperature_k', value: round(kelvin + random.normal(0, 0.2), 10) })
    flows.rows.push({
      time,
      asset: 'barometer',
      quantity: 'pressure_pa',
      value: Math.round(weather.barometer[h] as number),
    })
  })
  return flows

  function measure(
    edge: string,
    flow: (hour: number) => number,
    zonesOf: readonly (readonly [zone: number, sign: number])[],
  ) {
    const gain = 1 + random.between(-0.005, 0.005)
    for (let h = 0; h < hours; h++) {
      const value = flow(h) * gain * (1 + random.normal(0, 0.001))
      for (const [zone, sign] of zonesOf) put(flows.measured[zone], h, (flows.measured[zone]?.[h] ?? 0) + sign * value)
      if (!random.chance(0.012))
        flows.rows.push({
          time: begin + (h + 1) * HOUR_MS,
          asset: `rtu-${edge}`,
          quantity: 'standard_flow_m3_s',
          value: Number((value / 3600).toPrecision(6)),
        })
    }
  }
}

/** Background that is always there, and in some zones one that grows. @param mean use of the zone, m³/h */
function inventSeepage(random: SeededRandom, mean: number, hours: number, lead: number): (hour: number) => number {
  const steady = mean * Math.exp(random.between(Math.log(0.002), Math.log(0.024)))
  if (!random.chance(0.4)) return () => steady
  const from = lead + random.below(hours - lead)
  const most = mean * random.between(0.003, 0.02)
  const grows = random.chance(0.5) ? random.between(24, hours) : 1
  return (hour) => steady + most * Math.min(1, Math.max(0, (hour - from) / grows))
}

function pipeVolume(town: NetworkDocument, zone: string): number {
  const inside = new Set(town.nodes.filter((node) => node.zone === zone).map((node) => node.id))
  return town.pipes
    .filter((pipe) => inside.has(pipe.from) && inside.has(pipe.to))
    .reduce((sum, pipe) => sum + (Math.PI / 4) * pipe.diameter_m ** 2 * pipe.length_m, 0)
}

const round = (value: number, per: number) => Math.round(value * per) / per

function put(to: Float64Array | undefined, at: number, value: number): void {
  if (to !== undefined) to[at] = value
}
