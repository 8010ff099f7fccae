import { type EdgeEquations, EQUATION, HOLDING } from './edge-equations.ts'
import type { HydraulicModel } from './hydraulic-model.ts'
import type { RegulatorControl } from './regulator-control.ts'
import type { StepMatrix } from './step-matrix.ts'

/** Questions answered together: the factor is read once for all of them. */
const TOGETHER = 4
const MOST_PASSES = 60
/** What remains wrong as a share of the largest sensitivity. */
const ACCURACY = 1e-7
/** A pass must reduce the correction to this share, or the factor is out of date. */
const WORTHWHILE = 0.3

/** What is watched: a sum of squared pressures at up to two nodes (−1 for none), or the flow a holding regulator carries. */
interface Aim {
  readonly a: number
  readonly atA: number
  readonly b: number
  readonly atB: number
  readonly regulator: number
}

const NOTHING: Aim = { a: -1, atA: 0, b: -1, atB: 0, regulator: -1 }

/**
 * Effects of a withdrawal anywhere on pressures and flows, by the transposed equations at the present solution: one solve for each
 * watched pressure or flow.
 */
export class AdjointSolve {
  readonly #model: HydraulicModel
  readonly #equations: EdgeEquations
  readonly #matrix: StepMatrix
  readonly #mode: Uint8Array
  readonly #fixed: Uint8Array
  readonly #regulators: RegulatorControl
  /** Float64Array[TOGETHER · nodes], answers side by side; made when first asked for. */
  #value: Float64Array | undefined
  #change: Float64Array | undefined
  readonly #correction = new Float64Array(TOGETHER)
  readonly #largest = new Float64Array(TOGETHER)

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
  }

  /**
   * @param sensors  node numbers
   * @param squared  Float64Array[nodes], Pa²
   * @param out      Float64Array[sensors · nodes], Pa per kg/s taken out, row by row; overwritten
   * @returns false when the equations could not be solved
   */
  ofPressures(sensors: Int32Array, squared: Float64Array, out: Float64Array): boolean {
    const aims = Array.from(sensors, (node): Aim => {
      if (this.#fixed[node] === 1) return NOTHING
      const weight = this.#model.liquidDensity > 0 ? 1 : 1 / (2 * Math.sqrt(squared[node] as number))
      return { ...NOTHING, a: node, atA: weight }
    })
    return this.#solveAll(aims, out)
  }

  /**
   * @param edges  edge numbers
   * @param out    Float64Array[edges · nodes], kg/s per kg/s taken out, row by row; overwritten
   * @returns false when the equations could not be solved
   */
  ofFlows(edges: Int32Array, out: Float64Array): boolean {
    const { from, to } = this.#model
    const { fromSlope, toSlope, conductance } = this.#equations
    const aims = Array.from(edges, (edge): Aim => {
      const mode = this.#mode[edge]
      if (mode === HOLDING) return { ...NOTHING, regulator: edge }
      if (mode !== EQUATION) return NOTHING
      const slope = conductance[edge] as number
      return {
        a: from[edge] as number,
        atA: slope * (fromSlope[edge] as number),
        b: to[edge] as number,
        atB: -slope * (toSlope[edge] as number),
        regulator: -1,
      }
    })
    return this.#solveAll(aims, out)
  }

  #solveAll(aims: readonly Aim[], out: Float64Array): boolean {
    const { nodes } = this.#model
    // Every pass that a fresh factor spares is spared for every question.
    if (aims.length > this.#matrix.factorCost) this.#matrix.forget()
    if (!this.#matrix.isValid && this.#matrix.factorise() >= 0) return false
    for (let first = 0; first < aims.length; first += TOGETHER) {
      const group = aims.slice(first, first + TOGETHER)
      const value = this.#solveGroup(group)
      if (value === undefined) return false
      group.forEach((_, k) => {
        const row = (first + k) * nodes
        for (let node = 0; node < nodes; node++) out[row + node] = 0 - (value[TOGETHER * node + k] as number)
      })
    }
    return true
  }

  /** Weights of the balances, side by side. */
  #solveGroup(aims: readonly Aim[]): Float64Array | undefined {
    this.#value ??= new Float64Array(TOGETHER * this.#model.nodes)
    this.#change ??= new Float64Array(TOGETHER * this.#model.nodes)
    const value = this.#value.fill(0)
    const change = this.#change
    let before = Number.POSITIVE_INFINITY
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      this.#spread(aims, value)
      this.#transposedRemainder(aims, value, change)
      this.#matrix.solveFour(change)
      const worst = this.#add(change, value)
      // The next correction would fall as this one did: it is what is still wrong.
      const next = pass === 0 ? worst : worst * Math.min(1, worst / before)
      if (next <= ACCURACY) {
        this.#spread(aims, value)
        return value
      }
      if (worst > WORTHWHILE * before && this.#matrix.factorise() >= 0) return undefined
      before = worst
    }
    return undefined
  }

  #spread(aims: readonly Aim[], value: Float64Array): void {
    aims.forEach(({ regulator }, k) => {
      this.#regulators.spread(value, regulator, TOGETHER, k)
    })
  }

  /** Adds a correction; its largest element as a share of the largest value, of the answer for which that is most. */
  #add(change: Float64Array, value: Float64Array): number {
    const fixed = this.#fixed
    const { nodes } = this.#model
    const correction = this.#correction.fill(0)
    const largest = this.#largest.fill(0)
    for (let node = 0; node < nodes; node++) {
      if (fixed[node] === 1) continue
      for (let k = 0; k < TOGETHER; k++) {
        const own = change[TOGETHER * node + k] as number
        const sum = (value[TOGETHER * node + k] as number) + own
        value[TOGETHER * node + k] = sum
        if (Math.abs(own) > (correction[k] as number)) correction[k] = Math.abs(own)
        if (Math.abs(sum) > (largest[k] as number)) largest[k] = Math.abs(sum)
      }
    }
    let worst = 0
    for (let k = 0; k < TOGETHER; k++)
      if ((correction[k] as number) > 0) worst = Math.max(worst, (correction[k] as number) / (largest[k] as number))
    return worst
  }

  /** What the transposed equations leave over for present weights of the nodes' balances. */
  #transposedRemainder(aims: readonly Aim[], multiplier: Float64Array, change: Float64Array): void {
    const { nodes, edges, from, to } = this.#model
    const { fromSlope, toSlope, conductance } = this.#equations
    const mode = this.#mode
    const fixed = this.#fixed
    const { scale } = this.#matrix
    change.fill(0)
    aims.forEach(({ a, atA, b, atB }, k) => {
      if (a >= 0) change[TOGETHER * a + k] = atA
      if (b >= 0) change[TOGETHER * b + k] = (change[TOGETHER * b + k] as number) + atB
    })
    for (let edge = 0; edge < edges; edge++) {
      if (mode[edge] !== EQUATION) continue
      const a = TOGETHER * (from[edge] as number)
      const b = TOGETHER * (to[edge] as number)
      const slope = conductance[edge] as number
      const atFrom = slope * (fromSlope[edge] as number)
      const atTo = slope * (toSlope[edge] as number)
      for (let k = 0; k < TOGETHER; k++) {
        const across = (multiplier[a + k] as number) - (multiplier[b + k] as number)
        change[a + k] = (change[a + k] as number) - atFrom * across
        change[b + k] = (change[b + k] as number) + atTo * across
      }
    }
    for (let node = 0; node < nodes; node++) {
      const factor = fixed[node] === 1 ? 0 : (scale[node] as number)
      for (let k = 0; k < TOGETHER; k++) change[TOGETHER * node + k] = (change[TOGETHER * node + k] as number) * factor
    }
  }
}
