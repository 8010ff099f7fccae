import { groupBy } from './csr.ts'
import type { MeterTable } from './meter-table.ts'
import type { EdgeTable, NodeTable, RtuTable, ZoneInlet, ZoneTable } from './network.ts'
import type { NetworkDocument } from './network-document.ts'

/** Zones with their members, inlets and the geometric volume of their pipes. */
export function buildZones(
  document: NetworkDocument,
  nodes: NodeTable,
  edges: EdgeTable,
  meters: MeterTable,
  rtus: RtuTable,
  numberOf: ReadonlyMap<string, number>,
): ZoneTable {
  const rows = document.zones
  const fromZone = edges.from.map((node) => nodes.zone[node] ?? -1)
  const toZone = edges.to.map((node) => nodes.zone[node] ?? -1)
  const pipeVolumeM3 = new Float64Array(rows.length)
  for (let edge = 0; edge < edges.count; edge++) {
    const zone = edges.zone[edge] ?? -1
    const volume = (Math.PI / 4) * (edges.diameterM[edge] ?? 0) ** 2 * (edges.lengthM[edge] ?? 0)
    if (zone >= 0 && volume > 0) pipeVolumeM3[zone] = (pipeVolumeM3[zone] ?? 0) + volume
  }
  return {
    count: rows.length,
    ids: rows.map((zone) => zone.id),
    names: rows.map((zone) => zone.name),
    numberOf,
    inlets: rows.map((zone) =>
      zone.inlets.map((inlet) => ({ edge: edges.numberOf.get(inlet.edge) ?? -1, sign: inlet.sign })),
    ),
    nodes: groupBy(rows.length, nodes.zone),
    edges: groupBy(rows.length, edges.zone),
    meters: groupBy(rows.length, meters.zone),
    rtus: groupBy(rows.length, rtus.zone),
    boundary: groupBy(
      rows.length,
      fromZone.map((zone, edge) => (zone === toZone[edge] ? -1 : zone)),
      toZone.map((zone, edge) => (zone === fromZone[edge] ? -1 : zone)),
    ),
    pipeVolumeM3,
    nominalPressure: Float64Array.from(rows, (zone) => zone.nominal_pressure_pa ?? Number.NaN),
  }
}

/**
 * What crosses the city's border: an edge counted + by one zone and − by its neighbour cancels, and an edge whose ends lie in two
 * zones is inside the city even when the neighbour does not list it.
 */
export function cityInlets(
  inlets: readonly (readonly ZoneInlet[])[],
  nodes: NodeTable,
  edges: EdgeTable,
): readonly ZoneInlet[] {
  const net = new Map<number, number>()
  for (const { edge, sign } of inlets.flat()) net.set(edge, (net.get(edge) ?? 0) + sign)
  const inside = (edge: number) => {
    const a = nodes.zone[edges.from[edge] ?? -1] ?? -1
    const b = nodes.zone[edges.to[edge] ?? -1] ?? -1
    return a >= 0 && b >= 0 && a !== b
  }
  return [...net]
    .filter(([edge, sum]) => sum !== 0 && !inside(edge))
    .map(([edge, sum]) => ({ edge, sign: sum > 0 ? 1 : -1 }))
}
