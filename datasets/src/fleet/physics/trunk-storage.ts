import type { CutOffGas } from './cut-off-gas.ts'

/** Nodes above this hold gas worth booking, Pa absolute. */
const TRUNK_PA = 150_000

/**
 * The gas that the medium-pressure trunks hold. A steady solution knows no storage, so what the pressures of one step say about
 * the content is drawn in (or given back) during the next ones, and the books close in the long run.
 */
export class TrunkStorage {
  readonly #room: Float64Array
  readonly #gasEnergy: number
  readonly #weight: Float64Array
  #booked = 0
  #content = 0
  #members = -1
  /** kg/s that went into storage during the last step. */
  lastFlow = 0

  /** @param room geometric volume at each node, m³ @param gasEnergy R_s T, J/kg */
  constructor(room: Float64Array, gasEnergy: number) {
    this.#room = room
    this.#gasEnergy = gasEnergy
    this.#weight = new Float64Array(room.length)
  }

  /**
   * Adds the storage's withdrawal to the nodes.
   * @param share part of the outstanding difference to draw, less than 1 when the network is strained
   */
  withdraw(extra: Float64Array, seconds: number, share: number): void {
    const total = this.#members < 0 ? 0 : this.#content
    const flow = total > 0 ? (0.5 * share * (this.#content - this.#booked)) / Math.max(seconds, 60) : 0
    this.lastFlow = flow
    if (flow === 0) return
    for (let n = 0; n < extra.length; n++) extra[n] = (extra[n] as number) + flow * (this.#weight[n] as number)
    this.#seconds = seconds
  }
  #seconds = 0

  /** Reads the content from the pressures after a step; a part that was cut off or joined again takes its gas along. */
  account(pressure: Float64Array, cutOff: CutOffGas, first: boolean): void {
    let content = 0
    let members = 0
    for (let n = 0; n < pressure.length; n++) {
      const p = pressure[n] as number
      const held = p > TRUNK_PA && !cutOff.isCutOff(n) ? ((this.#room[n] as number) * p) / this.#gasEnergy : 0
      this.#weight[n] = held
      content += held
      if (held > 0) members += 1
    }
    for (let n = 0; n < pressure.length; n++) this.#weight[n] = content > 0 ? (this.#weight[n] as number) / content : 0
    if (first || members !== this.#members) this.#booked = content
    else this.#booked += this.lastFlow * this.#seconds
    this.#content = content
    this.#members = members
  }
}
