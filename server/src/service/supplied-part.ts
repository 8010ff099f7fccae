import { members, type Network, otherEnd } from '@gastwin/twin'
import type { IsolationViews } from '../views/isolation-view.ts'

const REGULATOR = 2

/** Which part of the network gas reaches with the valves as they stand; found anew when a valve moved. */
export class SuppliedPart {
  readonly #network: Network
  readonly #isolation: IsolationViews
  #key = ''
  #reached = new Uint8Array(0)
  #isolatedPipes: ReadonlySet<number> = new Set()

  constructor(network: Network, isolation: IsolationViews) {
    this.#network = network
    this.#isolation = isolation
  }

  /** Whether a source reaches a node. */
  reaches(node: number): boolean {
    this.#renew()
    return this.#reached[node] === 1
  }

  /** Rows of pipes that no source reaches. */
  get isolatedPipes(): ReadonlySet<number> {
    this.#renew()
    return this.#isolatedPipes
  }

  #renew(): void {
    const closed = this.#closedValves()
    const key = [...closed].join()
    if (key === this.#key && this.#reached.length > 0) return
    this.#key = key
    this.#reached = reachedNodes(this.#network, closed)
    const { edges } = this.#network
    const isolated = new Set<number>()
    for (let row = 0; row < edges.countOf.pipe; row++) {
      const edge = edges.first.pipe + row
      if (this.#reached[edges.from[edge] ?? -1] !== 1 && this.#reached[edges.to[edge] ?? -1] !== 1) isolated.add(row)
    }
    this.#isolatedPipes = isolated
  }

  #closedValves(): Set<string> {
    const closed = new Set<string>()
    for (const valve of this.#network.document.valves) if (!valve.open) closed.add(valve.id)
    for (const [valve, condition] of this.#isolation.conditions()) {
      if (condition === 'closed') closed.add(valve)
      else closed.delete(valve)
    }
    return closed
  }
}

/** Uint8Array[nodes]: 1 where gas comes from some source. @param closed ids of closed valves */
function reachedNodes(network: Network, closed: ReadonlySet<string>): Uint8Array<ArrayBuffer> {
  const { edges, nodes, adjacency } = network
  const reached = new Uint8Array(nodes.count)
  const queue: number[] = []
  for (const source of network.document.sources) {
    const node = nodes.numberOf.get(source.node) ?? -1
    if (node < 0 || reached[node] === 1) continue
    reached[node] = 1
    queue.push(node)
  }
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i] ?? -1
    for (const edge of members(adjacency, node)) {
      // Regulators and compressors pass gas one way only.
      const against = (edges.kind[edge] ?? 0) >= REGULATOR && edges.from[edge] !== node
      const next = otherEnd(edges, edge, node)
      if (against || reached[next] === 1 || closed.has(edges.ids[edge] ?? '')) continue
      reached[next] = 1
      queue.push(next)
    }
  }
  return reached
}
