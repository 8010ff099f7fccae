import type { Network } from '../network/network.ts'
import { CAN_CLOSE, PASSES } from './valve-state.ts'

/** The network shrunk to the parts between valves that may be closed. */
export interface Parts {
  readonly count: number
  readonly ofNode: Int32Array
  /** Valves between two different parts: edge number, and the parts at its ends. */
  readonly valves: Int32Array
  /** Regulators and compressors between two different parts, when they are trusted to hold gas back. */
  readonly oneWay: Int32Array
}

/**
 * Joins what no usable valve separates.
 * @param fault       edge whose two ends are one place whatever it is (−1 when a node is at fault): a valve that leaks is no barrier
 * @param holdBack    trust regulators and compressors to pass no gas backwards: then they join no parts
 */
export function joinParts(network: Network, states: Uint8Array, fault: number, holdBack: boolean): Parts {
  const { nodes, edges, adjacency } = network
  const firstDirected = edges.first.regulator
  const joins = (edge: number): boolean =>
    edge === fault || (states[edge] === PASSES && (edge < firstDirected || !holdBack))
  const ofNode = new Int32Array(nodes.count).fill(-1)
  const stack = new Int32Array(nodes.count)
  let count = 0
  for (let start = 0; start < nodes.count; start++) {
    if (ofNode[start] !== -1) continue
    let depth = 1
    stack[0] = start
    ofNode[start] = count
    while (depth > 0) {
      const node = stack[--depth] ?? 0
      const end = adjacency.start[node + 1] ?? 0
      for (let p = adjacency.start[node] ?? 0; p < end; p++) {
        const edge = adjacency.item[p] ?? 0
        if (!joins(edge)) continue
        const next = (edges.from[edge] === node ? edges.to[edge] : edges.from[edge]) ?? 0
        if (ofNode[next] !== -1) continue
        ofNode[next] = count
        stack[depth++] = next
      }
    }
    count += 1
  }
  const between = (edge: number): boolean => ofNode[edges.from[edge] ?? -1] !== ofNode[edges.to[edge] ?? -1]
  const valves: number[] = []
  const oneWay: number[] = []
  for (let edge = edges.first.valve; edge < edges.count; edge++) {
    if (!between(edge)) continue
    if (edge >= firstDirected) oneWay.push(edge)
    else if (states[edge] === CAN_CLOSE) valves.push(edge)
  }
  return { count, ofNode, valves: Int32Array.from(valves), oneWay: Int32Array.from(oneWay) }
}
