import { type EdgeEquations, EQUATION } from './edge-equations.ts'
import type { HydraulicModel } from './hydraulic-model.ts'

/**
 * How pressures and flows follow a relative change of each pipe's friction factor λ, at a converged solution: flow that more friction
 * keeps back counts as given back at the edge's one end and taken at the other.
 */
export class ResistanceSensitivity {
  readonly #model: HydraulicModel
  readonly #equations: EdgeEquations
  readonly #mode: Uint8Array

  /** @param mode  Uint8Array[edges], as the solver keeps it */
  constructor(model: HydraulicModel, equations: EdgeEquations, mode: Uint8Array) {
    this.#model = model
    this.#equations = equations
    this.#mode = mode
  }

  /**
   * @param byNode  Float64Array[rows · nodes], Pa per kg/s taken out at the node
   * @param out     Float64Array[rows · edges], Pa per unit relative change of λ; overwritten
   */
  ofPressures(rows: number, byNode: Float64Array, out: Float64Array): void {
    const { nodes } = this.#model
    for (let k = 0; k < rows; k++) this.#row(byNode.subarray(k * nodes, (k + 1) * nodes), out, k)
  }

  /**
   * @param watched  edge numbers
   * @param byNode   Float64Array[watched.length · nodes], kg/s per kg/s taken out at the node
   * @param out      Float64Array[watched.length · edges], kg/s per unit relative change of λ; overwritten
   */
  ofFlows(watched: Int32Array, byNode: Float64Array, out: Float64Array): void {
    this.ofPressures(watched.length, byNode, out)
    const { edges } = this.#model
    for (let k = 0; k < watched.length; k++) {
      const edge = watched[k] as number
      out[k * edges + edge] = (out[k * edges + edge] as number) - this.#flowLostByFriction(edge)
    }
  }

  /** Fall of the flow along an edge between unchanged pressures, kg/s per unit relative change of λ. */
  #flowLostByFriction(edge: number): number {
    if (this.#mode[edge] !== EQUATION) return 0
    return (this.#equations.conductance[edge] as number) * (this.#equations.friction[edge] as number)
  }

  #row(byNode: Float64Array, out: Float64Array, k: number): void {
    const { edges, from, to } = this.#model
    for (let edge = 0; edge < edges; edge++) {
      const drop = (byNode[to[edge] as number] as number) - (byNode[from[edge] as number] as number)
      out[k * edges + edge] = drop * this.#flowLostByFriction(edge)
    }
  }
}
