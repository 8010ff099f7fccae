import { type EdgeEquations, EQUATION, OFF } from './edge-equations.ts'
import type { HydraulicModel } from './hydraulic-model.ts'
import type { RegulatorControl } from './regulator-control.ts'
import type { SolverState } from './solver-state.ts'

/** How far the present pressures and flows are from a solution, and where most. */
export class SolutionError {
  /** Float64Array[nodes], kg/s that arrive and are not taken. */
  readonly imbalance: Float64Array
  residualPa = 0
  imbalanceKgS = 0
  worstNode = -1
  readonly #model: HydraulicModel
  readonly #equations: EdgeEquations
  readonly #state: SolverState
  readonly #regulators: RegulatorControl

  constructor(model: HydraulicModel, equations: EdgeEquations, state: SolverState, regulators: RegulatorControl) {
    this.#model = model
    this.#equations = equations
    this.#state = state
    this.#regulators = regulators
    this.imbalance = new Float64Array(model.nodes)
  }

  /** Imbalance of every node and the largest errors. @param tolerance  of pressures, Pa: above it the worst node is one of pressure */
  measure(tolerance: number): void {
    const { nodes, edges, from, to } = this.#model
    const isLiquid = this.#model.liquidDensity > 0
    const { imbalance } = this
    const { taken, mode: modes, massFlow, fixed } = this.#state
    const { residual, pressure } = this.#equations
    for (let node = 0; node < nodes; node++) imbalance[node] = -(taken[node] as number)
    let worstPa = 0
    let worstPaNode = -1
    for (let edge = 0; edge < edges; edge++) {
      const mode = modes[edge]
      if (mode === OFF) continue
      const flow = massFlow[edge] as number
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
      if (fixed[node] === 1) continue
      const off = Math.abs(imbalance[node] as number)
      if (off > worstFlow) {
        worstFlow = off
        worstFlowNode = node
      }
    }
    worstFlow = Math.max(worstFlow, this.#regulators.outletImbalance(imbalance))
    this.residualPa = worstPa
    this.imbalanceKgS = worstFlow
    this.worstNode = worstPa > tolerance ? worstPaNode : worstFlowNode
  }

  /** A node whose squared pressure ended below zero: the demands cannot be met. A liquid's may, for its model knows no vacuum. */
  worstPressure(): boolean {
    if (this.#model.liquidDensity > 0) return false
    const { supply, squared } = this.#state
    let lowest = 0
    let found = false
    for (let k = 0; k < supply.count; k++) {
      const node = supply.order[k] as number
      const value = squared[node] as number
      if (value <= lowest) {
        lowest = value
        this.worstNode = node
        found = true
      }
    }
    return found
  }
}
