import type { Network } from '@gastwin/twin'

/** Nodes and edges in the order in which gas can reach them from the sources; what it cannot reach comes last. */
export function orderOfReach(
  network: Network,
  sources: Int32Array,
): { readonly node: Int32Array; readonly edge: Int32Array } {
  const { edges, adjacency } = network
  const nodes: number[] = []
  const order: number[] = []
  const seen = new Uint8Array(network.nodes.count)
  const seenEdge = new Uint8Array(edges.count)
  const visit = (node: number): void => {
    if (node < 0 || seen[node] === 1) return
    seen[node] = 1
    nodes.push(node)
  }
  for (const node of sources) visit(node)
  let next = 0
  const walk = (): void => {
    for (; next < nodes.length; next++) {
      const node = nodes[next] as number
      for (let k = adjacency.start[node] as number; k < (adjacency.start[node + 1] as number); k++) {
        const edge = adjacency.item[k] as number
        if (seenEdge[edge] === 1) continue
        seenEdge[edge] = 1
        order.push(edge)
        visit(edges.from[edge] as number)
        visit(edges.to[edge] as number)
      }
    }
  }
  walk()
  for (let node = 0; node < network.nodes.count; node++) {
    visit(node)
    walk()
  }
  return { node: Int32Array.from(nodes), edge: Int32Array.from(order) }
}
