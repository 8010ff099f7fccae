import type { Network } from '../network/network.ts'
import { immediateDominators } from './dominators.ts'
import { sourceNodes } from './gas-reach.ts'
import type { Segments, ValveOnEdge } from './segments.ts'
import { edgeStates, PASSES, type ValveCondition } from './valve-state.ts'

/** What shutting off one segment costs. */
export interface SegmentCriticality {
  /** Per segment: meters and demand (kg/s) inside it. */
  readonly meters: Int32Array
  readonly demandKgS: Float64Array
  /** Per segment: what loses its supply when the segment is shut off, itself included; nothing where it has no supply anyway. */
  readonly metersLost: Int32Array
  readonly demandLostKgS: Float64Array
  /** Per segment: valves at its rim. */
  readonly valves: Int32Array
}

/**
 * How much depends on each segment: everything whose every way to a source leads through it.
 *
 * @param demand  Float64Array[nodes], kg/s
 */
export function segmentCriticality(
  network: Network,
  segments: Segments,
  demand: Float64Array,
  onEdges: readonly ValveOnEdge[] = [],
  conditions?: ReadonlyMap<string, ValveCondition>,
): SegmentCriticality {
  const { count, ofNode, ofEdge } = segments
  const { edges, metersAt } = network
  const meters = new Int32Array(count)
  const demandKgS = new Float64Array(count)
  for (let node = 0; node < ofNode.length; node++) {
    const segment = ofNode[node] ?? -1
    meters[segment] = (meters[segment] ?? 0) + (metersAt.start[node + 1] ?? 0) - (metersAt.start[node] ?? 0)
    demandKgS[segment] = (demandKgS[segment] ?? 0) + (demand[node] ?? 0)
  }
  const links = new Links(count)
  const valves = new Int32Array(count)
  const rim = (a: number, b: number): void => {
    valves[a] = (valves[a] ?? 0) + 1
    if (b !== a) valves[b] = (valves[b] ?? 0) + 1
  }
  for (const { edge, node } of onEdges) {
    const [a, b] = [ofNode[node] ?? -1, ofEdge[edge] ?? -1]
    if (a < 0 || b < 0) continue
    rim(a, b)
    if (a !== b) links.both(a, b)
  }
  const states = edgeStates(network, conditions)
  for (let edge = 0; edge < edges.count; edge++) {
    const a = ofNode[edges.from[edge] ?? -1] ?? -1
    const b = ofNode[edges.to[edge] ?? -1] ?? -1
    if (ofEdge[edge] === -1) rim(a, b)
    if (a === b || (ofEdge[edge] ?? -1) >= 0 || states[edge] === PASSES) continue
    // A closed valve is no way for gas.
    if (network.edges.open[edge] === 1) links.both(a, b)
  }
  const { first, next, to } = links
  const roots = [...new Set(Array.from(sourceNodes(network), (node) => ofNode[node] ?? -1))].filter((s) => s >= 0)
  const { dominator, order } = immediateDominators(count, first, next, to, roots)
  const metersLost = new Int32Array(count)
  const demandLostKgS = new Float64Array(count)
  for (let k = order.length - 1; k >= 0; k--) {
    const segment = order[k] ?? -1
    metersLost[segment] = (metersLost[segment] ?? 0) + (meters[segment] ?? 0)
    demandLostKgS[segment] = (demandLostKgS[segment] ?? 0) + (demandKgS[segment] ?? 0)
    const above = dominator[segment] ?? -1
    if (above < 0) continue
    metersLost[above] = (metersLost[above] ?? 0) + (metersLost[segment] ?? 0)
    demandLostKgS[above] = (demandLostKgS[above] ?? 0) + (demandLostKgS[segment] ?? 0)
  }
  return { meters, demandKgS, metersLost, demandLostKgS, valves }
}

/** Arcs between segments as linked lists. */
class Links {
  readonly first: Int32Array
  readonly next: number[] = []
  readonly to: number[] = []

  constructor(count: number) {
    this.first = new Int32Array(count).fill(-1)
  }

  both(a: number, b: number): void {
    this.#add(a, b)
    this.#add(b, a)
  }

  #add(from: number, to: number): void {
    this.to.push(to)
    this.next.push(this.first[from] ?? -1)
    this.first[from] = this.to.length - 1
  }
}
