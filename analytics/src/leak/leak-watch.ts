import { CityCalendar, METER_CLASSES, type Network, REFERENCE_PRESSURE_PA, referenceDensity } from '@gastwin/twin'
import type { TelemetryPlace } from '../telemetry/find-asset.ts'
import type { TelemetryQuantity } from '../telemetry/telemetry.ts'
import type { LeakIncident } from './leak-incident.ts'
import { type LeakPlaces, leakPlaces } from './leak-places.ts'
import { LeakScreen } from './leak-screen.ts'
import { LEAK_DEFAULTS, type LeakSettings } from './leak-settings.ts'
import { learnFriction, type RtuMeans } from './learn-friction.ts'
import { MeteredUse } from './metered-use.ts'
import { type Innovation, PatternFilter } from './pattern-filter.ts'
import { meanPicture, type PatternInput, PatternModel, type Picture } from './pattern-model.ts'
import { leakAllowance } from './pattern-trace.ts'
import { FLOW, PRESSURE, SLOT_MS, SLOTS_PER_HOUR, SlotBook, TEMPERATURE } from './slot-book.ts'
import { BLOCK_H, type TraceSource, ZoneLeak } from './zone-leak.ts'

const HOUR = 3_600_000
/** Metered business is waited for that long. */
const LONGEST_WAIT_H = 4
/** Hours whose pictures are averaged before anything is learned from them. */
const SNAPSHOT_H = 6
const KEPT_PICTURES_H = 24 * 6
const RECALIBRATE_H = 24 * 7
/** Mean squared normalised error of a block from which its cause is asked for, and squares that a valve must explain. */
const SUSPICIOUS = 1.6
const VALVE_GAIN = 15
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
  #screen: LeakScreen
  readonly #snapshots: { readonly hour: number; readonly filter: PatternFilter }[] = []
  readonly #pictures = new Map<number, Picture>()
  readonly #inputs = new Map<number, { readonly at: number; readonly input: PatternInput; readonly byRtu: RtuMeans }>()
  /** Hours in which something else than a leak moved the pressures. */
  readonly #disturbed = new Set<number>()
  #calibratedAt = Number.NaN
  #newest = Number.NEGATIVE_INFINITY
  #nextHour = Number.NaN
  #firstHour = Number.NaN
  readonly #inflation: number
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
    this.#screen = new LeakScreen(network, leakPlaces(network, Number.POSITIVE_INFINITY))
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
    if (at > this.#newest) {
      if (at - this.#newest >= SLOT_MS / 2) this.#lookAtSlot(this.#newest, true)
      this.#advance(at)
    }
    if (quantity === 'pressure_pa') this.#book.take(rtu, PRESSURE, at, value)
    else if (quantity === 'standard_flow_m3_s') this.#book.take(rtu, FLOW, at, value)
    else if (quantity === 'mass_flow_kg_s') this.#book.take(rtu, FLOW, at, value / this.#density)
    else if (quantity === 'temperature_k') this.#book.take(rtu, TEMPERATURE, at, value)
    this.#lookAtSlot(at, false)
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

  /** Adds what metered business takes in an hour: kg/s by node, m³/s by zone. */
  #addMetered(hour: number, byNode: Float64Array, byZone: Float64Array): void {
    const { meters } = this.network
    for (const meter of this.#business) {
      const use = this.#metered.useOf(meter, hour) / 3600
      const node = meters.node[meter] as number
      byNode[node] = (byNode[node] as number) + use * this.#density
      const zone = meters.zone[meter] as number
      if (zone >= 0) byZone[zone] = (byZone[zone] as number) + use
    }
  }

  #hour(hour: number): void {
    const from = hour * SLOTS_PER_HOUR
    const to = from + SLOTS_PER_HOUR
    const metered = new Float64Array(this.network.nodes.count)
    const meteredZone = new Float64Array(this.network.zones.count)
    this.#addMetered(hour, metered, meteredZone)
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
      this.#inputs.set(hour, { at, input, byRtu: this.#means(from, to) })
      this.#inputs.delete(hour - KEPT_PICTURES_H)
      this.#picture(hour)
      this.#pictures.delete(hour - KEPT_PICTURES_H)
    }
    this.#calibrate(hour)
    if (hour % BLOCK_H === BLOCK_H - 1) this.#learn(hour - BLOCK_H + 1)
    const source: TraceSource = {
      places: this.#places,
      placesOf: (zone) => this.#screen.placesOf(zone),
      screen: this.#screen.traces,
      before: (begin) => this.#snapshotBefore(begin),
      picture: (begin, end, zone, flow) => this.#meanPicture(begin, end, zone, flow),
      compare: (filter, picture, largest) => this.#compare(filter, picture, largest),
    }
    for (const zone of this.#zones) zone.judge(hour, this.#newest, known, source)
  }

  #picture(hour: number): void {
    const known = this.#inputs.get(hour)
    const picture = known === undefined || this.#disturbed.has(hour) ? undefined : this.#model.picture(known.input)
    if (picture === undefined) this.#pictures.delete(hour)
    else this.#pictures.set(hour, picture)
  }

  #means(from: number, to: number): RtuMeans {
    const { count } = this.network.rtus
    const of = (channel: number) => (_: number, rtu: number) => this.#book.mean(rtu, channel, from, to).mean
    return {
      pressure: new Float64Array(count).map(of(PRESSURE)),
      massFlow: new Float64Array(count).map(of(FLOW)).map((flow) => flow * this.#density),
    }
  }

  /** Learns the pipes' friction once some quiet days are known, and again as weeks pass; what was learned before is learned anew. */
  #calibrate(hour: number): void {
    const { calibrateAfterH } = this.#settings
    if (!(calibrateAfterH < Number.POSITIVE_INFINITY) || this.#zones.some((zone) => zone.open)) return
    const due = Number.isNaN(this.#calibratedAt)
      ? this.#firstHour + calibrateAfterH
      : this.#calibratedAt + RECALIBRATE_H
    if (hour < due) return
    this.#calibratedAt = hour
    const quiet = [...this.#inputs].filter(([h]) => !this.#disturbed.has(h)).map(([, known]) => known)
    const learned = learnFriction(this.network, quiet, (input) => this.#model.homesSigma(input.homes))
    if (learned === undefined) return
    this.#model.calibrate(learned.resistance, learned.sigma)
    this.#filter = new PatternFilter(this.#model.priorSigma)
    this.#screen = new LeakScreen(this.network, this.#screen.places)
    this.#snapshots.length = 0
    const hours = [...this.#inputs.keys()]
    for (const h of hours) this.#picture(h)
    const first = hours[0] ?? hour
    for (let h = first - (first % BLOCK_H); h + BLOCK_H <= hour + 1; h += BLOCK_H) this.#learn(h)
  }

  /** Learns from the hours of a block. */
  #learn(begin: number): void {
    const picture = this.#meanPicture(begin, begin + BLOCK_H)
    if (picture === undefined) return
    if (begin % SNAPSHOT_H === 0) {
      this.#snapshots.push({ hour: begin, filter: this.#filter.copy() })
      if (this.#snapshots.length > KEPT_SNAPSHOTS) this.#snapshots.shift()
    }
    const largest = this.#zones.reduce((most, zone) => Math.max(most, zone.largest), 0)
    const innovation = this.#compare(this.#filter, picture, largest)
    if ((innovation.misfit > SUSPICIOUS || innovation.refused.length > 1) && this.#valveMoved(begin, picture)) {
      for (let h = begin; h < begin + BLOCK_H; h++) {
        this.#disturbed.add(h)
        this.#pictures.delete(h)
      }
      return
    }
    if (this.#screen.take(begin, this.#filter.size, picture, innovation)) this.#filter.learn(innovation)
  }

  /** Whether a valve in another position than reported explains a block's pressures better than a leak does. */
  #valveMoved(begin: number, picture: Picture): boolean {
    const all = new Float64Array(picture.rows).fill(Number.POSITIVE_INFINITY)
    const { used, factor, whitened } = this.#filter.compare(picture, this.#inflation, all)
    const known = this.#inputs.get(begin + 1) ?? this.#inputs.get(begin)
    if (known === undefined) return false
    const { input } = known
    const usual = this.#model.expected(input, input.valveOpen)
    if (usual === undefined) return false
    const { first, countOf } = this.network.edges
    const m = used.length
    const squares = whitened.reduce((sum, value) => sum + value * value, 0)
    let least = squares
    const moved = input.valveOpen.slice()
    for (let valve = first.valve; valve < first.valve + countOf.valve; valve++) {
      moved[valve] = moved[valve] === 0 ? 1 : 0
      const other = this.#model.expected(input, moved)
      moved[valve] = moved[valve] === 0 ? 1 : 0
      if (other === undefined) continue
      let sum = 0
      const change = new Float64Array(m)
      for (let i = 0; i < m; i++) {
        const r = used[i] as number
        let value = (other[r] as number) - (usual[r] as number)
        for (let j = 0; j < i; j++) value -= (factor[i * m + j] as number) * (change[j] as number)
        value /= factor[i * m + i] as number
        change[i] = value
        sum += ((whitened[i] as number) - value) ** 2
      }
      least = Math.min(least, sum)
    }
    return squares - least > VALVE_GAIN && least < 0.5 * squares
  }

  #compare(filter: PatternFilter, picture: Picture, largest: number): Innovation {
    for (let h = 0; h < picture.hours; h++) this.#wander(filter)
    return filter.compare(picture, this.#inflation, leakAllowance(picture, largest))
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

  /** Mean picture of the hours begin ≤ hour < end that are known; with the effects of a leak of some kg/s in a zone. */
  #meanPicture(begin: number, end: number, zone = -1, flow = 0): Picture | undefined {
    const found: Picture[] = []
    for (let hour = begin; hour < end; hour++) {
      const picture = this.#pictures.get(hour)
      const input = this.#inputs.get(hour)?.input
      if (picture === undefined || input === undefined) continue
      found.push(flow > 0 ? this.#model.secant(picture, input, zone, flow) : picture)
    }
    return meanPicture(found)
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

  /** A rupture is looked for as soon as a slot's flows have arrived. */
  #lookAtSlot(at: number, ended: boolean): void {
    if (Number.isNaN(this.#nextHour)) return
    const slot = Math.floor(at / SLOT_MS)
    if (slot * SLOT_MS + SLOT_MS <= this.#newest) return
    this.#zones.forEach((zone, z) => {
      // Placed as soon as all inlets have reported, and again when the slot's pressures are complete.
      if (zone.brokenIn(slot) && (ended || !zone.placed)) this.#placeRupture(zone, z, slot)
      if (!zone.rupture.waits(slot)) return
      const flows = this.#flowJump(z, slot)
      if (flows === undefined || (flows.missing > 0 && !ended)) return
      const fall = this.#pressureFall(z, slot)
      if (fall === undefined) return
      const jump = zone.rupture.take(slot, flows.before + flows.jump, flows.before, fall, flows.missing > 0)
      if (jump === undefined || zone.confirmed) return
      zone.break(at, jump)
      this.#placeRupture(zone, z, slot)
    })
  }

  /** Change of a zone's inflow against the slots before, by the inlets that reported; undefined when none did. */
  #flowJump(
    zone: number,
    slot: number,
  ): { readonly before: number; readonly jump: number; readonly missing: number } | undefined {
    let before = 0
    let jump = 0
    let missing = 0
    const inlets = this.network.zones.inlets[zone] ?? []
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

  /** Fall of a zone's pressures against the slots before, Pa; undefined while fewer than half of them have arrived. */
  #pressureFall(zone: number, slot: number): number | undefined {
    let sum = 0
    let count = 0
    let all = 0
    this.#model.pressureNodes.forEach((node, r) => {
      if (this.network.nodes.zone[node] !== zone) return
      all += 1
      const rtu = this.#model.rtus[r] as number
      const change =
        this.#book.mean(rtu, PRESSURE, slot - 3, slot).mean - this.#book.mean(rtu, PRESSURE, slot, slot + 1).mean
      if (Number.isNaN(change)) return
      sum += change
      count += 1
    })
    if (count * 2 < all) return undefined
    return count === 0 ? 0 : sum / count
  }

  /** Places a rupture by the slot in which it began. */
  #placeRupture(zone: ZoneLeak, z: number, slot: number): void {
    const metered = new Float64Array(this.network.nodes.count)
    const meteredZone = new Float64Array(this.network.zones.count)
    const hour = this.#nextHour
    this.#addMetered(hour, metered, meteredZone)
    const uses = this.#zones.map((_, i) => this.#inflow(i, slot, slot + 1) - (meteredZone[i] as number))
    const input = this.#input(slot, slot + 1, metered, uses)
    const picture = input === undefined ? undefined : this.#model.picture(input)
    if (input === undefined || picture === undefined) return
    zone.placeBreak(
      this.#places,
      this.#filter,
      (flow) => this.#model.secant(picture, input, z, flow),
      (filter, p, largest) => this.#compare(filter, p, largest),
    )
  }
}

/** Registers without corrector count at about 2.3 kPa(g) and 285 K. */
const STANDARD_OF_WORKING = ((REFERENCE_PRESSURE_PA + 1600) / REFERENCE_PRESSURE_PA) * (293.15 / 285)
