import { CityCalendar, METER_CLASSES, type Network, REFERENCE_PRESSURE_PA, referenceDensity } from '@gastwin/twin'
import type { TelemetryPlace } from '../telemetry/find-asset.ts'
import type { TelemetryQuantity } from '../telemetry/telemetry.ts'
import type { LeakIncident } from './leak-incident.ts'
import { type LeakPlaces, leakPlaces } from './leak-places.ts'
import { LEAK_DEFAULTS, type LeakSettings } from './leak-settings.ts'
import { MeteredUse } from './metered-use.ts'
import { PatternFilter } from './pattern-filter.ts'
import { type PatternInput, PatternModel, type Picture } from './pattern-model.ts'
import { FLOW, PRESSURE, SLOT_MS, SLOTS_PER_HOUR, SlotBook, TEMPERATURE } from './slot-book.ts'
import { type TraceSource, ZoneLeak } from './zone-leak.ts'

const HOUR = 3_600_000
/** Metered business is waited for that long. */
const LONGEST_WAIT_H = 4
const SNAPSHOT_H = 6
const KEPT_SNAPSHOTS = 28
const RESIDENTIAL = METER_CLASSES.indexOf('residential')
/** Registers of homes must have told their shares before pressures can be compared with anything. */
const SHARES_AFTER_H = 30

/**
 * Finds leaks from rows of telemetry in their order of arrival: the same class replays archives and watches live. Nothing that
 * has not arrived is used.
 */
export class LeakWatch {
  readonly network: Network
  readonly #settings: LeakSettings
  readonly #book: SlotBook
  readonly #metered = new MeteredUse()
  readonly #calendar: CityCalendar
  readonly #zones: ZoneLeak[]
  readonly #density: number
  readonly #valveOpen: Uint8Array
  readonly #flowRtu = new Map<number, number>()
  readonly #airRtu: number
  readonly #places: LeakPlaces
  readonly #homesAt: Float64Array
  readonly #business: number[] = []
  readonly #homes: number[] = []
  readonly #rates: Float64Array
  readonly #model: PatternModel
  #filter: PatternFilter
  readonly #snapshots: { readonly hour: number; readonly filter: PatternFilter }[] = []
  readonly #inputs = new Map<number, PatternInput>()
  #newest = Number.NEGATIVE_INFINITY
  #nextHour = Number.NaN
  #firstHour = Number.NaN
  #inflation: number
  #weights: Float64Array
  #weightsHour = Number.NEGATIVE_INFINITY

  constructor(network: Network, settings: Partial<LeakSettings> = {}) {
    this.network = network
    this.#settings = { ...LEAK_DEFAULTS, ...settings }
    this.#book = new SlotBook(network.rtus.count)
    this.#calendar = new CityCalendar(network.timeZone)
    this.#density = referenceDensity(network.document.fluid)
    this.#valveOpen = network.edges.open.slice()
    this.#places = leakPlaces(network)
    this.#homesAt = new Float64Array(network.nodes.count)
    const { meters, rtus } = network
    for (let meter = 0; meter < meters.count; meter++) {
      const node = meters.node[meter] as number
      if (meters.class[meter] === RESIDENTIAL) {
        this.#homes.push(meter)
        this.#homesAt[node] = (this.#homesAt[node] as number) + 1
      } else this.#business.push(meter)
    }
    this.#rates = new Float64Array(meters.count).fill(Number.NaN)
    this.#weights = this.#homesAt.slice()
    let air = -1
    network.document.rtus.forEach((rtu, i) => {
      if (rtu.channels.includes('flow') && (rtus.edge[i] as number) >= 0) this.#flowRtu.set(rtus.edge[i] as number, i)
      if (rtu.channels.length === 1 && rtu.channels[0] === 'temperature') air = i
    })
    this.#airRtu = air
    this.#model = new PatternModel(network, this.#settings, this.#homesAt)
    this.#filter = new PatternFilter(this.#model.priorSigma)
    this.#inflation = this.#settings.correlatedHours
    this.#zones = network.zones.ids.map((_, zone) => new ZoneLeak(network, zone, this.#settings, this.#density))
  }

  /** Newest time of any RTU's row so far, Unix ms: what is known is known as of then. */
  get newest(): number {
    return this.#newest
  }

  /** All incidents so far, in order of suspicion; also those that were dismissed. */
  incidents(): readonly LeakIncident[] {
    return this.#zones.flatMap((zone) => zone.incidents()).sort((a, b) => a.suspectedAt - b.suspectedAt)
  }

  /**
   * Takes one row.
   * @param at     Unix ms at which the device measured
   * @param value  in the unit of its quantity
   */
  observe(at: number, place: TelemetryPlace, quantity: TelemetryQuantity, value: number): void {
    if (place.kind === 'meter') {
      this.#register(at, place.index, quantity, value)
      return
    }
    if (quantity === 'valve_open') {
      const edge = place.kind === 'edge' ? place.index : -1
      if (edge >= 0) this.#valveOpen[edge] = value > 0 ? 1 : 0
      return
    }
    const rtu = place.kind === 'rtu' ? place.index : place.kind === 'edge' ? (this.#flowRtu.get(place.index) ?? -1) : -1
    if (rtu < 0) return
    if (at > this.#newest) this.#advance(at)
    if (quantity === 'pressure_pa') this.#book.take(rtu, PRESSURE, at, value)
    else if (quantity === 'standard_flow_m3_s') this.#book.take(rtu, FLOW, at, value)
    else if (quantity === 'mass_flow_kg_s') this.#book.take(rtu, FLOW, at, value / this.#density)
    else if (quantity === 'temperature_k') this.#book.take(rtu, TEMPERATURE, at, value)
    this.#lookAtSlot(at)
  }

  /** Works on everything that has arrived, as if time went on: at the end of an archive. */
  finish(): void {
    this.#work(this.#newest)
  }

  #register(at: number, meter: number, quantity: TelemetryQuantity, value: number): void {
    if (quantity !== 'index_m3' && quantity !== 'standard_index_m3') return
    const { meters } = this.network
    if (meters.class[meter] === RESIDENTIAL) {
      const zone = this.#zones[meters.zone[meter] as number]
      zone?.gap.takeRegister(meter, at, value)
    } else this.#metered.take(meter, at, value, quantity === 'standard_index_m3' ? 1 : STANDARD_OF_WORKING)
  }

  #advance(at: number): void {
    this.#newest = at
    if (Number.isNaN(this.#nextHour)) {
      this.#nextHour = Math.ceil(at / HOUR)
      this.#firstHour = this.#nextHour
    }
    this.#work(at)
  }

  #work(at: number): void {
    while ((this.#nextHour + 1) * HOUR <= at) {
      const waited = at - (this.#nextHour + 1) * HOUR
      if (!this.#metered.covers(this.#nextHour) && waited < LONGEST_WAIT_H * HOUR) return
      this.#hour(this.#nextHour)
      this.#nextHour += 1
    }
  }

  /** Each zone's inflow over slots, m³/s; NaN where an inlet is not known. */
  #inflow(zone: number, from: number, to: number): number {
    let sum = 0
    for (const { edge, sign } of this.network.zones.inlets[zone] ?? []) {
      const rtu = this.#flowRtu.get(edge)
      if (rtu === undefined) return Number.NaN
      sum += sign * this.#book.mean(rtu, FLOW, from, to).mean
    }
    return sum
  }

  #hour(hour: number): void {
    const from = hour * SLOTS_PER_HOUR
    const to = from + SLOTS_PER_HOUR
    const { zones, meters } = this.network
    const metered = new Float64Array(this.network.nodes.count)
    const meteredZone = new Float64Array(zones.count)
    for (const meter of this.#business) {
      const use = this.#metered.useOf(meter, hour) / 3600
      const node = meters.node[meter] as number
      metered[node] = (metered[node] as number) + use * this.#density
      const zone = meters.zone[meter] as number
      if (zone >= 0) meteredZone[zone] = (meteredZone[zone] as number) + use
    }
    const air = this.#airRtu < 0 ? Number.NaN : this.#book.mean(this.#airRtu, TEMPERATURE, from, to).mean
    const at = (hour + 0.5) * HOUR
    const hourOfDay = this.#calendar.hourOfDay(at)
    const rest = this.#calendar.weekday(at) % 6 === 0
    const uses = this.#zones.map((zone, z) => {
      const use = this.#inflow(z, from, to) - (meteredZone[z] as number)
      zone.takeHour(hour, hourOfDay, rest, use, air)
      return use
    })
    this.#updateWeights(hour)
    const input = this.#input(from, to, metered, uses)
    const known = hour - this.#firstHour
    if (input !== undefined && known >= SHARES_AFTER_H) {
      this.#inputs.set(hour, input)
      this.#inputs.delete(hour - 24 * 7)
      if (!this.#zones.some((zone) => zone.open)) {
        const picture = this.#model.picture(input)
        if (picture !== undefined) this.#takeQuietly(hour, picture)
      }
    }
    const source: TraceSource = {
      places: this.#places,
      inflation: this.#inflation,
      before: (begin) => this.#snapshotBefore(begin),
      picture: (h) => this.#pictureOf(h),
      wander: (filter) => this.#wander(filter),
    }
    const wasOpen = this.#zones.some((zone) => zone.open)
    for (const zone of this.#zones) zone.judge(hour, this.#newest, known, source)
    const isOpen = this.#zones.some((zone) => zone.open)
    if (wasOpen && !isOpen) {
      // What was held back while a leak was suspected is learned now.
      const last = this.#snapshots[this.#snapshots.length - 1]?.hour ?? hour
      for (let h = last; h <= hour; h++) {
        const picture = this.#pictureOf(h)
        if (picture !== undefined) this.#takeQuietly(h, picture)
      }
    }
  }

  #takeQuietly(hour: number, picture: Picture): void {
    if (hour % SNAPSHOT_H === 0) {
      this.#snapshots.push({ hour, filter: this.#filter.copy() })
      if (this.#snapshots.length > KEPT_SNAPSHOTS) this.#snapshots.shift()
    }
    this.#wander(this.#filter)
    this.#filter.take(picture, this.#inflation)
  }

  #wander(filter: PatternFilter): void {
    const { shareSigma, sharesAt } = this.#model
    const perHour = (this.#settings.shareDrift / this.#settings.homeLasting) ** 2 / 24 / 10
    filter.wander(
      sharesAt,
      shareSigma.map((sigma) => sigma * sigma * perHour),
    )
  }

  #snapshotBefore(hour: number): { readonly hour: number; readonly filter: PatternFilter } | undefined {
    for (let i = this.#snapshots.length - 1; i >= 0; i--) {
      const snapshot = this.#snapshots[i]
      if (snapshot !== undefined && snapshot.hour <= hour)
        return { hour: snapshot.hour, filter: snapshot.filter.copy() }
    }
    return undefined
  }

  #pictureOf(hour: number): Picture | undefined {
    const input = this.#inputs.get(hour)
    return input === undefined ? undefined : this.#model.picture(input)
  }

  #input(from: number, to: number, metered: Float64Array, uses: readonly number[]): PatternInput | undefined {
    if (uses.some(Number.isNaN)) return undefined
    const { nodes } = this.network
    const model = this.#model
    const sums = new Float64Array(uses.length)
    for (let node = 0; node < nodes.count; node++) {
      const zone = nodes.zone[node] as number
      if (zone >= 0) sums[zone] = (sums[zone] as number) + (this.#weights[node] as number)
    }
    const homes = new Float64Array(nodes.count)
    for (let node = 0; node < nodes.count; node++) {
      const zone = nodes.zone[node] as number
      if (zone < 0 || !((sums[zone] as number) > 0)) continue
      const use = Math.max(0, uses[zone] as number) * this.#density
      homes[node] = (use * (this.#weights[node] as number)) / (sums[zone] as number)
    }
    const measured = new Float64Array(model.rows)
    const samples = new Float64Array(model.rows)
    model.rtus.forEach((rtu, r) => {
      const flow = r >= model.pressureNodes.length
      const value = this.#book.mean(rtu, flow ? FLOW : PRESSURE, from, to)
      measured[r] = flow ? value.mean * this.#density : value.mean
      samples[r] = value.samples
    })
    const sources = this.network.document.sources
    const sourcePressure = new Float64Array(sources.length)
    const sourceSigma = new Float64Array(sources.length)
    model.sourceRtus.forEach((rtu, s) => {
      const value = rtu < 0 ? undefined : this.#book.mean(rtu, PRESSURE, from, to)
      const document = sources[s]?.pressure_pa ?? REFERENCE_PRESSURE_PA
      const known = value !== undefined && value.samples > 0
      sourcePressure[s] = known ? value.mean : document
      sourceSigma[s] = known ? Math.hypot(model.sourceNoise(s, value.samples), 3) : 0.003 * document
    })
    return { metered, homes, sourcePressure, sourceSigma, measured, samples, valveOpen: this.#valveOpen.slice() }
  }

  /** Shares of homes by what their registers counted so far. */
  #updateWeights(hour: number): void {
    if (hour - this.#weightsHour < 6) return
    this.#weightsHour = hour
    const { meters } = this.network
    const weights = new Float64Array(this.network.nodes.count)
    let sum = 0
    let known = 0
    for (const meter of this.#homes) {
      const rate = this.#zones[meters.zone[meter] as number]?.gap.rateOf(meter) ?? Number.NaN
      this.#rates[meter] = rate
      if (Number.isNaN(rate)) continue
      sum += rate
      known += 1
    }
    const usual = known === 0 ? 1 : sum / known
    for (const meter of this.#homes) {
      const node = meters.node[meter] as number
      const rate = this.#rates[meter] as number
      weights[node] = (weights[node] as number) + (Number.isNaN(rate) ? usual : rate)
    }
    this.#weights = weights
  }

  #lookAtSlot(_at: number): void {
    void SLOT_MS
  }
}

/** Registers without corrector count at about 2.3 kPa(g) and 285 K. */
const STANDARD_OF_WORKING = ((REFERENCE_PRESSURE_PA + 1600) / REFERENCE_PRESSURE_PA) * (293.15 / 285)
