import type { LdltFactor } from '../sparse/ldlt-factor.ts'
import { SecantMemory } from '../sparse/secant-memory.ts'
import { type EdgeEquations, EQUATION, HOLDING } from './edge-equations.ts'
import { COMPRESSOR_LAW, type HydraulicModel } from './hydraulic-model.ts'
import type { RegulatorControl } from './regulator-control.ts'
import type { SupplySearch } from './supply-search.ts'

/** Passes with one factor before it is made anew, and in all. */
const MOST_PASSES = 12
/** Past steps by which later ones are improved. */
const REMEMBERED = 4
const MOST_ADJOINT_PASSES = 60
/** Last correction as a share of the largest sensitivity. */
const ADJOINT_ACCURACY = 1e-8
/** An adjoint pass must reduce the correction to this share, or the factor is out of date. */
const WORTHWHILE = 0.3
/** A step is solved until its last correction is this share of it: with care from a cold start, roughly when only adjusting. */
const CAREFUL = 1e-8
const ROUGH = 1e-3
/** A step this small beside the one before is likely the last: it is solved until nothing remains. */
const LAST = 0.02
/** Imbalance that a step may leave, as a share of what a solution may. */
const LEFT_OVER = 0.3
/** Passes that a fresh factor needs. */
const FEWEST_PASSES = 2
/** Passes that cost as much as a factor: measured on a tree, and beside it by the multiplications of either on meshes. */
const LEAST_FACTOR_COST = 3
const FACTOR_COST = 0.35

/** How a watched quantity depends on the squared pressures at two nodes (−1 for none). */
interface AdjointAim {
  readonly a: number
  readonly atA: number
  readonly b: number
  readonly atB: number
}

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
  readonly #factor: LdltFactor
  readonly #mode: Uint8Array
  readonly #fixed: Uint8Array
  readonly #regulators: RegulatorControl
  readonly #remaining: Float64Array
  readonly #change: Float64Array
  /** Squared pressures on either side of a compressor differ by its ratio: with this scale their matrix is symmetric. */
  readonly #scale: Float64Array
  readonly #memory: SecantMemory
  /** Passes worth a factor. */
  readonly #factorCost: number
  /** Reduction of the correction by a pass that is only just worth it. */
  readonly #worthwhile: number
  #valid = false
  /** Passes that a fresh factor would have spared since the present one was made. */
  #spared = 0
  #lastLargest = 0

  constructor(
    model: HydraulicModel,
    equations: EdgeEquations,
    factor: LdltFactor,
    mode: Uint8Array,
    fixed: Uint8Array,
    regulators: RegulatorControl,
  ) {
    this.#model = model
    this.#equations = equations
    this.#factor = factor
    this.#mode = mode
    this.#fixed = fixed
    this.#regulators = regulators
    this.squaredStep = new Float64Array(model.nodes)
    this.flowStep = new Float64Array(model.edges)
    this.#remaining = new Float64Array(model.nodes)
    this.#change = new Float64Array(model.nodes)
    this.#scale = new Float64Array(model.nodes).fill(1)
    this.#memory = new SecantMemory(model.nodes, REMEMBERED)
    const { work, fill } = model.symbolic
    this.#factorCost = LEAST_FACTOR_COST + (FACTOR_COST * work) / (2 * fill + 2 * model.nodes)
    this.#worthwhile = ROUGH ** (1 / (FEWEST_PASSES + this.#factorCost))
  }

  /** Makes the factor anew at the next step: topology or a regulator's mode has changed. */
  forget(): void {
    this.#valid = false
  }

  scaleBy(search: SupplySearch): void {
    const { from, to, law, ratio, lift, sourcePressure, liquidDensity } = this.#model
    const usual = Math.max(1, ...sourcePressure)
    for (let k = 0; k < search.count; k++) {
      const node = search.order[k] as number
      const edge = search.foundBy[node] as number
      if (edge < 0) {
        this.#scale[node] = 1
        continue
      }
      const before = (from[edge] === node ? to[edge] : from[edge]) as number
      const isCompressor = law[edge] === COMPRESSOR_LAW
      const gain = (ratio[edge] as number) + (lift[edge] as number) / usual
      const step = isCompressor ? (liquidDensity > 0 ? (ratio[edge] as number) : gain ** 2) : 1
      this.#scale[node] = (this.#scale[before] as number) * (to[edge] === node ? step : 1 / step)
    }
  }

  /**
   * @param imbalance  kg/s by node, at the present flows
   * @param careful  make the factor anew and solve closely
   * @returns −1, or the node at which the matrix is singular
   */
  compute(imbalance: Float64Array, flowTolerance: number, careful: boolean): number {
    if (careful || this.#spared > this.#factorCost) this.#valid = false
    let enough = careful ? CAREFUL : ROUGH
    this.squaredStep.fill(0)
    this.#memory.begin()
    let remaining = this.#linearise(imbalance)
    let before = Number.POSITIVE_INFINITY
    let fresh = false
    let largest = 0
    let pass = 0
    for (; pass < MOST_PASSES && remaining > LEFT_OVER * flowTolerance; pass++) {
      if (!this.#valid) {
        const stuck = this.#factorise()
        if (stuck >= 0) return stuck
        fresh = true
      }
      this.#change.set(this.#remaining)
      this.#factor.solve(this.#change)
      this.#memory.improve(this.#change)
      let correction = 0
      largest = 0
      for (let node = 0; node < this.#model.nodes; node++) {
        const change = (this.#scale[node] as number) * (this.#change[node] as number)
        const value = (this.squaredStep[node] as number) + change
        this.squaredStep[node] = value
        if (Math.abs(change) > correction) correction = Math.abs(change)
        if (Math.abs(value) > largest) largest = Math.abs(value)
      }
      remaining = this.#linearise(imbalance)
      if (pass === 0 && largest < LAST * this.#lastLargest) enough = 0
      if (pass > 0 && correction <= enough * largest) break
      if (correction > this.#worthwhile * before && !fresh) this.#valid = false
      before = correction
    }
    this.#lastLargest = largest
    this.#spared += Math.max(0, pass - FEWEST_PASSES)
    return -1
  }

  /**
   * Effect of a withdrawal anywhere on the pressure at one node, by one adjoint solve at the present solution.
   *
   * @param squared  Float64Array[nodes], Pa²
   * @param out      Float64Array[nodes], Pa per kg/s taken out; overwritten
   * @returns false when the equations could not be solved
   */
  adjoint(sensor: number, squared: Float64Array, out: Float64Array): boolean {
    out.fill(0)
    if (this.#fixed[sensor] === 1) return true
    const weight = this.#model.liquidDensity > 0 ? 1 : 1 / (2 * Math.sqrt(squared[sensor] as number))
    return this.#solveAdjoint({ a: sensor, atA: weight, b: -1, atB: 0 }, -1, out)
  }

  /**
   * Effect of a withdrawal anywhere on the flow along one edge, by one adjoint solve at the present solution.
   *
   * @param out  Float64Array[nodes], kg/s per kg/s taken out; overwritten
   * @returns false when the equations could not be solved
   */
  adjointOfFlow(edge: number, out: Float64Array): boolean {
    out.fill(0)
    const { from, to } = this.#model
    const mode = this.#mode[edge]
    if (mode === HOLDING) return this.#solveAdjoint({ a: -1, atA: 0, b: -1, atB: 0 }, edge, out)
    if (mode !== EQUATION) return true
    const { fromSlope, toSlope, conductance } = this.#equations
    const slope = conductance[edge] as number
    const atA = slope * (fromSlope[edge] as number)
    const atB = -slope * (toSlope[edge] as number)
    return this.#solveAdjoint({ a: from[edge] as number, atA, b: to[edge] as number, atB }, -1, out)
  }

  #solveAdjoint(aim: AdjointAim, watched: number, out: Float64Array): boolean {
    if (!this.#valid && this.#factorise() >= 0) return false
    const nodes = this.#model.nodes
    let before = Number.POSITIVE_INFINITY
    for (let pass = 0; pass < MOST_ADJOINT_PASSES; pass++) {
      this.#regulators.spread(out, watched)
      this.#transposedRemainder(aim, out)
      this.#factor.solve(this.#change)
      let correction = 0
      let largest = 0
      for (let node = 0; node < nodes; node++) {
        if (this.#fixed[node] === 1) continue
        const change = this.#change[node] as number
        const value = (out[node] as number) + change
        out[node] = value
        if (Math.abs(change) > correction) correction = Math.abs(change)
        if (Math.abs(value) > largest) largest = Math.abs(value)
      }
      if (correction <= ADJOINT_ACCURACY * largest) {
        this.#regulators.spread(out, watched)
        for (let node = 0; node < nodes; node++) out[node] = -(out[node] as number)
        return true
      }
      if (correction > WORTHWHILE * before && this.#factorise() >= 0) return false
      before = correction
    }
    return false
  }

  /** What the transposed equations leave over for present weights of the nodes' balances. */
  #transposedRemainder(aim: AdjointAim, multiplier: Float64Array): void {
    const { nodes, edges, from, to } = this.#model
    const { fromSlope, toSlope, conductance } = this.#equations
    const change = this.#change
    change.fill(0)
    if (aim.a >= 0) change[aim.a] = aim.atA
    if (aim.b >= 0) change[aim.b] = (change[aim.b] as number) + aim.atB
    for (let edge = 0; edge < edges; edge++) {
      if (this.#mode[edge] !== EQUATION) continue
      const a = from[edge] as number
      const b = to[edge] as number
      const across = (conductance[edge] as number) * ((multiplier[a] as number) - (multiplier[b] as number))
      change[a] = (change[a] as number) - (fromSlope[edge] as number) * across
      change[b] = (change[b] as number) + (toSlope[edge] as number) * across
    }
    for (let node = 0; node < nodes; node++)
      change[node] = this.#fixed[node] === 1 ? 0 : (change[node] as number) * (this.#scale[node] as number)
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

  #factorise(): number {
    const { nodes, edges, from, to, symbolic } = this.#model
    const { fromSlope, toSlope, conductance } = this.#equations
    const { diagonal, offDiagonal } = this.#factor
    const fixed = this.#fixed
    offDiagonal.fill(0)
    for (let node = 0; node < nodes; node++) diagonal[node] = fixed[node] === 1 ? 1 : 0
    for (let edge = 0; edge < edges; edge++) {
      if (this.#mode[edge] !== EQUATION) continue
      const a = from[edge] as number
      const b = to[edge] as number
      const slot = symbolic.slot[edge] as number
      if (slot < 0) continue
      const weight =
        0.5 *
        (conductance[edge] as number) *
        ((fromSlope[edge] as number) * (this.#scale[a] as number) +
          (toSlope[edge] as number) * (this.#scale[b] as number))
      if (fixed[a] === 0 && fixed[b] === 0) offDiagonal[slot] = (offDiagonal[slot] as number) - weight
      else if (fixed[a] === 0) diagonal[a] = (diagonal[a] as number) + weight
      else if (fixed[b] === 0) diagonal[b] = (diagonal[b] as number) + weight
    }
    const stuck = this.#factor.factorise('excess')
    this.#valid = stuck < 0
    this.#spared = 0
    this.#memory.forget()
    return stuck
  }
}
