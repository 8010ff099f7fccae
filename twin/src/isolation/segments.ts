import type { Network } from '../network/network.ts'
import { edgeStates, PASSES, type ValveCondition } from './valve-state.ts'

/** A valve that is not an edge of its own but sits on an edge, at one of its ends. */
export interface ValveOnEdge {
  readonly edge: number
  readonly node: number
}

export interface Segments {
  readonly count: number
  /** Segment of each node, Int32Array[nodes]. */
  readonly ofNode: Int32Array
  /** Segment of each edge, Int32Array[edges]; −1 for a valve that separates segments. */
  readonly ofEdge: Int32Array
}

/**
 * Valve-to-valve segments: what stays connected when every usable valve is closed. A valve that cannot be closed joins its two
 * sides; a closed one separates them whether it can be moved or not.
 *
 * @param onEdges valves that sit on an edge at a node's end: edge and node then belong together only by another way
 */
export function valveSegments(
  network: Network,
  onEdges: readonly ValveOnEdge[] = [],
  conditions?: ReadonlyMap<string, ValveCondition>,
): Segments {
  const { nodes, edges, adjacency } = network
  const states = edgeStates(network, conditions)
  const cutAtFrom = new Uint8Array(edges.count)
  const cutAtTo = new Uint8Array(edges.count)
  for (const { edge, node } of onEdges) {
    if (edges.from[edge] === node) cutAtFrom[edge] = 1
    if (edges.to[edge] === node) cutAtTo[edge] = 1
  }
  const ofNode = new Int32Array(nodes.count).fill(-1)
  const ofEdge = new Int32Array(edges.count).fill(-1)
  const stack = new Int32Array(nodes.count)
  let count = 0
  const enter = (node: number, depth: number): number => {
    if (node < 0 || ofNode[node] !== -1) return depth
    ofNode[node] = count
    stack[depth] = node
    return depth + 1
  }
  const spread = (start: number): void => {
    let depth = start
    while (depth > 0) {
      const node = stack[--depth] ?? 0
      const end = adjacency.start[node + 1] ?? 0
      for (let p = adjacency.start[node] ?? 0; p < end; p++) {
        const edge = adjacency.item[p] ?? 0
        if (states[edge] !== PASSES) continue
        const isFrom = edges.from[edge] === node
        if ((isFrom ? cutAtFrom[edge] : cutAtTo[edge]) === 1) continue
        ofEdge[edge] = count
        if ((isFrom ? cutAtTo[edge] : cutAtFrom[edge]) === 1) continue
        depth = enter((isFrom ? edges.to[edge] : edges.from[edge]) ?? -1, depth)
      }
    }
  }
  for (let node = 0; node < nodes.count; node++) {
    if (ofNode[node] !== -1) continue
    spread(enter(node, 0))
    count += 1
  }
  for (let edge = 0; edge < edges.count; edge++) {
    if (ofEdge[edge] === -1 && states[edge] === PASSES) ofEdge[edge] = count++
  }
  return { count, ofNode, ofEdge }
}
