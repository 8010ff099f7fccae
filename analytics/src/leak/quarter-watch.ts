import { CityCalendar, type Network } from '@gastwin/twin'
import { QUARTER_MS, type TimeOfDay } from './business-meter.ts'
import { BusinessQuarters } from './business-quarters.ts'
import type { FlowEvidence } from './leak-balance.ts'
import { SLOT_MS } from './slot-book.ts'
import { ZoneContrast } from './zone-contrast.ts'
import type { ZoneInflow } from './zone-inflow.ts'

const HOUR = 3_600_000
const SLOTS = QUARTER_MS / SLOT_MS
/** An inlet that has not reported so long after a quarter is not waited for. */
const LATE_MS = 120_000
/** m³ at the reference state in a m³ of pipe, per Pa: 101 325 Pa, and ground of about 285 K. */
const STORED_PER_PA = 293.15 / 285 / 101_325
/** Odds, as a logarithm, at which a wrong meter between two zones is likelier than a leak. */
const DOUBT = 2
const KEPT_TIMES = 2000

/** Lets zones be compared quarter by quarter as the reports of their inlets come. */
export class QuarterWatch {
  readonly business: BusinessQuarters
  readonly contrast: ZoneContrast
  readonly #network: Network
  readonly #inflow: ZoneInflow
  readonly #volume: Float64Array
  readonly #inlets: readonly number[]
  /** Zones that share an inlet: what leaves one enters the other through one meter. */
  readonly #beside: readonly (readonly number[])[]
  readonly #reported: Float64Array
  #pressure: readonly number[] = []
  #next = Number.NaN

  /** @param homes number of homes in each zone */
  constructor(network: Network, inflow: ZoneInflow, homes: readonly number[]) {
    this.#network = network
    this.#inflow = inflow
    const calendar = new CityCalendar(network.timeZone)
    const known = new Map<number, ReturnType<TimeOfDay>>()
    const timeOfDay: TimeOfDay = (quarter) => {
      const before = known.get(quarter)
      if (before !== undefined) return before
      const at = (quarter + 0.5) * QUARTER_MS
      const local = at + calendar.offset(at)
      const made = { quarter: Math.floor(local / QUARTER_MS) % 96, weekday: calendar.weekday(at) }
      // Every business asks for the same few quarters.
      if (known.size > KEPT_TIMES) known.clear()
      known.set(quarter, made)
      return made
    }
    const { zones, edges } = network
    this.business = new BusinessQuarters(zones.count, timeOfDay)
    this.contrast = new ZoneContrast(homes, this.business, timeOfDay)
    this.#volume = new Float64Array(zones.count)
    network.document.pipes.forEach((pipe, i) => {
      const zone = edges.zone[i] as number
      const volume = (Math.PI / 4) * pipe.diameter_m ** 2 * pipe.length_m
      if (zone >= 0) this.#volume[zone] = (this.#volume[zone] as number) + volume
    })
    this.#inlets = [...new Set(zones.inlets.flat().map(({ edge }) => inflow.rtuOf(edge)))].filter((rtu) => rtu >= 0)
    this.#beside = zones.inlets.map((own, zone) =>
      zones.inlets.flatMap((others, other) =>
        other !== zone && others.some(({ edge }) => own.some((inlet) => inlet.edge === edge)) ? [other] : [],
      ),
    )
    this.#reported = new Float64Array(network.rtus.count)
  }

  /**
   * A flow has been reported.
   * @returns Unix ms of the end of the newest quarter that became complete by it; NaN when none did
   */
  take(rtu: number, at: number, newest: number): number {
    this.#reported[rtu] = Math.max(this.#reported[rtu] as number, at)
    if (Number.isNaN(this.#next)) this.#next = Math.ceil(at / QUARTER_MS)
    let done = Number.NaN
    for (;;) {
      const end = (this.#next + 1) * QUARTER_MS
      if (newest < end) return done
      const complete = this.#inlets.every((inlet) => (this.#reported[inlet] as number) >= end)
      if (!complete && newest < end + LATE_MS) return done
      this.#compare(this.#next)
      this.#next += 1
      done = end
    }
  }

  /** What the flows say of a leak in a zone; nothing before its habits are known. */
  evidence(zone: number): readonly FlowEvidence[] {
    return this.contrast
      .evidence(zone)
      .map(({ begin, share, pull, weight }) => ({ begin: Math.floor(begin / HOUR), share: share / 4, pull, weight }))
  }

  /**
   * Whether a meter between two zones that reads wrong explains a zone's surplus better than a leak does: then what one zone has
   * too much, the other lacks.
   * @param begin Unix hours. @param flow m³/s of the supposed leak, with its standard deviation
   */
  isMeterDoubtful(zone: number, begin: number, flow: number, sigma: number): boolean {
    return (this.#beside[zone] ?? []).some((other) => {
      const near = this.contrast
        .evidence(other)
        .reduce<{ off: number; pull: number; weight: number } | undefined>((best, e) => {
          const off = Math.abs(e.begin - begin * HOUR)
          return best === undefined || off < best.off ? { off, pull: e.pull, weight: e.weight } : best
        }, undefined)
      if (near === undefined || !(near.weight > 0)) return false
      const seen = near.pull / near.weight
      const variance = 1 / near.weight
      const lacking = variance + sigma * sigma
      const log = 0.5 * ((seen * seen) / variance - (seen + flow) ** 2 / lacking) + 0.5 * Math.log(variance / lacking)
      return log > DOUBT
    })
  }

  #compare(quarter: number): void {
    const from = quarter * SLOTS
    const zones = this.#network.zones.count
    const all = Array.from({ length: zones }, (_, zone) => zone)
    const pressure = all.map((zone) => this.#inflow.pressure(zone, from, from + SLOTS))
    // What a zone's pipes take up is no use of anybody.
    const stored = all.map((zone) => {
      const change = (pressure[zone] as number) - (this.#pressure[zone] ?? Number.NaN)
      return Number.isNaN(change) ? 0 : ((this.#volume[zone] as number) * STORED_PER_PA * change * 1000) / QUARTER_MS
    })
    this.#pressure = pressure
    this.contrast.take(quarter, {
      inflow: Float64Array.from(all, (zone) => this.#inflow.mean(zone, from, from + SLOTS) - (stored[zone] as number)),
      through: Float64Array.from(all, (zone) => this.#inflow.through(zone, from, from + SLOTS)),
    })
  }
}
