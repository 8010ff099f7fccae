import { COMPRESSOR_LAW, type HydraulicModel, REGULATOR_LAW } from './hydraulic-model.ts'

/**
 * Finds the nodes that gas can reach from a source, in breadth-first order, without allocating. A part that only feeds into the
 * supplied network through a compressor belongs to it: the compressor's equation gives its pressure.
 */
export class SupplySearch {
  /** 1 for reached nodes. */
  readonly supplied: Uint8Array
  /** Reached nodes in the order of finding, and the edge each was found by (−1 at a source). */
  readonly order: Int32Array
  readonly foundBy: Int32Array
  count = 0
  readonly #model: HydraulicModel

  constructor(model: HydraulicModel) {
    this.#model = model
    this.supplied = new Uint8Array(model.nodes)
    this.order = new Int32Array(model.nodes)
    this.foundBy = new Int32Array(model.nodes)
  }

  /** @param passes  Uint8Array[edges], 0 for closed valves */
  run(passes: Uint8Array): void {
    const { sourceNode, to } = this.#model
    this.supplied.fill(0)
    this.count = 0
    for (let k = 0; k < sourceNode.length; k++) this.#reach(sourceNode[k] as number, -1)
    this.#spread(passes, 0, false)
    for (let found = true; found; ) {
      found = false
      for (const edge of this.#model.compressors)
        if (passes[edge] !== 0 && this.supplied[to[edge] as number] === 1 && this.#reachFeeder(edge, passes))
          found = true
    }
  }

  /** Adds the part before a compressor when something is fed in there; nothing is left of it otherwise. */
  #reachFeeder(edge: number, passes: Uint8Array): boolean {
    const begin = this.count
    this.#reach(this.#model.from[edge] as number, edge)
    if (this.count === begin) return false
    this.#spread(passes, begin, true)
    for (let k = begin; k < this.count; k++)
      if ((this.#model.demand[this.order[k] as number] as number) < 0) return true
    for (let k = begin; k < this.count; k++) this.supplied[this.order[k] as number] = 0
    this.count = begin
    return false
  }

  #spread(passes: Uint8Array, begin: number, backwards: boolean): void {
    const { from, to, law, network } = this.#model
    const { start, item } = network.adjacency
    for (let k = begin; k < this.count; k++) {
      const node = this.order[k] as number
      const end = start[node + 1] as number
      for (let p = start[node] as number; p < end; p++) {
        const edge = item[p] as number
        if (passes[edge] === 0) continue
        const forward = from[edge] === node
        if (!forward && law[edge] === REGULATOR_LAW) continue
        if (!forward && law[edge] === COMPRESSOR_LAW && !backwards) continue
        this.#reach((forward ? to[edge] : from[edge]) as number, edge)
      }
    }
  }

  #reach(node: number, edge: number): void {
    if (node < 0 || this.supplied[node] === 1) return
    this.supplied[node] = 1
    this.foundBy[node] = edge
    this.order[this.count++] = node
  }
}
