import { EQUATION, OFF } from './edge-equations.ts'
import { COMPRESSOR_LAW, type HydraulicModel, REGULATOR_LAW } from './hydraulic-model.ts'
import { potentialOf, pressureOf } from './potential.ts'
import { SupplySearch } from './supply-search.ts'

/** What a solver goes on from: potentials, flows, which edges take part, and how all of it begins. */
export class SolverState {
  /** Float64Array[nodes], potential: Pa² of a gas, Pa of a liquid. */
  readonly squared: Float64Array
  /** Float64Array[edges], kg/s, positive from → to. */
  readonly massFlow: Float64Array
  /** Float64Array[nodes], kg/s. */
  readonly taken: Float64Array
  /** Uint8Array[edges], one of EDGE_MODES. */
  readonly mode: Uint8Array
  /** Uint8Array[nodes], 1 where the pressure is given or there is none. */
  readonly fixed: Uint8Array
  readonly supply: SupplySearch
  readonly #model: HydraulicModel
  readonly #passes: Uint8Array

  constructor(model: HydraulicModel) {
    this.#model = model
    this.squared = new Float64Array(model.nodes)
    this.massFlow = new Float64Array(model.edges)
    this.taken = new Float64Array(model.nodes)
    this.mode = new Uint8Array(model.edges)
    this.fixed = new Uint8Array(model.nodes)
    this.supply = new SupplySearch(model)
    this.#passes = new Uint8Array(model.edges)
  }

  /** Finds again what gas can reach. */
  search(): void {
    this.supply.run(this.#passes)
  }

  /** True when a valve moved since the last solve. */
  applyValves(valveOpen: Uint8Array | undefined): boolean {
    const { edges } = this.#model.network
    const open = valveOpen ?? edges.open
    const passes = this.#passes
    let changed = false
    for (let edge = 0; edge < edges.count; edge++) {
      const isValve = edge >= edges.first.valve && edge < edges.first.regulator
      const value = isValve ? (open[edge] === 0 ? 0 : 1) : 1
      if (passes[edge] !== value) {
        passes[edge] = value
        changed = true
      }
    }
    return changed
  }

  /** Which edges have an equation, and which pressures are given. @param cold  all of it begins anew */
  setModes(cold: boolean): void {
    const { edges, nodes, from, to, law } = this.#model
    const { supplied } = this.supply
    for (let node = 0; node < nodes; node++) {
      this.fixed[node] = supplied[node] === 1 ? 0 : 1
      // A part that has just been joined again starts from its neighbours.
      if (supplied[node] === 1 && !cold && !((this.squared[node] as number) > 0))
        this.squared[node] = this.#upstreamSquared(node)
    }
    for (let edge = 0; edge < edges; edge++) {
      const live =
        this.#passes[edge] === 1 && supplied[from[edge] as number] === 1 && supplied[to[edge] as number] === 1
      this.mode[edge] = live && law[edge] !== REGULATOR_LAW ? EQUATION : OFF
      if (!live) this.massFlow[edge] = 0
    }
    for (let node = 0; node < nodes; node++) if (supplied[node] === 0) this.squared[node] = 0
  }

  /** Potential of the nearest node on the way from the source that has one; 0 when there is none. */
  #upstreamSquared(node: number): number {
    let at = node
    for (;;) {
      const edge = this.supply.foundBy[at] as number
      if (edge < 0) return 0
      at = (this.#model.from[edge] === at ? this.#model.to[edge] : this.#model.from[edge]) as number
      if ((this.squared[at] as number) > 0) return this.squared[at] as number
    }
  }

  setSources(sourcePressure: Float64Array | undefined): void {
    const { sourceNode } = this.#model
    const pressures = sourcePressure ?? this.#model.sourcePressure
    for (let k = 0; k < sourceNode.length; k++) {
      const node = sourceNode[k] as number
      const pressure = pressures[k] as number
      this.fixed[node] = 1
      this.squared[node] = potentialOf(this.#model, pressure)
    }
  }

  /** Every node takes the pressure of the one it is fed from; regulators and compressors make their steps; nothing flows. */
  flatStart(): void {
    const { from, to, law, ratio, lift } = this.#model
    const { order, foundBy } = this.supply
    this.massFlow.fill(0)
    for (let k = 0; k < this.supply.count; k++) {
      const node = order[k] as number
      const edge = foundBy[node] as number
      if (edge < 0 || this.fixed[node] === 1) continue
      const before = (from[edge] === node ? to[edge] : from[edge]) as number
      let squared = this.squared[before] as number
      if (law[edge] === COMPRESSOR_LAW) {
        const pressure = pressureOf(this.#model, squared)
        const [r, more] = [ratio[edge] as number, lift[edge] as number]
        squared = potentialOf(this.#model, to[edge] === node ? r * pressure + more : (pressure - more) / r)
      }
      this.squared[node] = squared
    }
  }
}
