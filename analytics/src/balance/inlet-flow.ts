import type { Network, ZoneInlet } from '@gastwin/twin'
import { minuteOf, RTU_CHANNELS } from '@gastwin/twin'
import type { Memory } from './memory.ts'
import { MINUTES_KEPT, type TimeAxis } from './time-axis.ts'

const MINUTE_MS = 60_000

export interface MeasuredSupply {
  /** m³ at the reference state of the minutes that were measured. */
  readonly m3: number
  /** Minutes in which every inlet was measured. */
  readonly coveredMinutes: number
}

/**
 * Flow through metered inlets by the minute, m³/s at the reference state. A minute holds one value however often and whenever it
 * came; what was not measured stays empty and is known to be.
 */
export class InletFlow {
  readonly #axis: TimeAxis
  readonly #cells: Float32Array
  /** Two per row: Unix ms and value of the newest sample. */
  readonly #latest: Float64Array
  /** Row of each metered edge, and of each RTU that meters it; −1 for the others. */
  readonly #rowOfEdge: Int32Array
  readonly #rowOfRtu: Int32Array

  constructor(axis: TimeAxis, memory: Memory, network: Network) {
    this.#axis = axis
    this.#rowOfEdge = new Int32Array(network.edges.count).fill(-1)
    this.#rowOfRtu = new Int32Array(network.rtus.count).fill(-1)
    const flow = 1 << RTU_CHANNELS.indexOf('flow')
    const inlets = new Set(network.zones.inlets.flat().map((inlet) => inlet.edge))
    const ids: string[] = []
    for (let rtu = 0; rtu < network.rtus.count; rtu++) {
      const edge = network.rtus.edge[rtu] ?? -1
      if (((network.rtus.channels[rtu] ?? 0) & flow) === 0 || !inlets.has(edge) || this.#rowOfEdge[edge] !== -1)
        continue
      this.#rowOfEdge[edge] = ids.length
      this.#rowOfRtu[rtu] = ids.length
      ids.push(network.edges.ids[edge] ?? '')
    }
    this.#cells = memory.f32(`flow of ${ids.join(' ')}`, ids.length * MINUTES_KEPT, Number.NaN)
    this.#latest = memory.f64(`latest flow of ${ids.join(' ')}`, ids.length * 2, Number.NaN)
    axis.add(this.#cells, 60, Number.NaN)
  }

  /** @returns begin of the minute that was filled, or undefined when the RTU meters no inlet or the minute was known or is too old */
  take(rtu: number, at: number, value: number): number | undefined {
    const row = this.#rowOfRtu[rtu] ?? -1
    if (row < 0) return undefined
    const begin = (minuteOf(at) - 1) * MINUTE_MS
    if (!this.#axis.touch(this.#axis.hourOf(begin))) return undefined
    const cell = row * MINUTES_KEPT + this.#axis.minutePlace(begin)
    if (!Number.isNaN(this.#cells[cell] ?? 0)) return undefined
    this.#cells[cell] = value
    if (!(at <= (this.#latest[2 * row] ?? Number.NaN))) {
      this.#latest[2 * row] = at
      this.#latest[2 * row + 1] = value
    }
    return begin
  }

  /** Σ sign · flow · time over the minutes of [from, to), Unix ms. */
  supply(inlets: readonly ZoneInlet[], from: number, to: number): MeasuredSupply {
    const rows = inlets.map((inlet) => this.#rowOfEdge[inlet.edge] ?? -1)
    let rate = 0
    let coveredMinutes = 0
    const first = Math.max(from, this.#axis.startOf(this.#axis.oldest))
    const end = Math.min(to, this.#axis.startOf(this.#axis.newest + 1))
    for (let at = first; at < end; at += MINUTE_MS) {
      const place = this.#axis.minutePlace(at)
      let all = rows.length > 0
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] ?? -1
        const value = row < 0 ? Number.NaN : (this.#cells[row * MINUTES_KEPT + place] ?? Number.NaN)
        if (Number.isNaN(value)) all = false
        else rate += (inlets[i]?.sign ?? 1) * value
      }
      if (all) coveredMinutes += 1
    }
    return { m3: rate * 60, coveredMinutes }
  }

  /** Σ sign · newest flow, m³/s; null when an inlet was not heard within `maxAge` ms. */
  live(inlets: readonly ZoneInlet[], now: number, maxAge: number): number | null {
    let sum = 0
    for (const { edge, sign } of inlets) {
      const row = this.#rowOfEdge[edge] ?? -1
      if (row < 0 || !(now - (this.#latest[2 * row] ?? Number.NaN) <= maxAge)) return null
      sum += sign * (this.#latest[2 * row + 1] ?? 0)
    }
    return inlets.length === 0 ? null : sum
  }
}
