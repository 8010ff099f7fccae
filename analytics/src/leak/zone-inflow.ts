import type { Network } from '@gastwin/twin'
import { FLOW, PRESSURE, type SlotBook } from './slot-book.ts'
import type { SuddenChanges } from './sudden-changes.ts'

/** Slots for which an inlet is taken for what it last was. */
const LATELY = 24

/** What a zone's inlets and pressures did within a slot, against the three slots before. */
export interface FlowJump {
  /** m³/s at the reference state, of the inlets that reported. */
  readonly before: number
  readonly jump: number
  readonly missing: number
}

/** The same by those inlets and pressures that did not wait for their time. */
export interface SuddenInflow {
  /** How much more flows in, m³/s. */
  readonly jump: number
  /** Mean fall of the pressures, Pa; NaN when none spoke. */
  readonly fall: number
  /** All inlets as a multiple of those that spoke. */
  readonly reach: number
}

/** What flows into zones, by the RTUs at their inlets. */
export class ZoneInflow {
  readonly #network: Network
  readonly #book: SlotBook
  /** RTU row of each metered edge. */
  readonly #flowRtu = new Map<number, number>()

  constructor(network: Network, book: SlotBook) {
    this.#network = network
    this.#book = book
    network.document.rtus.forEach((rtu, i) => {
      const edge = network.rtus.edge[i] as number
      if (rtu.channels.includes('flow') && edge >= 0) this.#flowRtu.set(edge, i)
    })
  }

  /** RTU row of the flow along an edge; −1 when it is not metered. */
  rtuOf(edge: number): number {
    return this.#flowRtu.get(edge) ?? -1
  }

  /** Each zone's mean inflow over slots, m³/s, short gaps filled; NaN where an inlet is not known. */
  mean(zone: number, from: number, to: number): number {
    return this.#sum(zone, (rtu) => this.#book.filledMean(rtu, FLOW, from, to))
  }

  /** Its inflow in one slot, m³/s; NaN where an inlet has not reported it. */
  within(zone: number, slot: number): number {
    return this.#sum(zone, (rtu) => this.#book.mean(rtu, FLOW, slot, slot + 1).mean)
  }

  /** The same as far as it is known: an inlet that is not in the picture is taken for what it lately was. */
  soFar(zone: number, slot: number, picture: Pick<SlotBook, 'mean'>): number {
    return this.#sum(zone, (rtu) => {
      const now = picture.mean(rtu, FLOW, slot, slot + 1).mean
      if (!Number.isNaN(now)) return now
      for (let back = 0; back < LATELY; back++) {
        const { mean } = this.#book.mean(rtu, FLOW, slot - back, slot - back + 1)
        if (!Number.isNaN(mean)) return mean
      }
      return Number.NaN
    })
  }

  #sum(zone: number, flowOf: (rtu: number) => number): number {
    let sum = 0
    for (const { edge, sign } of this.#network.zones.inlets[zone] ?? []) {
      const rtu = this.#flowRtu.get(edge)
      if (rtu === undefined) return Number.NaN
      sum += sign * flowOf(rtu)
    }
    return sum
  }

  /** What passes a zone's inlets in either direction, m³/s. */
  through(zone: number, from: number, to: number): number {
    let sum = 0
    for (const { edge } of this.#network.zones.inlets[zone] ?? [])
      sum += Math.abs(this.#book.filledMean(this.rtuOf(edge), FLOW, from, to))
    return sum
  }

  /** Mean pressure of the nodes of a zone that have a transmitter, Pa; NaN without one. */
  pressure(zone: number, from: number, to: number): number {
    const { rtus, nodes } = this.#network
    let sum = 0
    let count = 0
    for (let rtu = 0; rtu < rtus.count; rtu++) {
      if (nodes.zone[rtus.node[rtu] as number] !== zone) continue
      const { mean } = this.#book.mean(rtu, PRESSURE, from, to)
      if (Number.isNaN(mean)) continue
      sum += mean
      count += 1
    }
    return sum / count
  }

  /** Change of a zone's inflow against the slots before, by the inlets that reported; undefined when none did. */
  jump(zone: number, slot: number): FlowJump | undefined {
    let before = 0
    let jump = 0
    let missing = 0
    const inlets = this.#network.zones.inlets[zone] ?? []
    for (const { edge, sign } of inlets) {
      const rtu = this.#flowRtu.get(edge) ?? -1
      const then = rtu < 0 ? Number.NaN : this.#book.mean(rtu, FLOW, slot - 3, slot).mean
      const now = rtu < 0 ? Number.NaN : this.#book.mean(rtu, FLOW, slot, slot + 1).mean
      if (Number.isNaN(then) || Number.isNaN(now)) missing += 1
      else {
        before += sign * then
        jump += sign * (now - then)
      }
    }
    return missing === inlets.length ? undefined : { before, jump, missing }
  }

  /** What a zone's devices say before their time. */
  sudden(zone: number, at: number, changes: SuddenChanges): SuddenInflow {
    const { rtus, nodes, zones } = this.#network
    let jump = 0
    let all = 0
    let spoken = 0
    for (const { edge, sign } of zones.inlets[zone] ?? []) {
      // What leaves to other zones feeds no rupture.
      if (sign > 0) all += 1
      const change = changes.of(this.rtuOf(edge) * 2 + FLOW, at)
      if (Number.isNaN(change)) continue
      jump += sign * change
      if (sign > 0) spoken += 1
    }
    let sum = 0
    let count = 0
    for (let rtu = 0; rtu < rtus.count; rtu++) {
      if (nodes.zone[rtus.node[rtu] as number] !== zone) continue
      const change = changes.of(rtu * 2 + PRESSURE, at)
      if (Number.isNaN(change)) continue
      sum -= change
      count += 1
    }
    return { jump, fall: sum / count, reach: spoken === 0 ? 1 : all / spoken }
  }

  /**
   * Fall of a zone's pressures against the slots before, Pa; undefined while fewer than half of them have arrived.
   * @param nodes Int32Array of the nodes with a pressure. @param rtus their RTU rows
   */
  pressureFall(zone: number, slot: number, nodes: Int32Array, rtus: readonly number[]): number | undefined {
    let sum = 0
    let count = 0
    let all = 0
    nodes.forEach((node, r) => {
      if (this.#network.nodes.zone[node] !== zone) return
      all += 1
      const rtu = rtus[r] as number
      const change =
        this.#book.mean(rtu, PRESSURE, slot - 3, slot).mean - this.#book.mean(rtu, PRESSURE, slot, slot + 1).mean
      if (Number.isNaN(change)) return
      sum += change
      count += 1
    })
    if (count * 2 < all) return undefined
    return count === 0 ? 0 : sum / count
  }
}
