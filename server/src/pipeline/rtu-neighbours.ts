import { members, type Network, otherEnd } from '@gastwin/twin'

/**
 * For each RTU with a pressure channel, the others that feel the same pressure within a minute: reachable within `reach` metres
 * of pipe without passing a regulator, compressor or closed valve.
 */
export function rtuNeighbours(network: Network, reach: number): readonly (readonly number[])[] {
  const { rtus, edges } = network
  const hears = (rtu: number) => ((rtus.channels[rtu] ?? 0) & 0b1) === 1
  const nodeOf = (rtu: number) => {
    const node = rtus.node[rtu] ?? -1
    // An RTU on a regulator measures its outlet.
    return node >= 0 ? node : (edges.to[rtus.edge[rtu] ?? -1] ?? -1)
  }
  const at = new Map<number, number[]>()
  for (let r = 0; r < rtus.count; r++) {
    if (!hears(r)) continue
    const node = nodeOf(r)
    at.set(node, [...(at.get(node) ?? []), r])
  }
  return Array.from({ length: rtus.count }, (_, r) => {
    if (!hears(r)) return []
    const found: number[] = []
    for (const node of nodesWithin(network, nodeOf(r), reach))
      for (const other of at.get(node) ?? []) if (other !== r) found.push(other)
    return found
  })
}

/** Nodes within a distance along open pipes and valves, nearest first (label-correcting search on a small neighbourhood). */
function nodesWithin(network: Network, start: number, reach: number): Iterable<number> {
  const { edges, adjacency } = network
  const distance = new Map<number, number>([[start, 0]])
  const queue = [start]
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i] ?? -1
    const here = distance.get(node) ?? 0
    for (const edge of members(adjacency, node)) {
      const kind = edges.kind[edge] ?? 0
      if (kind > 1 || edges.open[edge] !== 1) continue
      const next = otherEnd(edges, edge, node)
      const length = edges.lengthM[edge] ?? 0
      const there = here + (Number.isNaN(length) ? 0 : length)
      if (there > reach || there >= (distance.get(next) ?? Number.POSITIVE_INFINITY)) continue
      distance.set(next, there)
      queue.push(next)
    }
  }
  return distance.keys()
}
