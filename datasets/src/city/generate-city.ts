import type { Meter, NetworkDocument } from '@gastwin/twin'
import { unitHash } from '../seeded-random.ts'
import { drawBasemap } from './basemap.ts'
import { type Building, placeBuildings } from './buildings.ts'
import { describeNetwork } from './describe-network.ts'
import { divideIntoDistricts } from './districts.ts'
import { layLowPressure } from './low-pressure.ts'
import { layMediumPressure } from './medium-pressure.ts'
import { designFlow, eachMeter, type MeterRow, meanFlow } from './meters.ts'
import { NetworkDraft } from './network-draft.ts'
import { toLonLat } from './projection.ts'
import { sizePipes } from './size-pipes.ts'
import { chooseStationSites } from './station-sites.ts'
import { drawStreetPlan } from './street-plan.ts'

export interface CityOptions {
  /** Meters wanted, homes and businesses together; 200 or more. */
  readonly meters: number
  readonly seed: number
  /** Low-pressure districts; by default one for about 1 670 meters. */
  readonly zones?: number
  /** Concentrators with compounds of homes behind them; none when not said. */
  readonly concentrators?: number
}

export interface City {
  /** The document without its meters. */
  readonly network: NetworkDocument
  /** All meters, made on the way: ask as often as needed. */
  readonly rows: () => Iterable<CityMeter>
  /** True over believed value of each pipe's roughness and diameter, in the order of `network.pipes`. */
  readonly pipes: { readonly roughness_factor: number[]; readonly diameter_factor: number[] }
}

export interface CityMeter extends MeterRow {
  readonly node: string
  readonly zone: string
}

/**
 * Streets, pipes and stations stop growing here; a city of more meters has taller houses and wider pipes on the same streets,
 * so that the network document stays below about 65 000 nodes.
 */
export const LARGEST_STREET_PLAN_METERS = 100_000

/** An invented city and its gas network; the same options give the same city. */
export function generateCity({ meters, seed, zones: wanted }: CityOptions): City {
  const planned = Math.min(meters, LARGEST_STREET_PLAN_METERS)
  const crowdedness = meters / planned
  const zones = wanted ?? Math.max(3, Math.round(planned / 1670))
  const plan = drawStreetPlan(seed, Math.max(430, 2500 * Math.sqrt(planned / 20_000)), zones)
  const districtOf = divideIntoDistricts(plan, zones)
  const buildings = placeBuildings(plan, meters, 5.2 * crowdedness)
  const draft = new NetworkDraft(plan.seed)
  const low = layLowPressure(draft, plan, districtOf, buildings)
  const at = new Map<number, number>()
  for (const b of buildings) {
    const tap = low.tapOf[b.id] ?? -1
    if (tap >= 0) at.set(tap, (at.get(tap) ?? 0) + b.meters)
  }
  const { sites, useless } = chooseStationSites(draft, plan, low, at, 750 * crowdedness)
  const industry = buildings.filter((b) => b.kind === 'industrial')
  const medium = layMediumPressure(draft, plan, low, sites, industry)
  const nodeOf = (b: Building): number => medium.customers.get(b.id) ?? low.tapOf[b.id] ?? -1
  const mean = new Float64Array(draft.nodes.length)
  for (const row of eachMeter(plan.seed, buildings)) {
    const node = draft.node(nodeOf(row.building))
    node.demand += designFlow(row)
    mean[node.index] = (mean[node.index] ?? 0) + meanFlow(row)
  }
  sizePipes(
    draft,
    medium.gates.map((g) => g.node),
    medium.stations,
  )
  const basemap = drawBasemap(plan, districtOf, zones)
  const network = describeNetwork({ plan, draft, districtOf, zones, medium, useless, mean, basemap })
  return {
    network,
    pipes: truePipes(plan.seed, network.pipes.length),
    rows: function* () {
      for (const row of eachMeter(plan.seed, buildings)) {
        const node = draft.node(nodeOf(row.building))
        yield { ...row, node: node.id, zone: node.zone }
      }
    },
  }
}

/** The meter as the network document says it. */
export function meterDocument(row: CityMeter): Meter {
  const [lon, lat] = toLonLat([row.building.x, row.building.y])
  return {
    id: String(row.number),
    node: row.node,
    zone: row.zone,
    kind: 'gas',
    size: row.size,
    class: row.class,
    installed_year: row.installedYear,
    corrector: row.corrector,
    placement: row.placement,
    read_schedule: row.schedule,
    protected: row.protected,
    lon,
    lat,
  }
}

/** Name of the vendor profile of a meter: some deliveries of two makers speak in a way of their own; null by the standard. */
export function deliveredProfile({ number, installedYear, schedule }: CityMeter): string | null {
  const maker = Math.floor(number / 1e10)
  if (schedule !== 'daily') return null
  if (maker === 2205 && installedYear % 4 === 0) return 'emulated-turned-units'
  return maker === 3306 && installedYear % 4 === 1 ? 'cat1-c22c' : null
}

function truePipes(seed: number, count: number): City['pipes'] {
  const factor = (draw: number, low: number, high: number): number[] =>
    Array.from({ length: count }, (_, i) => Math.round((low + (high - low) * unitHash(seed, draw, i)) * 1e4) / 1e4)
  return { roughness_factor: factor(16, 0.5, 2.6), diameter_factor: factor(17, 0.97, 1.0) }
}
