import type { Meter, NetworkDocument, NetworkNode, Pipe, Rtu, Source, Zone } from '@gastwin/twin'
import type { SeededRandom } from '../seeded-random.ts'
import type { TrueMeter } from './scenario-meter.ts'

/** A customer's place in the town. */
export interface PlacedMeter {
  readonly id: string
  readonly zone: number
  readonly class: 'residential' | 'commercial' | 'industrial'
  readonly meter: TrueMeter
}

const STREETS = 12

/** A tree of pipes per zone, one metered inlet each, and one metered pipe between neighbours. */
export function describeTown(
  random: SeededRandom,
  name: string,
  zoneCount: number,
  meters: readonly PlacedMeter[],
): NetworkDocument {
  const nodes: NetworkNode[] = []
  const pipes: Pipe[] = []
  const sources: Source[] = []
  const rtus: Rtu[] = []
  const inlets = Array.from({ length: zoneCount }, (): { edge: string; sign: 1 | -1 }[] => [])
  const pipe = (id: string, from: string, to: string, length: number, diameter: number) =>
    pipes.push({ id, from, to, length_m: length, diameter_m: diameter, roughness_m: 0.0001 })
  for (let z = 0; z < zoneCount; z++) {
    const zone = zoneId(z)
    nodes.push({ id: `gate-${z + 1}`, kind: 'gate_station', zone: null })
    for (let s = 0; s < STREETS; s++) {
      nodes.push({ id: streetId(z, s), kind: 'junction', zone })
      if (s > 0)
        pipe(
          `p-${z + 1}-${s}`,
          streetId(z, random.below(s)),
          streetId(z, s),
          random.between(80, 600),
          random.between(0.05, 0.16),
        )
    }
    pipe(inletId(z), `gate-${z + 1}`, streetId(z, 0), 400, 0.2)
    sources.push({ node: `gate-${z + 1}`, pressure_pa: 300_000, temperature_k: 283.15 })
    inlets[z]?.push({ edge: inletId(z), sign: 1 })
    rtus.push({ id: `rtu-${inletId(z)}`, at: inletId(z), channels: ['flow'], sample: 'mean' })
    for (const s of [1, 5, 9])
      rtus.push({
        id: pressureRtu(z, s),
        at: streetId(z, s),
        channels: s === 1 ? ['pressure', 'temperature'] : ['pressure'],
        span_pa: 160_000,
      })
    if (z > 0) {
      pipe(crossingId(z), streetId(z - 1, 2), streetId(z, 2), 300, 0.1)
      inlets[z - 1]?.push({ edge: crossingId(z), sign: -1 })
      inlets[z]?.push({ edge: crossingId(z), sign: 1 })
      rtus.push({ id: `rtu-${crossingId(z)}`, at: crossingId(z), channels: ['flow'], sample: 'mean' })
    }
  }
  rtus.push({ id: 'air', at: 'gate-1', channels: ['temperature'], medium: 'air' })
  rtus.push({ id: 'barometer', at: 'gate-1', channels: ['pressure'], medium: 'air' })
  return {
    format: 'gastwin-network/1',
    name,
    time_zone: 'Asia/Shanghai',
    fluid: { kind: 'gas', density_kg_m3: 0.7, density_state: { pressure_pa: 101_325, temperature_k: 293.15 } },
    nodes,
    pipes,
    valves: [],
    regulators: [],
    sources,
    zones: inlets.map((list, z): Zone => ({ id: zoneId(z), name: `district ${z + 1}`, inlets: list })),
    meters: meters.map((row, i) => describeMeter(row, streetId(row.zone, i % STREETS))),
    rtus,
  }
}

function describeMeter({ id, zone, class: customer, meter }: PlacedMeter, node: string): Meter {
  return {
    id,
    node,
    zone: zoneId(zone),
    kind: 'gas',
    size: meter.size,
    class: customer,
    installed_year: meter.installedYear,
    corrector: meter.corrector,
    placement: meter.placeKnown ? meter.place : null,
    read_schedule: customer === 'residential' ? (meter.weekly ? 'weekly' : 'daily') : 'hourly',
  }
}

export const zoneId = (zone: number) => `D${zone + 1}`
export const inletId = (zone: number) => `inlet-${zone + 1}`
/** The metered pipe from the zone before into this one. */
export const crossingId = (zone: number) => `crossing-${zone + 1}`
export const pressureRtu = (zone: number, street: number) => `pressure-${zone + 1}-${street}`
const streetId = (zone: number, street: number) => `s-${zone + 1}-${street}`
