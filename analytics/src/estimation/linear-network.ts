import { EDGE_MODES, type HydraulicModel, LdltFactor, type SteadySolver } from '@gastwin/twin'

export interface HoldingRegulator {
  readonly edge: number
  /** Place in the model's list of regulators. */
  readonly order: number
  readonly inlet: number
  readonly outlet: number
  readonly share: number
}

/**
 * The network linearised at a solution, with the symmetric part of its equations: what the solver works in at nodes (π: squared pressures of a gas, Pa²) and flows
 * (kg/s) along edges as linear functions of withdrawals, of each edge's friction and of given pressures. One back-substitution
 * per question and regulator tier. Height and compressibility make the exact matrix unsymmetric by parts in a thousand, which
 * changes weights and spreads by as much and no estimate at all, since estimates are iterated on the exact equations.
 */
export class LinearNetwork {
  readonly model: HydraulicModel
  readonly nodes: number
  readonly edges: number
  /** kg/s per Pa²; 0 where nothing can flow. */
  readonly conductance: Float64Array
  /** Fall of an edge's flow per unit relative change of its friction at unchanged pressures, kg/s. */
  readonly lostByFriction: Float64Array
  /** Uint8Array[nodes]: 1 where the pressure is given or there is none. */
  readonly fixed: Uint8Array
  /** Pa absolute; NaN where unsupplied. */
  readonly pressure: Float64Array
  readonly massFlow: Float64Array
  /** Of π by pressure: 2p for a gas, 1 for a liquid. */
  readonly slope: Float64Array
  /** Holding regulators, those that feed others first; share of their outlet's gas that each carries. */
  holding: readonly HoldingRegulator[] = []
  /** Place in `holding` of each edge, −1 for others. */
  readonly holdingPlace: Int32Array
  readonly #factor: LdltFactor
  readonly #load: Float64Array
  readonly #asked: Float64Array
  #tiers = 0

  constructor(model: HydraulicModel) {
    this.model = model
    this.nodes = model.nodes
    this.edges = model.edges
    this.conductance = new Float64Array(model.edges)
    this.lostByFriction = new Float64Array(model.edges)
    this.fixed = new Uint8Array(model.nodes)
    this.pressure = new Float64Array(model.nodes)
    this.massFlow = new Float64Array(model.edges)
    this.slope = new Float64Array(model.nodes)
    this.#factor = new LdltFactor(model.symbolic)
    this.holdingPlace = new Int32Array(model.edges).fill(-1)
    this.#load = new Float64Array(model.nodes)
    this.#asked = new Float64Array(model.nodes)
  }

  /**
   * Takes the linear equations of the solver's last solution.
   * @returns false when there is none, or when it cannot be factorised
   */
  take(solver: SteadySolver, pressure: Float64Array, massFlow: Float64Array): boolean {
    const linear = solver.linearised
    if (linear === undefined) return false
    this.pressure.set(pressure)
    this.massFlow.set(massFlow)
    const liquid = this.model.liquidDensity > 0
    for (let node = 0; node < this.nodes; node++) this.slope[node] = liquid ? 1 : 2 * (pressure[node] as number)
    this.fixed.set(linear.fixed)
    const { from, to, symbolic, regulators } = this.model
    const { diagonal, offDiagonal } = this.#factor
    offDiagonal.fill(0)
    for (let node = 0; node < this.nodes; node++) diagonal[node] = this.fixed[node] === 1 ? 1 : 0
    for (let edge = 0; edge < this.edges; edge++) {
      const live = linear.mode[edge] === EDGE_MODES.equation
      const g = live ? (linear.conductance[edge] as number) : 0
      this.conductance[edge] = g
      this.lostByFriction[edge] = g * (linear.friction[edge] as number)
      if (!live) continue
      const a = from[edge] as number
      const b = to[edge] as number
      const slot = symbolic.slot[edge] as number
      if (slot < 0) continue
      if (this.fixed[a] === 0 && this.fixed[b] === 0) offDiagonal[slot] = (offDiagonal[slot] as number) - g
      else if (this.fixed[a] === 0) diagonal[a] = (diagonal[a] as number) + g
      else if (this.fixed[b] === 0) diagonal[b] = (diagonal[b] as number) + g
    }
    const held = new Map<number, number>()
    const holding: { readonly edge: number; readonly order: number }[] = []
    for (let k = regulators.length - 1; k >= 0; k--) {
      const edge = regulators[k] as number
      if (linear.mode[edge] !== EDGE_MODES.holding) continue
      holding.push({ edge, order: k })
      held.set(to[edge] as number, (held.get(to[edge] as number) ?? 0) + 1)
    }
    this.holdingPlace.fill(-1)
    this.holding = holding.map(({ edge, order }) => ({
      edge,
      order,
      inlet: from[edge] as number,
      outlet: to[edge] as number,
      share: 1 / (held.get(to[edge] as number) ?? 1),
    }))
    this.holding.forEach(({ edge }, k) => {
      this.holdingPlace[edge] = k
    })
    this.#tiers = holding.length === 0 ? 0 : Math.min(4, holding.length)
    return this.#factor.factorise('excess') < 0
  }

  /**
   * The adjoint: for y = Σ weight·π (+ the flow of a watched holding regulator), the multipliers λ with ∂y/∂withdrawal = −λ.
   *
   * @param weight   Float64Array[nodes], y per Pa²
   * @param watched  edge number of a holding regulator, or −1
   * @param out      Float64Array[nodes]; overwritten
   */
  adjoint(weight: Float64Array, watched: number, out: Float64Array): void {
    out.fill(0)
    for (let tier = 0; tier <= this.#tiers; tier++) {
      const moved = this.#spread(out, watched)
      if (tier > 0 && !moved) break
      const load = this.#load
      for (let node = 0; node < this.nodes; node++) load[node] = this.fixed[node] === 1 ? 0 : (weight[node] as number)
      this.#fromFixed(out, load)
      this.#factor.solve(load)
      for (let node = 0; node < this.nodes; node++) if (this.fixed[node] === 0) out[node] = load[node] as number
    }
    this.#spread(out, watched)
  }

  /** Multipliers of held outlets from those of the inlets; true when one changed. */
  #spread(multiplier: Float64Array, watched: number): boolean {
    const asked = this.#asked
    for (const { outlet } of this.holding) {
      asked[outlet] = multiplier[outlet] as number
      multiplier[outlet] = 0
    }
    for (const { edge, inlet, outlet, share } of this.holding) {
      const own = edge === watched ? 1 : 0
      multiplier[outlet] = (multiplier[outlet] as number) + share * ((multiplier[inlet] as number) - own)
    }
    let moved = false
    for (const { outlet } of this.holding) {
      const value = multiplier[outlet] as number
      if (Math.abs(value - (asked[outlet] as number)) > 1e-12 * Math.abs(value)) moved = true
    }
    return moved
  }

  /** Adds what fixed nodes with a value pass on to their free neighbours. */
  #fromFixed(value: Float64Array, load: Float64Array): void {
    const { from, to } = this.model
    for (let edge = 0; edge < this.edges; edge++) {
      const g = this.conductance[edge] as number
      if (g === 0) continue
      const a = from[edge] as number
      const b = to[edge] as number
      if (this.fixed[a] === 1 && this.fixed[b] === 0) load[b] = (load[b] as number) + g * (value[a] as number)
      else if (this.fixed[b] === 1 && this.fixed[a] === 0) load[a] = (load[a] as number) + g * (value[b] as number)
    }
  }

  /**
   * The tangent: changes of π and of flows that follow from small changes of what is given.
   *
   * @param withdrawal  Float64Array[nodes], kg/s
   * @param friction    Float64Array[edges], relative change of each edge's friction
   * @param squared     Float64Array[nodes], Pa²: in, the changes of given pressures at fixed nodes; out, those of all nodes
   * @param flow        Float64Array[edges], kg/s; overwritten
   */
  tangent(withdrawal: Float64Array, friction: Float64Array, squared: Float64Array, flow: Float64Array): void {
    const { from, to } = this.model
    const load = this.#load
    flow.fill(0)
    for (let tier = 0; tier <= this.#tiers; tier++) {
      for (let node = 0; node < this.nodes; node++) load[node] = -(withdrawal[node] as number)
      for (let edge = 0; edge < this.edges; edge++) {
        const less = (this.lostByFriction[edge] as number) * (friction[edge] as number)
        if (less === 0) continue
        const a = from[edge] as number
        const b = to[edge] as number
        load[a] = (load[a] as number) + less
        load[b] = (load[b] as number) - less
      }
      for (const { edge, inlet } of this.holding) load[inlet] = (load[inlet] as number) - (flow[edge] as number)
      for (let node = 0; node < this.nodes; node++) if (this.fixed[node] === 1) load[node] = 0
      this.#fromFixed(squared, load)
      this.#factor.solve(load)
      for (let node = 0; node < this.nodes; node++) if (this.fixed[node] === 0) squared[node] = load[node] as number
      if (!this.#flows(withdrawal, friction, squared, flow)) break
    }
  }

  /** Flows from pressures, and what holding regulators carry; true when the latter changed at an inlet that is not given. */
  #flows(withdrawal: Float64Array, friction: Float64Array, squared: Float64Array, flow: Float64Array): boolean {
    const { from, to } = this.model
    for (let edge = 0; edge < this.edges; edge++) {
      const g = this.conductance[edge] as number
      if (g === 0) continue
      const across = (squared[from[edge] as number] as number) - (squared[to[edge] as number] as number)
      flow[edge] = g * across - (this.lostByFriction[edge] as number) * (friction[edge] as number)
    }
    if (this.holding.length === 0) return false
    const asked = this.#asked
    asked.set(withdrawal)
    for (let edge = 0; edge < this.edges; edge++) {
      if (this.conductance[edge] === 0) continue
      const a = from[edge] as number
      const b = to[edge] as number
      asked[a] = (asked[a] as number) + (flow[edge] as number)
      asked[b] = (asked[b] as number) - (flow[edge] as number)
    }
    let moved = false
    for (let k = this.holding.length - 1; k >= 0; k--) {
      const regulator = this.holding[k]
      if (regulator === undefined) continue
      const carried = regulator.share * (asked[regulator.outlet] as number)
      if (this.fixed[regulator.inlet] === 1) asked[regulator.inlet] = (asked[regulator.inlet] as number) + carried
      else if (Math.abs(carried - (flow[regulator.edge] as number)) > 1e-12 * Math.abs(carried)) moved = true
      flow[regulator.edge] = carried
    }
    return moved
  }
}
