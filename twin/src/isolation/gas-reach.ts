import type { Network } from '../network/network.ts'
import { BARRIER } from './valve-state.ts'

/**
 * Nodes that gas can reach from given nodes, Uint8Array[nodes]. Regulators and compressors pass gas from their inlet to their
 * outlet, and the other way only when `backwards` is set.
 *
 * @param blocked   edges that pass nothing although their state says so, 1 each
 */
export function gasReach(
  network: Network,
  states: Uint8Array,
  from: Iterable<number>,
  options: { readonly blocked?: Uint8Array; readonly backwards?: boolean } = {},
): Uint8Array {
  const { nodes } = network
  const { from: tail, to: head } = network.edges
  const { start, item } = network.adjacency
  const { blocked, backwards = false } = options
  const firstDirected = backwards ? network.edges.count : network.edges.first.regulator
  const closed = BARRIER
  const reached = new Uint8Array(nodes.count)
  const stack = new Int32Array(nodes.count)
  let depth = 0
  for (const node of from) {
    if (node < 0 || reached[node] === 1) continue
    reached[node] = 1
    stack[depth++] = node
  }
  while (depth > 0) {
    const node = stack[--depth] as number
    const end = start[node + 1] as number
    for (let p = start[node] as number; p < end; p++) {
      const edge = item[p] as number
      const before = tail[edge] as number
      const next = before === node ? (head[edge] as number) : before
      if (reached[next] === 1 || states[edge] === closed) continue
      if (before !== node && edge >= firstDirected) continue
      if (blocked !== undefined && blocked[edge] === 1) continue
      reached[next] = 1
      stack[depth++] = next
    }
  }
  return reached
}

/** Numbers of the nodes where gas enters at a fixed pressure. */
export function sourceNodes(network: Network): Int32Array {
  return Int32Array.from(network.document.sources, (source) => network.nodes.numberOf.get(source.node) ?? -1)
}
