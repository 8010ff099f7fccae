import type { Network } from '@gastwin/twin'
import type { NodeOutages } from '../metering/node-outages.ts'
import { type CutOffPart, cutOffParts } from './cut-off-parts.ts'

/** Appliances go out below this, Pa above the air. */
const FLAME_OUT_PA_G = 300
const RELIGHT_PA_G = 900

/** Gas behind closed valves: it is used up, or leaks out, and then nobody there has any. */
export class CutOffGas {
  readonly #network: Network
  readonly #room: Float64Array
  readonly #ambient: Float64Array
  readonly #gasEnergy: number
  readonly #outages: NodeOutages
  #parts: readonly CutOffPart[] = []
  #partOf = new Map<number, number>()
  /** kg that came out of cut-off parts in the last step. */
  releasedKg = 0

  constructor(network: Network, room: Float64Array, ambient: Float64Array, gasEnergy: number, outages: NodeOutages) {
    this.#network = network
    this.#room = room
    this.#ambient = ambient
    this.#gasEnergy = gasEnergy
    this.#outages = outages
  }

  isCutOff(node: number): boolean {
    return this.#partOf.has(node)
  }

  /** Takes a solution over into the kept pressures; cut-off nodes keep theirs. */
  take(solved: Float64Array, valveOpen: Uint8Array, kept: Float64Array): void {
    let missing = false
    for (let n = 0; n < solved.length; n++) {
      const p = solved[n] as number
      if (Number.isNaN(p)) missing = true
      else kept[n] = p
    }
    this.#parts = missing ? cutOffParts(this.#network, solved, valveOpen) : []
    this.#partOf = new Map()
    this.#parts.forEach((part, i) => {
      for (const n of part.nodes) this.#partOf.set(n, i)
    })
  }

  /**
   * Lets the parts empty themselves during a step.
   * @param demand kg/s at each node; what could not be delivered is taken out of it
   * @param holes  leaks with the flow they would have
   * @returns      kg/s that really left each hole, undefined where the hole is not cut off
   */
  empty(
    demand: Float64Array,
    holes: readonly { readonly node: number; readonly flow: number }[],
    pressure: Float64Array,
    from: number,
    seconds: number,
    until: number,
  ): (number | undefined)[] {
    this.releasedKg = 0
    this.#relight(pressure, until)
    const asked = this.#parts.map((part) => part.nodes.reduce((sum, n) => sum + (demand[n] ?? 0), 0))
    const source = this.#parts.map((part, i) => this.#upstream(part, i, pressure))
    source.forEach((j, i) => {
      if (j !== i) asked[j] = (asked[j] ?? 0) + (asked[i] ?? 0)
    })
    const lost = holes.map(({ node, flow }) => (this.#partOf.has(node) ? flow : undefined))
    const lasts = this.#parts.map((part, i) => {
      const leaking = holes.reduce((sum, h) => sum + (this.#partOf.get(h.node) === i ? h.flow : 0), 0)
      const out = source[i] === i ? (asked[i] ?? 0) + leaking : leaking
      return this.#draw(part, out, pressure, seconds)
    })
    this.#parts.forEach((part, i) => {
      const share = lasts[source[i] ?? i] ?? 1
      for (const n of part.nodes) {
        demand[n] = (demand[n] ?? 0) * share
        if (share < 1) this.#outages.begin(n, Math.floor(from + share * seconds * 1000))
      }
    })
    holes.forEach(({ node, flow }, k) => {
      const i = this.#partOf.get(node)
      if (i !== undefined) lost[k] = flow * (lasts[i] ?? 1)
    })
    return lost
  }

  /** The part that really feeds a part: one step up over a regulator that still has pressure, else itself. */
  #upstream(part: CutOffPart, self: number, pressure: Float64Array): number {
    for (const regulator of part.fedBy) {
      const inlet = this.#network.edges.from[regulator] ?? -1
      const i = this.#partOf.get(inlet)
      if (i !== undefined && i !== self && (pressure[inlet] ?? 0) > (this.#ambient[inlet] ?? 0) + 20_000) return i
    }
    return self
  }

  /** Takes gas out of a part; returns the share of the step that it lasted. */
  #draw(part: CutOffPart, flow: number, pressure: Float64Array, seconds: number): number {
    let content = 0
    let least = 0
    let room = 0
    for (const n of part.nodes) {
      const v = this.#room[n] ?? 0
      room += v
      content += (v * (pressure[n] ?? 0)) / this.#gasEnergy
      least += (v * ((this.#ambient[n] ?? 0) + FLAME_OUT_PA_G)) / this.#gasEnergy
    }
    const wanted = flow * seconds
    const had = Math.max(0, content - least)
    const taken = Math.min(wanted, had)
    this.releasedKg += taken
    const level = room > 0 ? ((content - taken) * this.#gasEnergy) / room : 0
    for (const n of part.nodes) pressure[n] = Math.max(level, this.#ambient[n] ?? 0)
    return wanted > had ? (wanted > 0 ? had / wanted : 0) : 1
  }

  #relight(pressure: Float64Array, at: number): void {
    if (this.#outages.count === 0) return
    for (let n = 0; n < pressure.length; n++) {
      if (!this.#outages.isOut(n) || this.#partOf.has(n)) continue
      if ((pressure[n] as number) > (this.#ambient[n] as number) + RELIGHT_PA_G) this.#outages.end(n, at)
    }
  }
}
