import type { Network } from '@gastwin/twin'

/** Nodes of a zone for which a large leak is solved; others follow the nearest. */
const MOST_LOOKED = 60
/** Fewer in a large network, where each solve takes long: solves times nodes, but never less than the least. */
const SOLVED_NODES = 150_000
const LEAST_LOOKED = 6

interface Looked {
  readonly nodes: readonly number[]
  /** For each node the nearest of them; −1 outside of the zone. */
  readonly nearest: Int32Array
}

/** What a large leak does, found by solving for it at nodes all over a zone. */
export class LargeLeak {
  readonly #network: Network
  readonly #most: number
  readonly #looked = new Map<number, Looked>()

  constructor(network: Network) {
    this.#network = network
    this.#most = Math.max(LEAST_LOOKED, Math.min(MOST_LOOKED, Math.round(SOLVED_NODES / network.nodes.count)))
  }

  /**
   * Effects of a leak of the given size at each node, per kg/s.
   *
   * @param flow   kg/s
   * @param usual  what the rows show without it
   * @param solve  what the rows show with other homes and metered withdrawals, kg/s by node; undefined when they cannot be met
   * @returns Float64Array[rows · nodes]
   */
  effects(
    picture: { readonly rows: number; readonly byLeak: Float64Array },
    input: { readonly homes: Float64Array; readonly metered: Float64Array },
    zone: number,
    flow: number,
    usual: Float64Array,
    solve: (homes: Float64Array, metered: Float64Array) => Float64Array | undefined,
  ): Float64Array {
    const { nodes } = this.#network
    let total = 0
    for (let node = 0; node < nodes.count; node++) if (nodes.zone[node] === zone) total += input.homes[node] as number
    const kept = Math.max(0, 1 - flow / Math.max(total, 1e-9))
    const homes = input.homes.map((value, node) => (nodes.zone[node] === zone ? value * kept : value))
    const byLeak = picture.byLeak.slice()
    const metered = input.metered.slice()
    const { nodes: looked, nearest } = this.#lookedAt(zone)
    for (const node of looked) {
      metered[node] = (input.metered[node] as number) + flow
      const changed = solve(homes, metered)
      metered[node] = input.metered[node] as number
      if (changed === undefined) continue
      for (let r = 0; r < picture.rows; r++)
        byLeak[r * nodes.count + node] = ((changed[r] as number) - (usual[r] as number)) / flow
    }
    // Elsewhere what is in proportion is corrected as at the nearest place that was looked at.
    for (let r = 0; r < picture.rows; r++) {
      const row = r * nodes.count
      for (let node = 0; node < nodes.count; node++) {
        const seen = nearest[node] as number
        if (seen < 0 || seen === node) continue
        const linear = picture.byLeak[row + seen] as number
        const ratio = Math.abs(linear) < 1e-9 ? 1 : (byLeak[row + seen] as number) / linear
        byLeak[row + node] = (byLeak[row + node] as number) * Math.min(3, Math.max(0.3, ratio))
      }
    }
    return byLeak
  }

  #lookedAt(zone: number): Looked {
    const known = this.#looked.get(zone)
    if (known !== undefined) return known
    const { nodes, edges, adjacency } = this.#network
    const own = Array.from({ length: nodes.count }, (_, node) => node).filter((node) => nodes.zone[node] === zone)
    const every = Math.max(1, Math.ceil(own.length / this.#most))
    const looked = own.filter((_, i) => i % every === 0)
    const nearest = new Int32Array(nodes.count).fill(-1)
    for (const node of looked) nearest[node] = node
    const queue = [...looked]
    for (const node of queue)
      for (let i = adjacency.start[node] as number; i < (adjacency.start[node + 1] as number); i++) {
        const edge = adjacency.item[i] as number
        const other = (edges.from[edge] === node ? edges.to[edge] : edges.from[edge]) as number
        if (nodes.zone[other] !== zone || nearest[other] !== -1) continue
        nearest[other] = nearest[node] as number
        queue.push(other)
      }
    const made = { nodes: looked, nearest }
    this.#looked.set(zone, made)
    return made
  }
}
