import type { Network } from '../network/network.ts'
import { LdltFactor } from '../sparse/ldlt-factor.ts'
import { AdjointSolve } from './adjoint-solve.ts'
import { EdgeEquations } from './edge-equations.ts'
import { buildHydraulicModel, type HydraulicModel } from './hydraulic-model.ts'
import { NewtonStep } from './newton-step.ts'
import { OneWayControl } from './one-way-control.ts'
import { pressureOf } from './potential.ts'
import { RegulatorControl } from './regulator-control.ts'
import { ResistanceSensitivity } from './resistance-sensitivity.ts'
import { SolutionError } from './solution-error.ts'
import type { LinearisedEdges, Solution, SolveInput, SolveOptions, SolveStatus } from './solve-types.ts'
import { SolverState } from './solver-state.ts'
import { StepMatrix } from './step-matrix.ts'

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
  readonly #state: SolverState
  readonly #equations: EdgeEquations
  readonly #regulators: RegulatorControl
  readonly #oneWay: OneWayControl
  readonly #matrix: StepMatrix
  readonly #step: NewtonStep
  readonly #adjoint: AdjointSolve
  readonly #resistance: ResistanceSensitivity
  readonly #error: SolutionError
  readonly #pressureTolerance: number
  /** As asked for; undefined follows the inflow. */
  readonly #givenFlowTolerance: number | undefined
  #flowTolerance = SMALL_FLOW
  readonly #iterations: number
  readonly #pressure: Float64Array
  #ready = false

  constructor(model: HydraulicModel, options: SolveOptions) {
    this.model = model
    this.#pressureTolerance = options.pressureTolerance ?? 1e-5
    this.#givenFlowTolerance = options.flowTolerance
    this.#iterations = options.iterations ?? 80
    this.#equations = new EdgeEquations(model, Math.min(this.#pressureTolerance, COARSEST_RESOLUTION))
    this.#pressure = new Float64Array(model.nodes)
    this.#state = new SolverState(model)
    const { squared, massFlow, mode, fixed } = this.#state
    this.#regulators = new RegulatorControl(model, squared, massFlow, mode, fixed)
    this.#oneWay = new OneWayControl(model, squared, massFlow, mode)
    this.#matrix = new StepMatrix(model, this.#equations, new LdltFactor(model.symbolic), mode, fixed)
    this.#step = new NewtonStep(model, this.#equations, this.#matrix, mode, fixed, this.#regulators)
    this.#adjoint = new AdjointSolve(model, this.#equations, this.#matrix, mode, fixed, this.#regulators)
    this.#resistance = new ResistanceSensitivity(model, this.#equations, mode)
    this.#error = new SolutionError(model, this.#equations, this.#state, this.#regulators)
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
    const changed = this.#state.applyValves(input.valveOpen) || !this.#ready
    if (changed) this.#state.search()
    if (this.#state.supply.count === 0) return this.#finish('no_source', 0)
    const cold = start === 'flat' || !this.#ready
    if (changed || cold) this.#state.setModes(cold)
    this.#state.setSources(input.sourcePressure)
    this.#regulators.setPoints(input.outletPressure ?? this.model.outletPressure)
    if (changed || cold) {
      this.#regulators.reset(this.#state.supply.supplied)
      this.#oneWay.reset()
      this.#matrix.forget()
    }
    this.#regulators.begin()
    this.#oneWay.begin()
    if (cold) {
      this.#state.flatStart()
      this.#matrix.scaleBy(this.#state.supply)
    }
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
    return this.#ready && this.#adjoint.ofPressures(sensors, this.#state.squared, out)
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
    const rows = byNode ?? new Float64Array(sensors.length * this.model.nodes)
    if (byNode === undefined && !this.pressureSensitivities(sensors, rows)) return false
    this.#resistance.ofPressures(sensors.length, rows, out)
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
    const rows = byNode ?? new Float64Array(watched.length * this.model.nodes)
    if (byNode === undefined && !this.flowSensitivities(watched, rows)) return false
    this.#resistance.ofFlows(watched, rows, out)
    return true
  }

  /** The linear equations at the last converged solution; undefined when there is none. */
  get linearised(): LinearisedEdges | undefined {
    if (!this.#ready) return undefined
    const { conductance, friction } = this.#equations
    const { mode, fixed } = this.#state
    return { mode, fixed, conductance, friction }
  }

  #iterate(cold: boolean): Solution {
    this.#ready = true
    const error = this.#error
    const { squared, massFlow, mode } = this.#state
    let best = Number.POSITIVE_INFINITY
    let backtracks = 0
    let first = cold
    const most = cold ? this.#iterations : Math.min(this.#iterations, MOST_WARM_ITERATIONS)
    for (let iteration = 0; iteration < most; iteration++) {
      this.#equations.evaluate(squared, massFlow, mode, first)
      error.measure(this.#pressureTolerance)
      const balanced = error.imbalanceKgS <= this.#flowTolerance
      if (!first && balanced && error.residualPa <= this.#pressureTolerance && !this.#adjust())
        return this.#finish(error.worstPressure() ? 'stalled' : 'converged', iteration)
      if (Number.isNaN(error.residualPa)) break
      if (this.#regulators.changed) {
        this.#matrix.forget()
        this.#regulators.changed = false
        best = Number.POSITIVE_INFINITY
        backtracks = 0
        continue
      }
      if (balanced && !first && error.residualPa > best && backtracks < 4) {
        backtracks += 1
        this.#move(-(0.5 ** backtracks))
        continue
      }
      backtracks = 0
      // Where balances are not yet met, errors of pressure say nothing of how near the solution is.
      best = first || !balanced ? Number.POSITIVE_INFINITY : error.residualPa
      const stuck = this.#step.compute(error.imbalance, this.#flowTolerance, cold)
      if (stuck >= 0) {
        error.worstNode = stuck
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
    const { squared, massFlow } = this.#state
    for (let node = 0; node < this.model.nodes; node++)
      squared[node] = (squared[node] as number) + share * (squaredStep[node] as number)
    for (let edge = 0; edge < this.model.edges; edge++)
      massFlow[edge] = (massFlow[edge] as number) + share * (flowStep[edge] as number)
  }

  #take(input: SolveInput): void {
    const demands = input.demands ?? this.model.demand
    const extra = input.extraWithdrawals
    const { taken } = this.#state
    let total = 0
    for (let node = 0; node < this.model.nodes; node++) {
      const flow = (demands[node] as number) + (extra === undefined ? 0 : (extra[node] as number))
      taken[node] = flow
      if (flow > 0) total += flow
    }
    const least = Math.max(LEAST_FLOW, SMALL_SHARE * total)
    this.#flowTolerance = this.#givenFlowTolerance ?? (total > 0 ? Math.min(SMALL_FLOW, least) : SMALL_FLOW)
    if (input.resistanceFactor === undefined) this.#equations.resistance.fill(1)
    else this.#equations.resistance.set(input.resistanceFactor)
  }

  #finish(status: SolveStatus['status'], iterations: number): Solution {
    const { squared, massFlow, supply } = this.#state
    const { supplied } = supply
    for (let node = 0; node < this.model.nodes; node++)
      this.#pressure[node] =
        supplied[node] === 1 && status !== 'no_source' ? pressureOf(this.model, squared[node] as number) : Number.NaN
    if (status === 'no_source') massFlow.fill(0)
    this.#ready = status === 'converged'
    if (status === 'stalled') this.#error.worstPressure()
    return {
      status,
      iterations,
      worstNode: status === 'stalled' ? this.#error.worstNode : -1,
      residualPa: this.#error.residualPa,
      imbalanceKgS: this.#error.imbalanceKgS,
      pressure: this.#pressure,
      massFlow,
    }
  }
}
