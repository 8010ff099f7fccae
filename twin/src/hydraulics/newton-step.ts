import { SecantMemory } from '../sparse/secant-memory.ts'
import { type EdgeEquations, EQUATION } from './edge-equations.ts'
import type { HydraulicModel } from './hydraulic-model.ts'
import type { RegulatorControl } from './regulator-control.ts'
import type { StepMatrix } from './step-matrix.ts'

/** Passes with one factor before it is made anew, and in all. */
const MOST_PASSES = 12
/** Past steps by which later ones are improved. */
const REMEMBERED = 4
/** A step is solved until its last correction is this share of it: with care from a cold start, roughly when only adjusting. */
const CAREFUL = 1e-8
const ROUGH = 1e-3
/** A step this small beside the one before is likely the last: it is solved until nothing remains. */
const LAST = 0.02
/** Imbalance that a step may leave, as a share of what a solution may. */
const LEFT_OVER = 0.3
/** Passes that a fresh factor needs. */
const FEWEST_PASSES = 2

/**
 * Newton's step: changes of squared pressures and flows that meet the linearised equations. The exact matrix is not quite
 * symmetric (heights, compressibility, regulators), its symmetric part is factorised and the rest follows by repeated
 * substitution; a factor that is still good enough is used again.
 */
export class NewtonStep {
  /** Pa² by node, kg/s by edge. */
  readonly squaredStep: Float64Array
  readonly flowStep: Float64Array
  readonly #model: HydraulicModel
  readonly #equations: EdgeEquations
  readonly #matrix: StepMatrix
  readonly #mode: Uint8Array
  readonly #fixed: Uint8Array
  readonly #regulators: RegulatorControl
  readonly #remaining: Float64Array
  readonly #change: Float64Array
  readonly #memory: SecantMemory
  /** Reduction of the correction by a pass that is only just worth it. */
  readonly #worthwhile: number
  /** Which of the matrix's factors the memory and the count below belong to. */
  #known = 0
  /** Passes that a fresh factor would have spared since the present one was made. */
  #spared = 0
  #lastLargest = 0

  constructor(
    model: HydraulicModel,
    equations: EdgeEquations,
    matrix: StepMatrix,
    mode: Uint8Array,
    fixed: Uint8Array,
    regulators: RegulatorControl,
  ) {
    this.#model = model
    this.#equations = equations
    this.#matrix = matrix
    this.#mode = mode
    this.#fixed = fixed
    this.#regulators = regulators
    this.squaredStep = new Float64Array(model.nodes)
    this.flowStep = new Float64Array(model.edges)
    this.#remaining = new Float64Array(model.nodes)
    this.#change = new Float64Array(model.nodes)
    this.#memory = new SecantMemory(model.nodes, REMEMBERED)
    this.#worthwhile = ROUGH ** (1 / (FEWEST_PASSES + matrix.factorCost))
  }

  /**
   * @param imbalance  kg/s by node, at the present flows
   * @param careful  make the factor anew and solve closely
   * @returns −1, or the node at which the matrix is singular
   */
  compute(imbalance: Float64Array, flowTolerance: number, careful: boolean): number {
    const matrix = this.#matrix
    if (careful || this.#spared > matrix.factorCost) matrix.forget()
    let enough = careful ? CAREFUL : ROUGH
    this.squaredStep.fill(0)
    this.#memory.begin()
    this.#meetFactor()
    let remaining = this.#linearise(imbalance)
    let before = Number.POSITIVE_INFINITY
    let fresh = false
    let largest = 0
    let pass = 0
    for (; pass < MOST_PASSES && remaining > LEFT_OVER * flowTolerance; pass++) {
      if (!matrix.isValid) {
        const stuck = matrix.factorise()
        if (stuck >= 0) return stuck
        this.#meetFactor()
        fresh = true
      }
      this.#change.set(this.#remaining)
      matrix.solve(this.#change)
      this.#memory.improve(this.#change)
      let correction = 0
      largest = 0
      for (let node = 0; node < this.#model.nodes; node++) {
        const change = (matrix.scale[node] as number) * (this.#change[node] as number)
        const value = (this.squaredStep[node] as number) + change
        this.squaredStep[node] = value
        if (Math.abs(change) > correction) correction = Math.abs(change)
        if (Math.abs(value) > largest) largest = Math.abs(value)
      }
      remaining = this.#linearise(imbalance)
      if (pass === 0 && largest < LAST * this.#lastLargest) enough = 0
      if (pass > 0 && correction <= enough * largest) break
      if (correction > this.#worthwhile * before && !fresh) matrix.forget()
      before = correction
    }
    this.#lastLargest = largest
    this.#spared += Math.max(0, pass - FEWEST_PASSES)
    return -1
  }

  /** Flow changes that belong to the present pressure changes, and the imbalance they leave; returns its largest value, kg/s. */
  #linearise(imbalance: Float64Array): number {
    const { nodes, edges, from, to } = this.#model
    const { residual, fromSlope, toSlope, conductance } = this.#equations
    const remaining = this.#remaining
    remaining.set(imbalance)
    for (let edge = 0; edge < edges; edge++) {
      if (this.#mode[edge] !== EQUATION) {
        this.flowStep[edge] = 0
        continue
      }
      const a = from[edge] as number
      const b = to[edge] as number
      const step =
        (conductance[edge] as number) *
        ((residual[edge] as number) +
          (fromSlope[edge] as number) * (this.squaredStep[a] as number) -
          (toSlope[edge] as number) * (this.squaredStep[b] as number))
      this.flowStep[edge] = step
      remaining[a] = (remaining[a] as number) - step
      remaining[b] = (remaining[b] as number) + step
    }
    this.#regulators.carry(remaining, this.flowStep)
    let largest = 0
    for (let node = 0; node < nodes; node++) {
      if (this.#fixed[node] === 1) {
        remaining[node] = 0
        continue
      }
      const size = Math.abs(remaining[node] as number)
      if (size > largest) largest = size
    }
    return largest
  }

  /** What was learned of another factor says nothing of the present one. */
  #meetFactor(): void {
    if (this.#known === this.#matrix.made) return
    this.#known = this.#matrix.made
    this.#spared = 0
    this.#memory.forget()
  }
}
