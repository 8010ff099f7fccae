import { type Network, otherEnd } from '@gastwin/twin'

/** A connected piece of network that no source reaches. */
export interface CutOffPart {
  readonly nodes: readonly number[]
  /** Regulators whose outlet lies in this part. */
  readonly fedBy: readonly number[]
}

/**
 * The parts without supply: neighbours over pipes and open valves; a regulator is a border.
 * @param pressure Pa at each node, NaN where no source reaches
 */
export function cutOffParts(network: Network, pressure: Float64Array, valveOpen: Uint8Array): CutOffPart[] {
  const { edges, nodes, adjacency } = network
  const seen = new Uint8Array(nodes.count)
  const parts: CutOffPart[] = []
  for (let start = 0; start < nodes.count; start++) {
    if (seen[start] === 1 || !Number.isNaN(pressure[start])) continue
    const members = [start]
    const fedBy: number[] = []
    seen[start] = 1
    for (const node of members) {
      for (let k = adjacency.start[node] ?? 0; k < (adjacency.start[node + 1] ?? 0); k++) {
        const edge = adjacency.item[k] ?? -1
        if (edge >= edges.first.regulator) {
          if (edges.to[edge] === node) fedBy.push(edge)
          continue
        }
        const next = otherEnd(edges, edge, node)
        const open = edge < edges.first.valve || valveOpen[edge] === 1
        if (!open || seen[next] === 1 || !Number.isNaN(pressure[next])) continue
        seen[next] = 1
        members.push(next)
      }
    }
    parts.push({ nodes: members, fedBy })
  }
  return parts
}
