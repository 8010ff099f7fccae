import type { LdltFactor } from '../sparse/ldlt-factor.ts'
import { type EdgeEquations, EQUATION } from './edge-equations.ts'
import { COMPRESSOR_LAW, type HydraulicModel } from './hydraulic-model.ts'
import type { SupplySearch } from './supply-search.ts'

/** Substitutions that cost as much as a factor: measured on a tree, and beside it by the multiplications of either on meshes. */
const LEAST_FACTOR_COST = 3
const FACTOR_COST = 0.35

/** The symmetric part of the linearised balances and its factor, which is kept while it serves. */
export class StepMatrix {
  /** Squared pressures on either side of a compressor differ by its ratio: with this scale their matrix is symmetric. */
  readonly scale: Float64Array
  /** Substitutions worth a factor. */
  readonly factorCost: number
  readonly #model: HydraulicModel
  readonly #equations: EdgeEquations
  readonly #factor: LdltFactor
  readonly #mode: Uint8Array
  readonly #fixed: Uint8Array
  #valid = false
  #made = 0

  constructor(
    model: HydraulicModel,
    equations: EdgeEquations,
    factor: LdltFactor,
    mode: Uint8Array,
    fixed: Uint8Array,
  ) {
    this.#model = model
    this.#equations = equations
    this.#factor = factor
    this.#mode = mode
    this.#fixed = fixed
    this.scale = new Float64Array(model.nodes).fill(1)
    const { work, fill } = model.symbolic
    this.factorCost = LEAST_FACTOR_COST + (FACTOR_COST * work) / (2 * fill + 2 * model.nodes)
  }

  get isValid(): boolean {
    return this.#valid
  }

  /** Factors made so far. */
  get made(): number {
    return this.#made
  }

  /** Makes the factor anew before it is used again: topology or a regulator's mode has changed. */
  forget(): void {
    this.#valid = false
  }

  /** @param rhs  Float64Array[nodes]; overwritten by the solution */
  solve(rhs: Float64Array): void {
    this.#factor.solve(rhs)
  }

  /** @param rhs  Float64Array[4 · nodes], four values side by side; overwritten by the solutions */
  solveFour(rhs: Float64Array): void {
    this.#factor.solveFour(rhs)
  }

  scaleBy(search: SupplySearch): void {
    const { from, to, law, ratio, lift, sourcePressure, liquidDensity } = this.#model
    const usual = Math.max(1, ...sourcePressure)
    for (let k = 0; k < search.count; k++) {
      const node = search.order[k] as number
      const edge = search.foundBy[node] as number
      if (edge < 0) {
        this.scale[node] = 1
        continue
      }
      const before = (from[edge] === node ? to[edge] : from[edge]) as number
      const isCompressor = law[edge] === COMPRESSOR_LAW
      const gain = (ratio[edge] as number) + (lift[edge] as number) / usual
      const step = isCompressor ? (liquidDensity > 0 ? (ratio[edge] as number) : gain ** 2) : 1
      this.scale[node] = (this.scale[before] as number) * (to[edge] === node ? step : 1 / step)
    }
  }

  /** Makes the factor of the equations as they are; −1, or the node at which the matrix is singular. */
  factorise(): number {
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
        ((fromSlope[edge] as number) * (this.scale[a] as number) +
          (toSlope[edge] as number) * (this.scale[b] as number))
      if (fixed[a] === 0 && fixed[b] === 0) offDiagonal[slot] = (offDiagonal[slot] as number) - weight
      else if (fixed[a] === 0) diagonal[a] = (diagonal[a] as number) + weight
      else if (fixed[b] === 0) diagonal[b] = (diagonal[b] as number) + weight
    }
    this.#made += 1
    const stuck = this.#factor.factorise('excess')
    this.#valid = stuck < 0
    return stuck
  }
}
