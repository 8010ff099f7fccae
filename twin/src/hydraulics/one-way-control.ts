import { EQUATION, OFF } from './edge-equations.ts'
import { COMPRESSOR_LAW, type HydraulicModel } from './hydraulic-model.ts'

/** An edge may open and shut this often within one solve; then it stays. */
const MOST_CHANGES = 8

/** Compressors, pumps and check valves shut when the fluid would flow backwards, and open when it is pushed forwards again. */
export class OneWayControl {
  readonly #model: HydraulicModel
  readonly #squared: Float64Array
  readonly #massFlow: Float64Array
  readonly #mode: Uint8Array
  readonly #changes: Uint8Array
  /** Whether an edge is part of the supplied network at all. */
  readonly #live: Uint8Array

  constructor(model: HydraulicModel, squared: Float64Array, massFlow: Float64Array, mode: Uint8Array) {
    this.#model = model
    this.#squared = squared
    this.#massFlow = massFlow
    this.#mode = mode
    this.#changes = new Uint8Array(model.edges)
    this.#live = new Uint8Array(model.edges)
  }

  /** After a change of topology: what is supplied begins open. */
  reset(): void {
    for (const edge of this.#model.oneWay) this.#live[edge] = this.#mode[edge] === EQUATION ? 1 : 0
  }

  begin(): void {
    this.#changes.fill(0)
  }

  /** Lets each edge open or shut; true when one did. */
  adjust(flowTolerance: number, pressureTolerance: number): boolean {
    let changed = false
    for (const edge of this.#model.oneWay) {
      if (this.#live[edge] === 0 || (this.#changes[edge] as number) >= MOST_CHANGES) continue
      const shut = this.#mode[edge] === OFF
      if (shut ? !this.#pushed(edge, pressureTolerance) : (this.#massFlow[edge] as number) >= -10 * flowTolerance)
        continue
      this.#mode[edge] = shut ? EQUATION : OFF
      this.#massFlow[edge] = 0
      this.#changes[edge] = (this.#changes[edge] as number) + 1
      changed = true
    }
    return changed
  }

  /** Whether pressures alone would drive flow forwards. */
  #pushed(edge: number, tolerance: number): boolean {
    const { from, to, law, ratio, lift, heightFactor, liquidDensity } = this.#model
    const a = this.#squared[from[edge] as number] as number
    const b = this.#squared[to[edge] as number] as number
    if (liquidDensity > 0) {
      const before = law[edge] === COMPRESSOR_LAW ? (ratio[edge] as number) * a + (lift[edge] as number) : a
      return before + (heightFactor[edge] as number) - b > 10 * tolerance
    }
    const p1 = Math.sqrt(Math.max(0, a))
    const outlet = law[edge] === COMPRESSOR_LAW ? (ratio[edge] as number) * p1 + (lift[edge] as number) : p1
    const weight = outlet * (1 + (heightFactor[edge] as number))
    return weight - Math.sqrt(Math.max(0, b)) > 10 * tolerance
  }
}
