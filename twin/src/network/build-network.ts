import { groupBy } from './csr.ts'
import { type MeterTable, MeterTableBuilder } from './meter-table.ts'
import { EDGE_KINDS, type EdgeKind, type EdgeTable, type Network, type NodeTable } from './network.ts'
import type { NetworkDocument } from './network-document.ts'
import { buildRtus } from './rtu-table.ts'
import { buildZones, cityInlets } from './zone-table.ts'

/**
 * Compiles a document that `parseNetwork` accepted.
 * @param meters the meters as columns when they came in parts; else those of the document
 */
export function buildNetwork(document: NetworkDocument, meters?: MeterTable): Network {
  const zoneNumber = numbers(document.zones)
  const nodes = buildNodes(document, zoneNumber)
  const edges = buildEdges(document, nodes, zoneNumber)
  const rtus = buildRtus(document, nodes, edges, zoneNumber)
  const meterTable = meters ?? buildMeters(document, nodes, zoneNumber)
  const zones = buildZones(document, nodes, edges, meterTable, rtus, zoneNumber)
  return {
    document,
    name: document.name,
    timeZone: document.time_zone,
    nodes,
    edges,
    zones,
    rtus,
    meters: meterTable,
    adjacency: groupBy(nodes.count, edges.from, edges.to),
    metersAt: groupBy(nodes.count, meterTable.node),
    cityInlets: cityInlets(zones.inlets, nodes, edges),
  }
}

function numbers(rows: readonly { readonly id: string }[]): Map<string, number> {
  return new Map(rows.map((row, i) => [row.id, i]))
}

function buildNodes(document: NetworkDocument, zoneNumber: ReadonlyMap<string, number>): NodeTable {
  const rows = document.nodes
  const column = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of)
  return {
    count: rows.length,
    ids: rows.map((row) => row.id),
    numberOf: numbers(rows),
    kind: rows.map((row) => row.kind),
    zone: Int32Array.from(rows, (row) => zoneNumber.get(row.zone ?? '') ?? -1),
    lon: column((row) => row.lon ?? Number.NaN),
    lat: column((row) => row.lat ?? Number.NaN),
    heightM: column((row) => row.height_m ?? 0),
    minPressure: column((row) => row.min_pressure_pa ?? Number.NaN),
    maxPressure: column((row) => row.max_pressure_pa ?? Number.NaN),
    temperature: column((row) => row.temperature_k ?? Number.NaN),
  }
}

interface AnyEdge {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly zone?: string | null
  readonly length_m?: number | null
  readonly diameter_m?: number | null
  readonly roughness_m?: number | null
  readonly open?: boolean
  readonly actuator?: string | null
}

function buildEdges(document: NetworkDocument, nodes: NodeTable, zoneNumber: ReadonlyMap<string, number>): EdgeTable {
  const byKind: Readonly<Record<EdgeKind, readonly AnyEdge[]>> = {
    pipe: document.pipes,
    valve: document.valves,
    regulator: document.regulators,
    compressor: document.compressors ?? [],
  }
  const rows = EDGE_KINDS.flatMap((kind) => byKind[kind])
  const first: Record<EdgeKind, number> = { pipe: 0, valve: 0, regulator: 0, compressor: 0 }
  const countOf: Record<EdgeKind, number> = { pipe: 0, valve: 0, regulator: 0, compressor: 0 }
  const kind = new Uint8Array(rows.length)
  let at = 0
  EDGE_KINDS.forEach((name, code) => {
    first[name] = at
    countOf[name] = byKind[name].length
    kind.fill(code, at, at + byKind[name].length)
    at += byKind[name].length
  })
  const end = (id: string) => nodes.numberOf.get(id) ?? -1
  const from = Int32Array.from(rows, (row) => end(row.from))
  const to = Int32Array.from(rows, (row) => end(row.to))
  return {
    count: rows.length,
    ids: rows.map((row) => row.id),
    numberOf: numbers(rows),
    kind,
    first,
    countOf,
    from,
    to,
    zone: Int32Array.from(rows, (row, i) => {
      const own = zoneNumber.get(row.zone ?? '')
      const a = nodes.zone[from[i] ?? -1] ?? -1
      const b = nodes.zone[to[i] ?? -1] ?? -1
      return own ?? (a === b ? a : -1)
    }),
    lengthM: Float64Array.from(rows, (row) => row.length_m ?? Number.NaN),
    diameterM: Float64Array.from(rows, (row) => row.diameter_m ?? Number.NaN),
    roughnessM: Float64Array.from(rows, (row) => row.roughness_m ?? Number.NaN),
    open: Uint8Array.from(rows, (row) => (row.open === false ? 0 : 1)),
    remote: Uint8Array.from(rows, (row) => (row.actuator === 'remote' ? 1 : 0)),
  }
}

function buildMeters(document: NetworkDocument, nodes: NodeTable, zoneNumber: ReadonlyMap<string, number>): MeterTable {
  const builder = new MeterTableBuilder(nodes.numberOf, zoneNumber, Math.max(1, document.meters.length), nodes.zone)
  for (const meter of document.meters) builder.add(meter)
  return builder.build()
}
