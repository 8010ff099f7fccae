import type { Network } from '../network/network.ts'
import { LdltFactor } from '../sparse/ldlt-factor.ts'
import { AdjointSolve } from './adjoint-solve.ts'
import { EdgeEquations, EQUATION, OFF } from './edge-equations.ts'
import { buildHydraulicModel, COMPRESSOR_LAW, type HydraulicModel, REGULATOR_LAW } from './hydraulic-model.ts'
import { NewtonStep } from './newton-step.ts'
import { OneWayControl } from './one-way-control.ts'
import { potentialOf, pressureOf } from './potential.ts'
import { RegulatorControl } from './regulator-control.ts'
import type { LinearisedEdges, Solution, SolveInput, SolveOptions, SolveStatus } from './solve-types.ts'
import { StepMatrix } from './step-matrix.ts'
import { SupplySearch } from './supply-search.ts'

export {
  EDGE_MODES,
  type LinearisedEdges,
  type Solution,
  type SolveInput,
  type SolveOptions,
  type SolveStatus,
} from './solve-types.ts'

/** Slopes near rest are held below this pressure however roughly is solved, Pa: a flatter one would mislead. */
const COARSEST_RESOLUTION = 1e-3
const MOST_WARM_ITERATIONS = 30
/** Imbalance that may remain, kg/s and as a share of what is taken; rounding allows no less than the last. */
const SMALL_FLOW = 1e-9
const SMALL_SHARE = 5e-9
const LEAST_FLOW = 1e-15

/** Compiles the hydraulics of a gas network for repeated solving. */
export function compileHydraulics(network: Network, options: SolveOptions = {}): SteadySolver {
  return new SteadySolver(buildHydraulicModel(network), options)
}

/**
 * Steady isothermal flow of a gas, or of a liquid, by Newton's method on squared pressures and mass flows together. Mass balances are linear, so every
 * full step meets them; the pipe equations follow quadratically.
 */
export class SteadySolver {
  readonly model: HydraulicModel
  readonly #equations: EdgeEquations
  readonly #regulators: RegulatorControl
  readonly #oneWay: OneWayControl
  readonly #matrix: StepMatrix
  readonly #step: NewtonStep
  readonly #adjoint: AdjointSolve
  readonly #search: SupplySearch
  readonly #pressureTolerance: number
  /** As asked for; undefined follows the inflow. */
  readonly #givenFlowTolerance: number | undefined
  #flowTolerance = SMALL_FLOW
  readonly #iterations: number
  readonly #squared: Float64Array
  readonly #pressure: Float64Array
  readonly #massFlow: Float64Array
  readonly #taken: Float64Array
  readonly #imbalance: Float64Array
  readonly #mode: Uint8Array
  readonly #passes: Uint8Array
  /** 1 where the pressure is given or there is none. */
  readonly #fixed: Uint8Array
  #ready = false
  #worstNode = -1
  #residualPa = 0
  #imbalanceKgS = 0

  constructor(model: HydraulicModel, options: SolveOptions) {
    this.model = model
    this.#pressureTolerance = options.pressureTolerance ?? 1e-5
    this.#givenFlowTolerance = options.flowTolerance
    this.#iterations = options.iterations ?? 80
    this.#equations = new EdgeEquations(model, Math.min(this.#pressureTolerance, COARSEST_RESOLUTION))
    this.#squared = new Float64Array(model.nodes)
    this.#pressure = new Float64Array(model.nodes)
    this.#massFlow = new Float64Array(model.edges)
    this.#taken = new Float64Array(model.nodes)
    this.#imbalance = new Float64Array(model.nodes)
    this.#mode = new Uint8Array(model.edges)
    this.#passes = new Uint8Array(model.edges)
    this.#fixed = new Uint8Array(model.nodes)
    this.#search = new SupplySearch(model)
    this.#regulators = new RegulatorControl(model, this.#squared, this.#massFlow, this.#mode, this.#fixed)
    this.#oneWay = new OneWayControl(model, this.#squared, this.#massFlow, this.#mode)
    this.#matrix = new StepMatrix(model, this.#equations, new LdltFactor(model.symbolic), this.#mode, this.#fixed)
    this.#step = new NewtonStep(model, this.#equations, this.#matrix, this.#mode, this.#fixed, this.#regulators)
    this.#adjoint = new AdjointSolve(model, this.#equations, this.#matrix, this.#mode, this.#fixed, this.#regulators)
  }

  /** Another solver of the same network, with other tolerances and a state of its own. */
  companion(options: SolveOptions): SteadySolver {
    return new SteadySolver(this.model, options)
  }

  /**
   * Solves for pressures and flows.
   * @param start  'warm' goes on from the last solution (flat when there is none), 'flat' forgets it
   */
  solve(input: SolveInput = {}, start: 'warm' | 'flat' = 'warm'): Solution {
    this.#take(input)
    const changed = this.#applyValves(input.valveOpen) || !this.#ready
    if (changed) this.#search.run(this.#passes)
    if (this.#search.count === 0) return this.#finish('no_source', 0)
    const cold = start === 'flat' || !this.#ready
    if (changed || cold) this.#setModes(cold)
    this.#setSources(input.sourcePressure)
    this.#regulators.setPoints(input.outletPressure ?? this.model.outletPressure)
    if (changed || cold) {
      this.#regulators.reset(this.#search.supplied)
      this.#oneWay.reset()
      this.#matrix.forget()
    }
    this.#regulators.begin()
    this.#oneWay.begin()
    if (cold) this.#flatStart()
    const solution = this.#iterate(cold)
    // A start far from the solution may mislead: only a flat start may say that there is none.
    return cold || solution.status === 'converged' ? solution : this.solve(input, 'flat')
  }

  /**
   * How much a withdrawal at any node lowers the pressure at sensors, at the last converged solution: one adjoint solve each.
   *
   * @param sensors  node numbers
   * @param out      Float64Array[sensors · nodes], Pa per kg/s taken out at the node, row by row; overwritten (0 where nothing
   *                 can be told: unsupplied nodes, sensors at a given pressure)
   * @returns false when there is no converged solution
   */
  pressureSensitivities(sensors: Int32Array, out: Float64Array): boolean {
    return this.#ready && this.#adjoint.ofPressures(sensors, this.#squared, out)
  }

  /**
   * How the flow along edges follows a withdrawal at any node, at the last converged solution: one adjoint solve each.
   *
   * @param edges  edge numbers
   * @param out    Float64Array[edges.length · nodes], kg/s (from → to) per kg/s taken out at the node, row by row; overwritten
   *               (0 in closed or unsupplied edges)
   * @returns false when there is no converged solution
   */
  flowSensitivities(edges: Int32Array, out: Float64Array): boolean {
    return this.#ready && this.#adjoint.ofFlows(edges, out)
  }

  /**
   * How the pressure at sensors follows a relative change of each pipe's friction factor λ (= of its resistance factor's logarithm),
   * at the last converged solution.
   *
   * @param sensors  node numbers
   * @param out      Float64Array[sensors · edges], Pa per unit relative change of λ, row by row; overwritten (0 for edges without
   *                 friction)
   * @param byNode   Float64Array[sensors · nodes]: the result of `pressureSensitivities` for the same sensors, when at hand
   * @returns false when there is no converged solution
   */
  pressureResistanceSensitivities(sensors: Int32Array, out: Float64Array, byNode?: Float64Array): boolean {
    if (!this.#ready) return false
    const { nodes } = this.model
    const rows = byNode ?? new Float64Array(sensors.length * nodes)
    if (byNode === undefined && !this.pressureSensitivities(sensors, rows)) return false
    for (let k = 0; k < sensors.length; k++) this.#byResistance(rows.subarray(k * nodes, (k + 1) * nodes), out, k)
    return true
  }

  /**
   * How the flow along edges follows a relative change of each pipe's friction factor λ, at the last converged solution.
   *
   * @param watched  edge numbers
   * @param out      Float64Array[watched.length · edges], kg/s per unit relative change of λ, row by row; overwritten
   * @param byNode   Float64Array[watched.length · nodes]: the result of `flowSensitivities` for the same edges, when at hand
   * @returns false when there is no converged solution
   */
  flowResistanceSensitivities(watched: Int32Array, out: Float64Array, byNode?: Float64Array): boolean {
    if (!this.#ready) return false
    const { nodes, edges } = this.model
    const rows = byNode ?? new Float64Array(watched.length * nodes)
    if (byNode === undefined && !this.flowSensitivities(watched, rows)) return false
    for (let k = 0; k < watched.length; k++) {
      const edge = watched[k] as number
      this.#byResistance(rows.subarray(k * nodes, (k + 1) * nodes), out, k)
      out[k * edges + edge] = (out[k * edges + edge] as number) - this.#flowLostByFriction(edge)
    }
    return true
  }

  /** The linear equations at the last converged solution; undefined when there is none. */
  get linearised(): LinearisedEdges | undefined {
    if (!this.#ready) return undefined
    const { conductance, friction } = this.#equations
    return { mode: this.#mode, fixed: this.#fixed, conductance, friction }
  }

  /** Fall of the flow along an edge between unchanged pressures, kg/s per unit relative change of λ. */
  #flowLostByFriction(edge: number): number {
    if (this.#mode[edge] !== EQUATION) return 0
    return (this.#equations.conductance[edge] as number) * (this.#equations.friction[edge] as number)
  }

  /** Flow that more friction keeps back counts as given back at the edge's one end and taken at the other. */
  #byResistance(byNode: Float64Array, out: Float64Array, k: number): void {
    const { edges, from, to } = this.model
    for (let edge = 0; edge < edges; edge++) {
      const drop = (byNode[to[edge] as number] as number) - (byNode[from[edge] as number] as number)
      out[k * edges + edge] = drop * this.#flowLostByFriction(edge)
    }
  }

  #iterate(cold: boolean): Solution {
    this.#ready = true
    let best = Number.POSITIVE_INFINITY
    let backtracks = 0
    let first = cold
    const most = cold ? this.#iterations : Math.min(this.#iterations, MOST_WARM_ITERATIONS)
    for (let iteration = 0; iteration < most; iteration++) {
      this.#equations.evaluate(this.#squared, this.#massFlow, this.#mode, first)
      this.#measure()
      const balanced = this.#imbalanceKgS <= this.#flowTolerance
      if (!first && balanced && this.#residualPa <= this.#pressureTolerance && !this.#adjust())
        return this.#finish(this.#worstPressure() ? 'stalled' : 'converged', iteration)
      if (Number.isNaN(this.#residualPa)) break
      if (this.#regulators.changed) {
        this.#matrix.forget()
        this.#regulators.changed = false
        best = Number.POSITIVE_INFINITY
        backtracks = 0
        continue
      }
      if (balanced && !first && this.#residualPa > best && backtracks < 4) {
        backtracks += 1
        this.#move(-(0.5 ** backtracks))
        continue
      }
      backtracks = 0
      // Where balances are not yet met, errors of pressure say nothing of how near the solution is.
      best = first || !balanced ? Number.POSITIVE_INFINITY : this.#residualPa
      const stuck = this.#step.compute(this.#imbalance, this.#flowTolerance, cold)
      if (stuck >= 0) {
        this.#worstNode = stuck
        return this.#finish('stalled', iteration)
      }
      this.#move(1)
      if (!first && this.#adjust()) {
        this.#matrix.forget()
        this.#regulators.changed = false
        best = Number.POSITIVE_INFINITY
      }
      first = false
    }
    return this.#finish('stalled', most)
  }

  /** Lets regulators and one-way edges follow the present pressures and flows; true when one changed. */
  #adjust(): boolean {
    const regulators = this.#regulators.adjust(this.#flowTolerance)
    const oneWay = this.#oneWay.adjust(this.#flowTolerance, this.#pressureTolerance)
    if (oneWay) this.#regulators.changed = true
    return regulators || oneWay
  }

  /** Adds a multiple of the last step. */
  #move(share: number): void {
    const { squaredStep, flowStep } = this.#step
    for (let node = 0; node < this.model.nodes; node++)
      this.#squared[node] = (this.#squared[node] as number) + share * (squaredStep[node] as number)
    for (let edge = 0; edge < this.model.edges; edge++)
      this.#massFlow[edge] = (this.#massFlow[edge] as number) + share * (flowStep[edge] as number)
  }

  /** Imbalance of every node and the largest errors. */
  #measure(): void {
    const { nodes, edges, from, to } = this.model
    const isLiquid = this.model.liquidDensity > 0
    const imbalance = this.#imbalance
    const { residual, pressure } = this.#equations
    for (let node = 0; node < nodes; node++) imbalance[node] = -(this.#taken[node] as number)
    let worstPa = 0
    let worstPaNode = -1
    for (let edge = 0; edge < edges; edge++) {
      const mode = this.#mode[edge]
      if (mode === OFF) continue
      const flow = this.#massFlow[edge] as number
      const a = from[edge] as number
      const b = to[edge] as number
      imbalance[a] = (imbalance[a] as number) - flow
      imbalance[b] = (imbalance[b] as number) + flow
      if (mode !== EQUATION) continue
      const sum = isLiquid ? 1 : (pressure[a] as number) + (pressure[b] as number)
      const pascal = Math.abs(residual[edge] as number) / sum
      if (!(pascal <= worstPa)) {
        worstPa = pascal
        worstPaNode = b
      }
    }
    let worstFlow = 0
    let worstFlowNode = -1
    for (let node = 0; node < nodes; node++) {
      if (this.#fixed[node] === 1) continue
      const off = Math.abs(imbalance[node] as number)
      if (off > worstFlow) {
        worstFlow = off
        worstFlowNode = node
      }
    }
    worstFlow = Math.max(worstFlow, this.#regulators.outletImbalance(imbalance))
    this.#residualPa = worstPa
    this.#imbalanceKgS = worstFlow
    this.#worstNode = worstPa > this.#pressureTolerance ? worstPaNode : worstFlowNode
  }

  /** A node whose squared pressure ended below zero: the demands cannot be met. A liquid's may, for its model knows no vacuum. */
  #worstPressure(): boolean {
    if (this.model.liquidDensity > 0) return false
    let lowest = 0
    let found = false
    for (let k = 0; k < this.#search.count; k++) {
      const node = this.#search.order[k] as number
      const value = this.#squared[node] as number
      if (value <= lowest) {
        lowest = value
        this.#worstNode = node
        found = true
      }
    }
    return found
  }

  #take(input: SolveInput): void {
    const demands = input.demands ?? this.model.demand
    const extra = input.extraWithdrawals
    let total = 0
    for (let node = 0; node < this.model.nodes; node++) {
      const taken = (demands[node] as number) + (extra === undefined ? 0 : (extra[node] as number))
      this.#taken[node] = taken
      if (taken > 0) total += taken
    }
    const least = Math.max(LEAST_FLOW, SMALL_SHARE * total)
    this.#flowTolerance = this.#givenFlowTolerance ?? (total > 0 ? Math.min(SMALL_FLOW, least) : SMALL_FLOW)
    if (input.resistanceFactor === undefined) this.#equations.resistance.fill(1)
    else this.#equations.resistance.set(input.resistanceFactor)
  }

  /** True when a valve moved since the last solve. */
  #applyValves(valveOpen: Uint8Array | undefined): boolean {
    const { edges } = this.model.network
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

  #setModes(cold: boolean): void {
    const { edges, nodes, from, to, law } = this.model
    const { supplied } = this.#search
    for (let node = 0; node < nodes; node++) {
      this.#fixed[node] = supplied[node] === 1 ? 0 : 1
      // A part that has just been joined again starts from its neighbours.
      if (supplied[node] === 1 && !cold && !((this.#squared[node] as number) > 0))
        this.#squared[node] = this.#upstreamSquared(node)
    }
    for (let edge = 0; edge < edges; edge++) {
      const live =
        this.#passes[edge] === 1 && supplied[from[edge] as number] === 1 && supplied[to[edge] as number] === 1
      this.#mode[edge] = live && law[edge] !== REGULATOR_LAW ? EQUATION : OFF
      if (!live) this.#massFlow[edge] = 0
    }
    for (let node = 0; node < nodes; node++) if (supplied[node] === 0) this.#squared[node] = 0
  }

  #upstreamSquared(node: number): number {
    let at = node
    for (;;) {
      const edge = this.#search.foundBy[at] as number
      if (edge < 0) return 0
      at = (this.model.from[edge] === at ? this.model.to[edge] : this.model.from[edge]) as number
      if ((this.#squared[at] as number) > 0) return this.#squared[at] as number
    }
  }

  #setSources(sourcePressure: Float64Array | undefined): void {
    const { sourceNode } = this.model
    const pressures = sourcePressure ?? this.model.sourcePressure
    for (let k = 0; k < sourceNode.length; k++) {
      const node = sourceNode[k] as number
      const pressure = pressures[k] as number
      this.#fixed[node] = 1
      this.#squared[node] = potentialOf(this.model, pressure)
    }
  }

  /** Every node takes the pressure of the one it is fed from; regulators and compressors make their steps; nothing flows. */
  #flatStart(): void {
    const { from, to, law, ratio, lift } = this.model
    const { order, foundBy } = this.#search
    this.#massFlow.fill(0)
    for (let k = 0; k < this.#search.count; k++) {
      const node = order[k] as number
      const edge = foundBy[node] as number
      if (edge < 0 || this.#fixed[node] === 1) continue
      const before = (from[edge] === node ? to[edge] : from[edge]) as number
      let squared = this.#squared[before] as number
      if (law[edge] === COMPRESSOR_LAW) {
        const pressure = pressureOf(this.model, squared)
        const [r, more] = [ratio[edge] as number, lift[edge] as number]
        squared = potentialOf(this.model, to[edge] === node ? r * pressure + more : (pressure - more) / r)
      }
      this.#squared[node] = squared
    }
    this.#matrix.scaleBy(this.#search)
  }

  #finish(status: SolveStatus['status'], iterations: number): Solution {
    const { supplied } = this.#search
    for (let node = 0; node < this.model.nodes; node++)
      this.#pressure[node] =
        supplied[node] === 1 && status !== 'no_source'
          ? pressureOf(this.model, this.#squared[node] as number)
          : Number.NaN
    if (status === 'no_source') this.#massFlow.fill(0)
    this.#ready = status === 'converged'
    if (status === 'stalled') this.#worstPressure()
    return {
      status,
      iterations,
      worstNode: status === 'stalled' ? this.#worstNode : -1,
      residualPa: this.#residualPa,
      imbalanceKgS: this.#imbalanceKgS,
      pressure: this.#pressure,
      massFlow: this.#massFlow,
    }
  }
}
