import type { NetworkDocument, Rtu, Zone } from '@gastwin/twin'
import { unitHash } from '../seeded-random.ts'
import { ambientPressure } from './ambient.ts'
import { districtOutline } from './basemap.ts'
import { placeInstruments } from './field-instruments.ts'
import { zoneId } from './low-pressure.ts'
import { type DraftPipe, MP, type NetworkDraft, nodeDocument } from './network-draft.ts'
import type { NetworkLayout } from './network-layout.ts'
import { CITY_NAME } from './place-names.ts'
import { toLonLat } from './projection.ts'

/** Gauge pressures the invented utility works with, Pa. */
export const GATE_PA_G = 380_000
export const DISTRICT_PA_G = 2800
const REFERENCE_DENSITY_KG_M3 = 0.7
/** Height of the middle of the city, m. */
const DATUM_M = 64

/** Writes the laid-out network down as the utility's document, without meters. */
export function describeNetwork(parts: NetworkLayout): NetworkDocument {
  const { plan, draft, medium, useless, mean } = parts
  const id = (node: number): string => draft.node(node).id
  const built = (e: { from: number; to: number }): boolean => !useless.has(e.from) && !useless.has(e.to)
  const instruments = placeInstruments(parts)
  return {
    format: 'gastwin-network/1',
    name: `${CITY_NAME.name} ${CITY_NAME.name_en}`,
    time_zone: 'Asia/Shanghai',
    fluid: {
      kind: 'gas',
      density_kg_m3: REFERENCE_DENSITY_KG_M3,
      density_state: { pressure_pa: 101_325, temperature_k: 293.15 },
      viscosity_pa_s: 1.09e-5,
      temperature_k: 283.15,
      compressibility: { law: 'linear', offset: 1, slope_per_bar: -0.0022 },
    },
    friction: { law: 'nikuradse', laminar: 'additive' },
    gravity_m_s2: 9.81,
    ambient: { law: 'barometric' },
    nodes: draft.nodes
      .filter((n) => !useless.has(n.index))
      .map((n) => {
        const air = ambientPressure(n.height)
        const lowest = n.zone === MP ? air + 150_000 : air + 1500
        return { ...nodeDocument(n), min_pressure_pa: Math.round(lowest) }
      }),
    pipes: draft.pipes.filter(built).map((p) => describePipe(draft, plan.seed, p)),
    valves: draft.valves.filter(built).map((v) => ({
      id: v.id,
      from: id(v.from),
      to: id(v.to),
      open: v.open,
      actuator: v.remote ? ('remote' as const) : ('manual' as const),
      operable: v.remote || unitHash(plan.seed, 18, v.from) > 0.04,
      travel_minutes: v.remote ? 0.5 : 15,
      device_number: v.remote ? instruments.valveNumber(v.id) : null,
      zone: v.zone,
    })),
    regulators: draft.regulators.map((r) => ({
      id: r.id,
      from: id(r.from),
      to: id(r.to),
      outlet_pressure_pa: Math.round(ambientPressure(draft.node(r.to).height) + DISTRICT_PA_G),
    })),
    compressors: [],
    sources: medium.gates.map((g) => ({
      node: id(g.node),
      pressure_pa: Math.round(gatePressure(draft.node(g.node).height)),
      temperature_k: null,
    })),
    demands: draft.nodes
      .filter((n) => (mean[n.index] ?? 0) > 0)
      .map((n) => ({ node: n.id, mass_flow_kg_s: round((mean[n.index] ?? 0) * REFERENCE_DENSITY_KG_M3, 9) })),
    zones: describeZones(parts),
    meters: [],
    rtus: instruments.rtus satisfies readonly Rtu[],
    basemap: parts.basemap,
  }
}

/** Gate stations hold the same pressure at the same height, so that at night none feeds the other. */
function gatePressure(heightM: number): number {
  const level = ambientPressure(DATUM_M) + GATE_PA_G
  const density = (REFERENCE_DENSITY_KG_M3 * level * 293.15) / (101_325 * 283.15)
  return level - density * 9.81 * (heightM - DATUM_M)
}

function describePipe(draft: NetworkDraft, seed: number, p: DraftPipe) {
  const [from, to] = [draft.node(p.from), draft.node(p.to)]
  const steel = p.zone === MP || p.diameter >= 0.4
  return {
    id: p.id,
    from: from.id,
    to: to.id,
    length_m: round(p.length, 2),
    diameter_m: p.diameter,
    roughness_m: steel ? 0.0002 : 0.00002,
    material: steel ? 'steel' : 'PE',
    installed_year:
      1994 + Math.floor(30 * unitHash(seed, 19, Math.round(from.at[0] / 600), Math.round(from.at[1] / 600))),
    pressure_tier: p.zone === MP ? 'medium_a' : 'low',
    zone: p.zone,
    geometry: [from.at, ...p.via, to.at].map(toLonLat),
  }
}

function describeZones({ plan, draft, districtOf, zones, medium, basemap }: NetworkLayout): Zone[] {
  const air = ambientPressure(DATUM_M)
  const districts = Array.from({ length: zones }, (_, i): Zone => {
    const place = basemap.places[i]
    return {
      id: zoneId(i),
      name: place === undefined ? zoneId(i) : `${place.name} ${place.name_en}`,
      inlets: medium.stations.filter((s) => s.zone === zoneId(i)).map((s) => ({ edge: s.edge, sign: 1 })),
      outline: districtOutline(plan, districtOf, i),
      nominal_pressure_pa: Math.round(air + 2500),
    }
  }).filter((z) => z.inlets.length > 0)
  const trunk: Zone = {
    id: MP,
    name: '中压干管 Medium-pressure trunks',
    inlets: [
      ...medium.gates.map((g) => ({ edge: g.edge, sign: 1 as const })),
      ...draft.regulators.map((r) => ({ edge: r.id, sign: -1 as const })),
    ],
    outline: null,
    nominal_pressure_pa: Math.round(air + 350_000),
  }
  return [...districts, trunk]
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
