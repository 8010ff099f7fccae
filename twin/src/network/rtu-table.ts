import { type EdgeTable, type NodeTable, RTU_CHANNELS, type RtuTable } from './network.ts'
import type { NetworkDocument, Rtu } from './network-document.ts'

/** RTUs as columns; where `at` names both a node and an edge, one that measures flow sits on the edge. */
export function buildRtus(
  document: NetworkDocument,
  nodes: NodeTable,
  edges: EdgeTable,
  zoneNumber: ReadonlyMap<string, number>,
): RtuTable {
  const rows = document.rtus
  const places = rows.map((rtu) => placeOf(rtu, nodes, edges))
  const node = Int32Array.from(places, (place) => place.node)
  const edge = Int32Array.from(places, (place) => place.edge)
  return {
    count: rows.length,
    ids: rows.map((rtu) => rtu.id),
    numberOf: new Map(rows.map((rtu, i) => [rtu.id, i])),
    device: Float64Array.from(rows, deviceOf),
    node,
    edge,
    zone: Int32Array.from(rows, (rtu, i) => {
      const { node, edge } = places[i] ?? { node: -1, edge: -1 }
      return zoneNumber.get(rtu.zone ?? '') ?? (edge >= 0 ? edges.zone[edge] : nodes.zone[node]) ?? -1
    }),
    channels: Uint8Array.from(rows, (rtu) =>
      RTU_CHANNELS.reduce((bits, channel, i) => (rtu.channels.includes(channel) ? bits | (1 << i) : bits), 0),
    ),
  }
}

function placeOf(rtu: Rtu, nodes: NodeTable, edges: EdgeTable): { readonly node: number; readonly edge: number } {
  const node = nodes.numberOf.get(rtu.at)
  const edge = edges.numberOf.get(rtu.at)
  if (edge !== undefined && (node === undefined || rtu.channels.includes('flow'))) return { node: -1, edge }
  if (node !== undefined) return { node, edge: -1 }
  const id = rtu.at.slice(5)
  return rtu.at.startsWith('edge:')
    ? { node: -1, edge: edges.numberOf.get(id) ?? -1 }
    : { node: nodes.numberOf.get(id) ?? -1, edge: -1 }
}

function deviceOf(rtu: Rtu): number {
  return rtu.device_number === undefined || rtu.device_number === null ? Number.NaN : Number(rtu.device_number)
}
