import { EQUATION, HOLDING, LIMITED, OFF } from './edge-equations.ts'
import type { HydraulicModel } from './hydraulic-model.ts'
import { potentialOf } from './potential.ts'

/** A regulator may change its mind this often within one solve; then it stays. */
const MOST_CHANGES = 12

/**
 * Regulators hold their outlet at the set pressure; they stand wide open when the inlet is below it, and shut when gas would
 * have to flow backwards. One that reaches its greatest flow passes just that, and its outlet falls below the set pressure. Where several hold one node, the highest set pressure counts and equal ones share the flow.
 */
export class RegulatorControl {
  changed = false
  readonly #model: HydraulicModel
  readonly #squared: Float64Array
  readonly #massFlow: Float64Array
  readonly #mode: Uint8Array
  readonly #fixed: Uint8Array
  /** Set pressure squared, by edge. */
  readonly #setSquared: Float64Array
  readonly #changes: Uint8Array
  /** Per node: how many regulators hold it, and what they carry together, kg/s. */
  readonly #holders: Int32Array
  readonly #carried: Float64Array
  readonly #isSource: Uint8Array

  constructor(
    model: HydraulicModel,
    squared: Float64Array,
    massFlow: Float64Array,
    mode: Uint8Array,
    fixed: Uint8Array,
  ) {
    this.#model = model
    this.#squared = squared
    this.#massFlow = massFlow
    this.#mode = mode
    this.#fixed = fixed
    this.#setSquared = new Float64Array(model.edges)
    this.#changes = new Uint8Array(model.edges)
    this.#holders = new Int32Array(model.nodes)
    this.#carried = new Float64Array(model.nodes)
    this.#isSource = new Uint8Array(model.nodes)
    for (const node of model.sourceNode) if (node >= 0) this.#isSource[node] = 1
  }

  /** Takes the set pressures, Pa absolute by edge; held nodes follow at once. */
  setPoints(outletPressure: Float64Array): void {
    for (const edge of this.#model.regulators) {
      this.#setSquared[edge] = potentialOf(this.#model, outletPressure[edge] as number)
    }
  }

  /** After a change of topology: every supplied regulator holds. @param supplied  Uint8Array[nodes] */
  reset(supplied: Uint8Array): void {
    const { regulators, from, to } = this.#model
    for (const edge of regulators) {
      const outlet = to[edge] as number
      const live = supplied[from[edge] as number] === 1 && this.#isSource[outlet] === 0
      this.#mode[edge] = live ? HOLDING : OFF
      if (!live) this.#massFlow[edge] = 0
      this.#holders[outlet] = 0
    }
  }

  /** Starts a solve: counts changes anew and puts held nodes to their set pressure. */
  begin(): void {
    this.#changes.fill(0)
    this.changed = false
    this.#hold()
  }

  #hold(): void {
    const { regulators, to } = this.#model
    for (const edge of regulators) {
      const outlet = to[edge] as number
      if (this.#holders[outlet] !== 0) this.#fixed[outlet] = 0
      this.#holders[outlet] = 0
    }
    for (const edge of regulators) {
      if (this.#mode[edge] !== HOLDING) continue
      const outlet = to[edge] as number
      const set = this.#setSquared[edge] as number
      if (this.#holders[outlet] === 0 || set > (this.#squared[outlet] as number)) this.#squared[outlet] = set
      this.#holders[outlet] = 1
      this.#fixed[outlet] = 1
    }
    for (const edge of regulators) this.#holders[to[edge] as number] = 0
    for (const edge of regulators) {
      if (this.#mode[edge] !== HOLDING) continue
      const outlet = to[edge] as number
      if ((this.#setSquared[edge] as number) < (this.#squared[outlet] as number)) {
        this.#mode[edge] = OFF
        this.#massFlow[edge] = 0
      } else this.#holders[outlet] = (this.#holders[outlet] as number) + 1
    }
  }

  /** Lets each regulator change between holding, wide open and shut; true when one did. */
  adjust(flowTolerance: number): boolean {
    const { regulators, from, to } = this.#model
    let changed = false
    for (const edge of regulators) {
      if ((this.#changes[edge] as number) >= MOST_CHANGES) continue
      const inlet = from[edge] as number
      const outlet = to[edge] as number
      if (this.#isSource[outlet] === 1) continue
      const next = this.#wanted(edge, this.#squared[inlet] as number, this.#squared[outlet] as number, flowTolerance)
      if (next === this.#mode[edge]) continue
      this.#mode[edge] = next
      if (next === OFF) this.#massFlow[edge] = 0
      if (next === LIMITED) this.#massFlow[edge] = this.#model.mostFlow[edge] as number
      this.#changes[edge] = (this.#changes[edge] as number) + 1
      changed = true
    }
    if (changed) {
      this.changed = true
      this.#hold()
    }
    return changed
  }

  #wanted(edge: number, inlet: number, outlet: number, flowTolerance: number): number {
    const set = this.#setSquared[edge] as number
    const flow = this.#massFlow[edge] as number
    const slack = 1e-9 * set
    const most = (this.#model.mostFlow[edge] as number) + 10 * flowTolerance
    switch (this.#mode[edge]) {
      case HOLDING:
        if (flow < -10 * flowTolerance) return OFF
        if (flow > most && inlet >= set - slack) return LIMITED
        return inlet < set - slack ? EQUATION : HOLDING
      case EQUATION:
        if (flow < -10 * flowTolerance) return OFF
        if (flow > most) return LIMITED
        return outlet > set + slack ? HOLDING : EQUATION
      case LIMITED:
        if (outlet > set + slack) return HOLDING
        return outlet > inlet + slack ? EQUATION : LIMITED
      default:
        if (!(inlet > 0) || outlet >= set - slack) return OFF
        if (inlet >= set) return HOLDING
        return inlet > outlet + slack ? EQUATION : OFF
    }
  }

  /** Largest difference between what holding regulators carry and what their node takes, kg/s. */
  outletImbalance(imbalance: Float64Array): number {
    const { regulators, to } = this.#model
    let worst = 0
    for (const edge of regulators)
      if (this.#mode[edge] === HOLDING) worst = Math.max(worst, Math.abs(imbalance[to[edge] as number] as number))
    return worst
  }

  /**
   * Gives holding regulators the flow their outlet asks for and takes it at their inlet.
   * @param imbalance  kg/s by node, after all other flow changes; inlets are charged
   * @param flowStep   kg/s by edge, change of flow; written for holding regulators
   */
  carry(imbalance: Float64Array, flowStep: Float64Array): void {
    const { regulators, from, to } = this.#model
    for (const edge of regulators) this.#carried[to[edge] as number] = 0
    for (const edge of regulators) {
      if (this.#mode[edge] !== HOLDING) continue
      const outlet = to[edge] as number
      this.#carried[outlet] = (this.#carried[outlet] as number) + (this.#massFlow[edge] as number)
    }
    for (const edge of regulators) {
      if (this.#mode[edge] !== HOLDING) continue
      const inlet = from[edge] as number
      const outlet = to[edge] as number
      const asked = (this.#carried[outlet] as number) - (imbalance[outlet] as number)
      const step = asked / (this.#holders[outlet] as number) - (this.#massFlow[edge] as number)
      flowStep[edge] = step
      imbalance[inlet] = (imbalance[inlet] as number) - step
    }
  }

  /**
   * The adjoint of `carry`: gas taken at a held node is taken, in equal shares, at the inlets of its regulators.
   * @param multiplier  by node, `stride` values side by side of which the one at `at` is meant
   * @param watched     a holding regulator whose own flow is asked for; −1 for none
   */
  spread(multiplier: Float64Array, watched: number, stride: number, at: number): void {
    const { regulators, from, to } = this.#model
    for (const edge of regulators) if (this.#mode[edge] === HOLDING) multiplier[stride * (to[edge] as number) + at] = 0
    for (let k = regulators.length - 1; k >= 0; k--) {
      const edge = regulators[k] as number
      if (this.#mode[edge] !== HOLDING) continue
      const outlet = to[edge] as number
      const place = stride * outlet + at
      const share = (multiplier[stride * (from[edge] as number) + at] as number) / (this.#holders[outlet] as number)
      const own = edge === watched ? 1 / (this.#holders[outlet] as number) : 0
      multiplier[place] = (multiplier[place] as number) + share - own
    }
  }
}
