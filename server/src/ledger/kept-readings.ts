import type { TamperEvent, TelemetrySeries } from '@gastwin/analytics'
import {
  CityCalendar,
  METER_CLASSES,
  METER_KINDS,
  members,
  type Network,
  type Report,
  readingTime,
  reportTimes,
  scheduleMinutes,
} from '@gastwin/twin'
import { HourlyMeans } from './hourly-means.ts'
import { NearestReadings } from './nearest-readings.ts'
import { TamperBook } from './tamper-book.ts'

/** Days that are kept: the longest month, and the month before it up to its middle. */
export const KEPT_DAYS = 62
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** A reading so far ahead of our clock is no reading of today. */
const AHEAD_MS = 10 * 60_000
/** Businesses that are read at least so often are kept by the hour, minutes. */
const OFTEN_MIN = 120

const GAS = METER_KINDS.indexOf('gas')
const RESIDENTIAL = METER_CLASSES.indexOf('residential')
const NO_ROWS = new Int32Array(0)

/** The readings a ledger needs, from reports in any order: one a day and home, one an hour and business, hours of instruments. */
export class KeptReadings {
  readonly #network: Network
  readonly #onReading: (meter: number, at: number, value: number) => void
  readonly #homes: NearestReadings
  readonly #businesses: NearestReadings
  readonly #instants: NearestReadings
  readonly #flows: HourlyMeans
  readonly #tamper = new TamperBook(KEPT_DAYS * DAY_MS)
  /** Row among the businesses by meter, −1 for others. */
  readonly #businessOf: Int32Array
  readonly #flowOf = new Map<number, number>()
  readonly #rtuOf = new Map<number, number>()
  readonly #heard: Uint8Array
  #meters = 0
  #homesHeard = 0
  #first = Number.POSITIVE_INFINITY

  /** @param onReading told every reading of a gas meter's register as it comes: row, Unix ms, m³ */
  constructor(network: Network, onReading: (meter: number, at: number, value: number) => void = () => {}) {
    const { meters, rtus, zones } = network
    this.#network = network
    this.#onReading = onReading
    // Days are cut at midnight: what was read next to it says most.
    const midnight = -new CityCalendar(network.timeZone).offset(Date.UTC(2026, 0, 1))
    this.#homes = new NearestReadings(meters.count, DAY_MS, KEPT_DAYS, midnight)
    const often = meters.words.schedule.map((word) => scheduleMinutes(word === '' ? 'daily' : word) <= OFTEN_MIN)
    this.#businessOf = new Int32Array(meters.count).fill(-1)
    this.#heard = new Uint8Array(meters.count)
    let businesses = 0
    for (let meter = 0; meter < meters.count; meter++)
      if (meters.class[meter] !== RESIDENTIAL && often[meters.schedule[meter] ?? 0] === true)
        this.#businessOf[meter] = businesses++
    this.#businesses = new NearestReadings(businesses, HOUR_MS, KEPT_DAYS * 24, 0)
    this.#instants = new NearestReadings(2 * rtus.count, HOUR_MS, KEPT_DAYS * 24, 0)
    const inlets = new Set(zones.inlets.flat().map(({ edge }) => edge))
    for (let rtu = 0; rtu < rtus.count; rtu++) {
      this.#rtuOf.set(rtus.device[rtu] ?? Number.NaN, rtu)
      if (inlets.has(rtus.edge[rtu] ?? -1)) this.#flowOf.set(rtu, this.#flowOf.size)
    }
    this.#flows = new HourlyMeans(this.#flowOf.size, KEPT_DAYS * 24)
  }

  /** Readings that are held. */
  get count(): number {
    return this.#homes.count + this.#businesses.count + this.#instants.count + this.#flows.count
  }

  /** Gas meters that were ever heard. */
  get meters(): number {
    return this.#meters
  }

  /** Unix ms of the first register that was heard; Infinity before. */
  get first(): number {
    return this.#first
  }

  /** Share of the homes heard so far that were read since a midnight, 0 … 1. @param midnight Unix ms */
  readSince(midnight: number): number {
    return this.#homesHeard === 0 ? 0 : this.#homes.readAfterMiddle(midnight) / this.#homesHeard
  }

  /** @returns Unix ms of the earliest reading that changed what is kept; Infinity when none did */
  take(report: Report, receivedAt: number): number {
    const times = reportTimes(report, receivedAt)
    const timeOf = (at: number) => readingTime(at, times, receivedAt)
    if (report.kind === 'rtu') return this.#takeRtu(report, timeOf, receivedAt)
    return report.kind === 'meter' ? this.#takeMeter(report, timeOf, receivedAt) : Number.POSITIVE_INFINITY
  }

  /** Series of the instruments and of all gas meters of some zones. @param zones rows */
  series(zones: readonly number[]): TelemetrySeries[] {
    const { meters, rtus } = this.#network
    const found: TelemetrySeries[] = []
    const add = (asset: string, quantity: TelemetrySeries['quantity'], of: Pick<TelemetrySeries, 'time' | 'value'>) => {
      if (of.time.length > 0) found.push({ asset, quantity, ...of, row: NO_ROWS })
    }
    for (let rtu = 0; rtu < rtus.count; rtu++) {
      const asset = `rtu:${rtus.ids[rtu]}`
      add(asset, 'pressure_pa', this.#instants.series(2 * rtu))
      add(asset, 'temperature_k', this.#instants.series(2 * rtu + 1))
      const flow = this.#flowOf.get(rtu)
      if (flow !== undefined) add(asset, 'standard_flow_m3_s', this.#flows.series(flow))
    }
    for (const zone of zones)
      for (const meter of members(this.#network.zones.meters, zone)) {
        if (this.#heard[meter] !== 1) continue
        const business = this.#businessOf[meter] ?? -1
        const quantity = meters.corrector[meter] === 1 ? 'standard_index_m3' : 'index_m3'
        const own = business >= 0 ? this.#businesses.series(business) : this.#homes.series(meter)
        add(`meter:${meters.idOf(meter)}`, quantity, own)
      }
    return found
  }

  /** Tamper events by meter. @param now Unix ms */
  tamper(now: number): ReadonlyMap<number, readonly TamperEvent[]> {
    return this.#tamper.events(now)
  }

  #takeRtu({ device, readings }: Report, timeOf: (at: number) => number, receivedAt: number): number {
    const rtu = this.#rtuOf.get(device)
    if (rtu === undefined) return Number.POSITIVE_INFINITY
    const flow = this.#flowOf.get(rtu)
    let earliest = Number.POSITIVE_INFINITY
    for (const { quantity, at: said, value } of readings) {
      const at = timeOf(said)
      if (at > receivedAt + AHEAD_MS) continue
      const changed =
        quantity === 'standard_flow_m3_s'
          ? flow !== undefined && this.#flows.take(flow, at, value)
          : quantity === 'pressure_pa'
            ? this.#instants.take(2 * rtu, at, value)
            : quantity === 'temperature_k' && this.#instants.take(2 * rtu + 1, at, value)
      if (changed) earliest = Math.min(earliest, at)
    }
    return earliest
  }

  #takeMeter(report: Report, timeOf: (at: number) => number, receivedAt: number): number {
    const { meters } = this.#network
    const meter = meters.meterOfDevice(report.device)
    if (meter < 0 || meters.kind[meter] !== GAS) return Number.POSITIVE_INFINITY
    const wanted = meters.corrector[meter] === 1 ? 'standard_index_m3' : 'index_m3'
    const business = this.#businessOf[meter] ?? -1
    let earliest = Number.POSITIVE_INFINITY
    let index = Number.NaN
    for (const { quantity, at: said, value } of report.readings) {
      const at = timeOf(said)
      if (quantity !== wanted || at > receivedAt + AHEAD_MS) continue
      index = value
      this.#onReading(meter, at, value)
      const changed = business >= 0 ? this.#businesses.take(business, at, value) : this.#homes.take(meter, at, value)
      if (!changed) continue
      earliest = Math.min(earliest, at)
      this.#first = Math.min(this.#first, at)
      if (this.#heard[meter] === 0) {
        this.#meters += 1
        if (business < 0) this.#homesHeard += 1
      }
      this.#heard[meter] = 1
    }
    if (report.events.length > 0 || report.status.valve !== undefined) {
      const spoken = Number.isNaN(report.deviceTime) ? receivedAt : timeOf(report.deviceTime)
      this.#tamper.take(meter, report, spoken, index)
    }
    return earliest
  }
}
