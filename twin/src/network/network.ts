import type { Csr } from './csr.ts'
import type { MeterTable } from './meter-table.ts'
import type { NetworkDocument, Pipe, Regulator, Valve } from './network-document.ts'

/** One numbering for everything that joins two nodes; kinds follow each other in this order. */
export const EDGE_KINDS = ['pipe', 'valve', 'regulator', 'compressor'] as const
export type EdgeKind = (typeof EDGE_KINDS)[number]

/** Rows are in the document's order. −1 = none, NaN = unknown. */
export interface NodeTable {
  readonly count: number
  readonly ids: readonly string[]
  readonly numberOf: ReadonlyMap<string, number>
  readonly kind: readonly string[]
  readonly zone: Int32Array
  /** Degrees. */
  readonly lon: Float64Array
  readonly lat: Float64Array
  /** Above sea, m; 0 when not said. */
  readonly heightM: Float64Array
  /** Pa absolute. */
  readonly minPressure: Float64Array
  readonly maxPressure: Float64Array
  /** K. */
  readonly temperature: Float64Array
}

/** Pipes, then valves, then regulators, then compressors. */
export interface EdgeTable {
  readonly count: number
  readonly ids: readonly string[]
  readonly numberOf: ReadonlyMap<string, number>
  /** Place in EDGE_KINDS. */
  readonly kind: Uint8Array
  /** Number of the first edge of a kind, and how many there are. */
  readonly first: Readonly<Record<EdgeKind, number>>
  readonly countOf: Readonly<Record<EdgeKind, number>>
  readonly from: Int32Array
  readonly to: Int32Array
  /** The edge's own zone, or that of its ends when they share one; −1 for an edge between zones. */
  readonly zone: Int32Array
  /** m; NaN where the edge has no length or diameter. */
  readonly lengthM: Float64Array
  readonly diameterM: Float64Array
  readonly roughnessM: Float64Array
  /** As the document says; 1 for all that are no valves. */
  readonly open: Uint8Array
  /** 1 for valves that the platform can close. */
  readonly remote: Uint8Array
}

export interface ZoneInlet {
  readonly edge: number
  /** +1: flow from→to enters the zone; −1: leaves it. */
  readonly sign: 1 | -1
}

export interface ZoneTable {
  readonly count: number
  readonly ids: readonly string[]
  readonly names: readonly string[]
  readonly numberOf: ReadonlyMap<string, number>
  readonly inlets: readonly (readonly ZoneInlet[])[]
  /** Members per zone. `edges` are those with this zone; `boundary` those with exactly one end in it. */
  readonly nodes: Csr
  readonly edges: Csr
  readonly meters: Csr
  readonly rtus: Csr
  readonly boundary: Csr
  /** Geometric volume of the zone's pipes, m³. */
  readonly pipeVolumeM3: Float64Array
  /** Pa absolute, NaN when unknown. */
  readonly nominalPressure: Float64Array
}

export const RTU_CHANNELS = ['pressure', 'flow', 'temperature', 'gas'] as const
export type RtuChannel = (typeof RTU_CHANNELS)[number]

export interface RtuTable {
  readonly count: number
  readonly ids: readonly string[]
  readonly numberOf: ReadonlyMap<string, number>
  /** Device number, NaN when it has none. */
  readonly device: Float64Array
  /** Where it sits: exactly one of the two is ≥ 0. */
  readonly node: Int32Array
  readonly edge: Int32Array
  readonly zone: Int32Array
  /** Bit i set: has RTU_CHANNELS[i]. */
  readonly channels: Uint8Array
}

/** A network compiled for computing: numbers instead of ids, edges know their nodes, lookups give the reverse. */
export interface Network {
  /** Without `meters` when they came in parts: those are in the table only. */
  readonly document: NetworkDocument
  readonly name: string
  readonly timeZone: string
  readonly nodes: NodeTable
  readonly edges: EdgeTable
  readonly zones: ZoneTable
  readonly meters: MeterTable
  readonly rtus: RtuTable
  /** Edges at each node. */
  readonly adjacency: Csr
  /** Meters at each node. */
  readonly metersAt: Csr
  /**
   * Edges by which gas enters (+1) or leaves (−1) the city: inlets of zones that join no two zones and do not cancel.
   */
  readonly cityInlets: readonly ZoneInlet[]
}

/** The other end of an edge. */
export function otherEnd(edges: EdgeTable, edge: number, node: number): number {
  const from = edges.from[edge] ?? -1
  return from === node ? (edges.to[edge] ?? -1) : from
}

/** The document's words about an edge, when it is of that kind. */
export function pipeOf(network: Network, edge: number): Pipe | undefined {
  return network.document.pipes[edge - network.edges.first.pipe]
}
export function valveOf(network: Network, edge: number): Valve | undefined {
  return network.document.valves[edge - network.edges.first.valve]
}
export function regulatorOf(network: Network, edge: number): Regulator | undefined {
  return network.document.regulators[edge - network.edges.first.regulator]
}
