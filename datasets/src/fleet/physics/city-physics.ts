import {
  compileHydraulics,
  type Network,
  referenceDensity,
  type SteadySolver,
  specificGasConstant,
} from '@gastwin/twin'
import { ambientPressure } from '../../city/ambient.ts'
import type { DrawCalendar } from '../demand/draw-calendar.ts'
import type { Weather } from '../demand/weather.ts'
import type { ConsumptionBook } from '../metering/consumption-book.ts'
import { CutOffGas } from './cut-off-gas.ts'
import { holeOutflow } from './hole-outflow.ts'
import { type Leak, leakArea } from './leak.ts'
import type { TrueNetwork } from './true-network.ts'
import { TrunkStorage } from './trunk-storage.ts'

const LEAK_ACCURACY = 0.01
const ATTEMPTS = 10

/** Volumes since the beginning, m³ at the reference state. */
export interface GasTotals {
  supplied: number
  used: number
  leaked: number
  stored: number
}

/**
 * The gas in the true network, step by step: a steady solution for the mean demand of each step, leaks by the pressure at their
 * hole, the trunks' storage, and parts behind closed valves that empty themselves.
 */
export class CityPhysics {
  readonly network: Network
  /** Pa absolute at each node at the end of the last step. */
  readonly pressure: Float64Array
  /** kg/s along each edge, mean of the last step. */
  readonly massFlow: Float64Array
  /** kg/s out of each leak, mean of the last step. */
  readonly leakFlow: Float64Array
  readonly totals: GasTotals = { supplied: 0, used: 0, leaked: 0, stored: 0 }
  /** kg/m³ at the reference state. */
  readonly density: number
  readonly solves = { count: 0, iterations: 0, stalled: 0, ms: 0 }
  readonly #solver: SteadySolver
  readonly #book: ConsumptionBook
  readonly #weather: Weather
  readonly #leaks: readonly Leak[]
  readonly #holes: readonly number[]
  readonly #ambient: Float64Array
  readonly #gasEnergy: number
  readonly #slope: Float64Array
  readonly #volume: Float64Array
  readonly #demand: Float64Array
  readonly #extra: Float64Array
  readonly #valveOpen: Uint8Array
  readonly #cutOff: CutOffGas
  readonly #storage: TrunkStorage
  #calendar: DrawCalendar | undefined
  #at: number
  #first = true

  /** @param start Unix ms; @param clock elapsed ms, for statistics only */
  constructor(
    net: TrueNetwork,
    leaks: readonly Leak[],
    book: ConsumptionBook,
    weather: Weather,
    start: number,
    readClock = () => 0,
  ) {
    const { network } = net
    const { nodes, edges, document } = network
    this.network = network
    this.#clock = readClock
    this.#solver = compileHydraulics(network, { pressureTolerance: 0.01, flowTolerance: 1e-7 })
    this.#book = book
    this.#weather = weather
    this.#leaks = leaks
    this.#holes = net.holes
    this.#at = start
    this.density = referenceDensity(document.fluid)
    this.#gasEnergy = specificGasConstant(document.fluid) * (document.fluid.temperature_k ?? 283.15)
    const column = (): Float64Array => new Float64Array(nodes.count)
    this.pressure = column()
    this.massFlow = new Float64Array(edges.count)
    this.leakFlow = new Float64Array(leaks.length)
    this.#slope = column()
    this.#volume = column()
    this.#demand = column()
    this.#extra = column()
    this.#ambient = nodes.heightM.map(ambientPressure)
    this.#valveOpen = Uint8Array.from(edges.open)
    const room = column()
    for (let e = 0; e < edges.first.valve; e++) {
      const half = (Math.PI / 8) * (edges.diameterM[e] ?? 0) ** 2 * (edges.lengthM[e] ?? 0)
      for (const n of [edges.from[e] ?? 0, edges.to[e] ?? 0]) room[n] = (room[n] ?? 0) + half
    }
    this.#cutOff = new CutOffGas(network, room, this.#ambient, this.#gasEnergy, book.outages)
    this.#storage = new TrunkStorage(room, this.#gasEnergy)
  }
  readonly #clock: () => number

  /** End of the last step, Unix ms. */
  get at(): number {
    return this.#at
  }

  isOpen(edge: number): boolean {
    return this.#valveOpen[edge] === 1
  }

  /** Moves a valve at the end of the last step. */
  setValve(edge: number, open: boolean): void {
    this.#valveOpen[edge] = open ? 1 : 0
  }

  /** Flow from → to, m³/s at the reference state, mean of the last step. */
  standardFlow(edge: number): number {
    return (this.massFlow[edge] ?? 0) / this.density
  }

  /** End of the local day that holds the present: a step may not pass it. */
  get midnight(): number {
    return this.#weather.dayStart(this.#weather.dayNumber(this.#at) + 1)
  }

  /** Goes on to an instant, at most to the next midnight. */
  step(until: number): void {
    const end = Math.min(until, this.midnight)
    const seconds = (end - this.#at) / 1000
    if (!(seconds > 0)) return
    this.#meanDemand(end, seconds)
    this.#solve(end, seconds)
    this.#account(end, seconds)
    this.#at = end
    this.#first = false
  }

  #meanDemand(end: number, seconds: number): void {
    const start = this.#weather.dayStart(this.#weather.dayNumber(this.#at))
    this.#book.openDay(this.#at)
    if (this.#book.calendar !== this.#calendar) {
      this.#calendar = this.#book.calendar
      this.#slope.fill(0)
      this.#calendar.advance(Math.floor((this.#at - start) / 1000), this.#slope, this.#volume)
    }
    for (let n = 0; n < this.#volume.length; n++) this.#volume[n] = (this.#slope[n] as number) * seconds
    this.#calendar.advance((end - start) / 1000, this.#slope, this.#volume)
    for (let n = 0; n < this.#volume.length; n++) {
      const out = this.#book.outages.count > 0 && this.#book.outages.isOut(n)
      this.#demand[n] = out ? 0 : (Math.max(0, this.#volume[n] as number) / seconds) * this.density
    }
  }

  #solve(end: number, seconds: number): void {
    const area = this.#leaks.map((leak) => leakArea(leak, end - 500 * seconds))
    this.#startLeaks(area)
    const began = this.#clock()
    let share = 1
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#extra.fill(0)
      this.#storage.withdraw(this.#extra, seconds, share)
      this.#holes.forEach((hole, k) => {
        if (!this.#cutOff.isCutOff(hole)) this.#extra[hole] = (this.#extra[hole] ?? 0) + (this.leakFlow[k] ?? 0)
      })
      const solution = this.#solver.solve({
        demands: this.#demand,
        extraWithdrawals: this.#extra,
        valveOpen: this.#valveOpen,
      })
      this.solves.count += 1
      this.solves.iterations += solution.iterations
      if (solution.status === 'stalled') {
        this.solves.stalled += 1
        share *= 0.5
        for (let k = 0; k < this.leakFlow.length; k++) this.leakFlow[k] = (this.leakFlow[k] ?? 0) * 0.6
        continue
      }
      this.massFlow.set(solution.massFlow)
      this.#cutOff.take(solution.pressure, this.#valveOpen, this.pressure)
      if (this.#adjustLeaks(area, attempt)) break
    }
    this.solves.ms += this.#clock() - began
  }

  /** A hole that opens or grows begins with what the present pressure would drive through it. */
  #startLeaks(area: readonly number[]): void {
    area.forEach((a, k) => {
      const hole = this.#holes[k] ?? 0
      const outside = this.#ambient[hole] ?? 0
      const inside = this.#first ? outside : (this.pressure[hole] ?? 0)
      const now = holeOutflow(a, inside, outside, this.#gasEnergy)
      if (a === 0) this.leakFlow[k] = 0
      else if ((this.leakFlow[k] ?? 0) === 0) this.leakFlow[k] = now * 0.5
    })
  }

  /** @returns true when every leak fits the pressure at its hole */
  #adjustLeaks(area: readonly number[], attempt: number): boolean {
    let fits = true
    area.forEach((a, k) => {
      const hole = this.#holes[k] ?? 0
      if (a === 0) return
      const wanted = holeOutflow(a, this.pressure[hole] ?? 0, this.#ambient[hole] ?? 0, this.#gasEnergy)
      const off = wanted - (this.leakFlow[k] ?? 0)
      if (this.#cutOff.isCutOff(hole)) this.leakFlow[k] = wanted
      else if (Math.abs(off) > LEAK_ACCURACY * Math.max(wanted, 1e-4) && attempt < ATTEMPTS - 1) {
        fits = false
        this.leakFlow[k] = (this.leakFlow[k] ?? 0) + 0.6 * off
      }
    })
    return fits
  }

  #account(end: number, seconds: number): void {
    const holes = this.#holes.map((node, k) => ({ node, flow: this.leakFlow[k] ?? 0 }))
    const lost = this.#cutOff.empty(this.#demand, holes, this.pressure, this.#at, seconds, end)
    lost.forEach((flow, k) => {
      if (flow !== undefined) this.leakFlow[k] = flow
    })
    this.#storage.account(this.pressure, this.#cutOff, this.#first)
    const { network, totals } = this
    const perSecond = seconds / this.density
    for (const { edge, sign } of network.cityInlets) totals.supplied += sign * (this.massFlow[edge] ?? 0) * perSecond
    for (let n = 0; n < this.#demand.length; n++) totals.used += (this.#demand[n] as number) * perSecond
    for (const flow of this.leakFlow) totals.leaked += flow * perSecond
    totals.stored += this.#storage.lastFlow * perSecond - this.#cutOff.releasedKg / this.density
  }
}
