import { CityCalendar, METER_CLASSES, type Network, REFERENCE_PRESSURE_PA, referenceDensity } from '@gastwin/twin'
import type { TelemetryPlace } from '../telemetry/find-asset.ts'
import type { TelemetryQuantity } from '../telemetry/telemetry.ts'
import { HomeShares } from './home-shares.ts'
import type { LeakIncident } from './leak-incident.ts'
import { LEAK_DEFAULTS, type LeakSettings } from './leak-settings.ts'
import type { RtuMeans } from './learn-friction.ts'
import { MeteredUse } from './metered-use.ts'
import { PatternHistory } from './pattern-history.ts'
import { patternInput } from './pattern-input.ts'
import type { PatternInput } from './pattern-model.ts'
import { QuarterWatch } from './quarter-watch.ts'
import { FLOW, PRESSURE, SLOT_MS, SLOTS_PER_HOUR, SlotBook, TEMPERATURE } from './slot-book.ts'
import { SuddenChanges } from './sudden-changes.ts'
import { BLOCK_H } from './trace-source.ts'
import { UseForecast } from './use-forecast.ts'
import { unrestOf } from './use-unrest.ts'
import { ZoneInflow } from './zone-inflow.ts'
import { ZoneLeak } from './zone-leak.ts'

const HOUR = 3_600_000
/** Metered business is waited for that long. */
const LONGEST_WAIT_H = 4
const RESIDENTIAL = METER_CLASSES.indexOf('residential')
/** A rupture is placed again when so many times the channels have spoken. */
const MORE_HEARD = 1.5
/** What was measured so long before the first word of a rupture belongs to its picture: instruments sample by the minute, ms. */
const SAME_MOMENT_MS = 45_000
/** A report before its time is still news when the radio held it back for so long. */
const LATE_ALARM_MS = 30 * 60_000
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
  readonly #forecasts: readonly ForecastGroup[]
  readonly #density: number
  readonly #valveOpen: Uint8Array
  readonly #airRtu: number
  readonly #business: number[] = []
  /** Meters that are read once a day. */
  readonly #homes: number[] = []
  readonly #shares: HomeShares
  readonly #inflow: ZoneInflow
  readonly #sudden = new SuddenChanges()
  readonly #history: PatternHistory
  readonly #quarters: QuarterWatch
  /** 1 for meters that are read once a day: their use is told apart by nothing faster than the zone's inlets. */
  readonly #slow: Uint8Array
  #newest = Number.NEGATIVE_INFINITY
  #nextHour = Number.NaN
  #firstHour = Number.NaN

  constructor(network: Network, settings: Partial<LeakSettings> = {}) {
    this.network = network
    this.#settings = { ...LEAK_DEFAULTS, ...settings }
    this.#book = new SlotBook(network.rtus.count)
    this.#calendar = new CityCalendar(network.timeZone)
    this.#density = referenceDensity(network.document.fluid)
    this.#valveOpen = network.edges.open.slice()
    this.#inflow = new ZoneInflow(network, this.#book)
    const homesAt = new Float64Array(network.nodes.count)
    const { meters } = network
    const homesIn = network.zones.ids.map(() => 0)
    const daily = meters.words.schedule.indexOf('daily')
    this.#slow = new Uint8Array(meters.count)
    for (let meter = 0; meter < meters.count; meter++) {
      const node = meters.node[meter] as number
      const zone = meters.zone[meter] as number
      if (meters.class[meter] === RESIDENTIAL || (daily >= 0 && meters.schedule[meter] === daily)) {
        this.#slow[meter] = 1
        if (zone >= 0) homesIn[zone] = (homesIn[zone] as number) + 1
        this.#homes.push(meter)
        homesAt[node] = (homesAt[node] as number) + 1
      } else this.#business.push(meter)
    }
    this.#shares = new HomeShares(network, this.#homes, homesAt)
    this.#airRtu = network.document.rtus.findLastIndex(
      ({ channels }) => channels.length === 1 && channels[0] === 'temperature',
    )
    this.#history = new PatternHistory(network, this.#settings, homesAt)
    this.#quarters = new QuarterWatch(network, this.#inflow, homesIn)
    this.#forecasts = forecastGroups(homesIn).map((zones) => ({
      zones,
      forecast: new UseForecast(
        this.#settings,
        zones.map((zone) => homesIn[zone] as number),
      ),
    }))
    this.#zones = network.zones.ids.map((_, zone) => {
      const group = this.#forecasts.find(({ zones }) => zones.includes(zone)) as ForecastGroup
      const forecast = group.forecast.zone(group.zones.indexOf(zone))
      return new ZoneLeak(network, zone, this.#settings, this.#density, forecast)
    })
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
    const rtu = place.kind === 'rtu' ? place.index : place.kind === 'edge' ? this.#inflow.rtuOf(place.index) : -1
    if (rtu < 0) return
    if (at > this.#newest) {
      if (at - this.#newest >= SLOT_MS / 2) this.#lookAtSlot(this.#newest, true)
      this.#advance(at)
    }
    if (quantity === 'pressure_pa') this.#sample(rtu, PRESSURE, at, value)
    else if (quantity === 'standard_flow_m3_s') this.#sample(rtu, FLOW, at, value)
    else if (quantity === 'mass_flow_kg_s') this.#sample(rtu, FLOW, at, value / this.#density)
    else if (quantity === 'temperature_k') this.#book.take(rtu, TEMPERATURE, at, value)
    this.#lookAtSlot(at, false)
    if (quantity === 'standard_flow_m3_s' || quantity === 'mass_flow_kg_s') this.#lookAtQuarter(rtu, at)
  }

  /**
   * A person has closed what is open in a zone; nothing happens where nothing is open.
   * @param zone   its id
   * @param at     Unix ms
   * @param stays  the flow was explained otherwise, or not found: it is taken for usual; a leak that was repaired is not
   * @param kind   of what was closed, where a zone may have a rupture beside a leak
   */
  close(zone: string, at: number, stays: boolean, kind?: LeakIncident['kind']): void {
    const z = this.network.zones.numberOf.get(zone)
    const settled = z === undefined ? undefined : this.#zones[z]?.close(at, stays, kind)
    if (z === undefined || settled === undefined) return
    this.#quarters.contrast.discount(z, settled.begin, stays ? Number.POSITIVE_INFINITY : at, settled.flow)
  }

  /** Works on everything that has arrived, as if time went on: at the end of an archive. */
  finish(): void {
    this.#work(this.#newest)
  }

  #register(at: number, meter: number, quantity: TelemetryQuantity, value: number): void {
    if (quantity !== 'index_m3' && quantity !== 'standard_index_m3') return
    const { meters } = this.network
    const zone = meters.zone[meter] as number
    if (this.#slow[meter] === 1) {
      this.#zones[zone]?.gap.takeRegister(meter, at, value)
      return
    }
    const factor = quantity === 'standard_index_m3' ? 1 : STANDARD_OF_WORKING
    this.#metered.take(meter, at, value, factor)
    this.#quarters.business.take(meter, zone, at, value, factor)
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
    this.#learnJumps(from, to)
    const metered = new Float64Array(this.network.nodes.count)
    const meteredZone = new Float64Array(this.network.zones.count)
    this.#addMetered(hour, metered, meteredZone)
    const air = this.#airRtu < 0 ? Number.NaN : this.#book.mean(this.#airRtu, TEMPERATURE, from, to).mean
    const at = (hour + 0.5) * HOUR
    const hourOfDay = this.#calendar.hourOfDay(at)
    const rest = this.#calendar.weekday(at) % 6 === 0
    const uses = this.#zones.map((_, z) => this.#inflow.mean(z, from, to) - (meteredZone[z] as number))
    const byHomes = uses.map((use, z) => use - (this.#zones[z]?.standing ?? 0))
    for (const { zones, forecast } of this.#forecasts)
      forecast.take(
        hour,
        { hourOfDay, rest },
        zones.map((zone) => byHomes[zone] as number),
        air,
        zones.map((zone) => this.#inflow.through(zone, from, to)),
      )
    for (const [z, zone] of this.#zones.entries()) zone.takeHour(hour, byHomes[z] as number)
    const rateOf = (meter: number): number =>
      this.#zones[this.network.meters.zone[meter] as number]?.gap.rateOf(meter) ?? Number.NaN
    if (this.#shares.update(hour, rateOf))
      this.#quarters.contrast.setUnrest(unrestOf(this.network, this.#homes, rateOf))
    const input = this.#settings.followsPressures ? this.#input(from, to, metered, uses) : undefined
    const known = hour - this.#firstHour
    const history = this.#history
    if (input !== undefined && known >= SHARES_AFTER_H) history.takeHour(hour, at, input, this.#means(from, to))
    const isOpen = this.#zones.some((zone) => zone.open)
    history.calibrate(hour, this.#firstHour, isOpen)
    const largest = this.#zones.reduce((most, zone) => Math.max(most, zone.largest), 0)
    if (hour % BLOCK_H === BLOCK_H - 1) history.learn(hour - BLOCK_H + 1, largest, !this.#quarters.contrast.isPossible)
    for (const [z, zone] of this.#zones.entries())
      zone.judge(hour, this.#newest, known, history, this.#quarters.evidence(z))
  }

  #input(
    from: number,
    to: number,
    metered: Float64Array,
    homes: readonly number[],
    book: Pick<SlotBook, 'mean'> = this.#book,
  ): PatternInput | undefined {
    return patternInput(this.#history.model, book, from, to, {
      metered,
      homes,
      weights: this.#shares.weights,
      density: this.#density,
      valveOpen: this.#valveOpen,
    })
  }

  #means(from: number, to: number): RtuMeans {
    const { count } = this.network.rtus
    const of = (channel: number) => (_: number, rtu: number) => this.#book.mean(rtu, channel, from, to).mean
    return {
      pressure: new Float64Array(count).map(of(PRESSURE)),
      massFlow: new Float64Array(count).map(of(FLOW)).map((flow) => flow * this.#density),
    }
  }

  #lookAtQuarter(rtu: number, at: number): void {
    const end = this.#quarters.take(rtu, at, this.#newest)
    if (Number.isNaN(end)) return
    for (const [z, zone] of this.#zones.entries()) {
      zone.judgeQuarter(this.#newest, this.#quarters, z)
      if (zone.confirmed) this.#quarters.contrast.exclude(z, zone.begin)
      else this.#quarters.contrast.include(z)
      this.#quarters.contrast.pin(z, zone.open ? zone.begin : Number.NaN)
    }
  }

  /** A rupture is looked for as soon as a slot's flows have arrived. */
  #lookAtSlot(at: number, ended: boolean): void {
    if (Number.isNaN(this.#nextHour)) return
    const slot = Math.floor(at / SLOT_MS)
    if (slot * SLOT_MS + SLOT_MS <= this.#newest) return
    const { model } = this.#history
    this.#zones.forEach((zone, z) => {
      // Placed as soon as all inlets have reported, and again when the slot's pressures are complete.
      if (zone.brokenIn(slot) && ((ended && !zone.early) || !zone.placed)) this.#placeRupture(zone, z, slot)
      if (!zone.rupture.waits(slot)) return
      const flows = this.#inflow.jump(z, slot)
      if (flows === undefined || (flows.missing > 0 && !ended)) return
      const fall = this.#inflow.pressureFall(z, slot, model.pressureNodes, model.rtus)
      if (fall === undefined) return
      const jump = zone.rupture.take(slot, flows.before + flows.jump, flows.before, fall, flows.missing > 0)
      if (jump === undefined || zone.broken) return
      zone.break(at, jump)
      this.#placeRupture(zone, z, slot)
    })
  }

  #sample(rtu: number, channel: number, at: number, value: number): void {
    const before = this.#book.take(rtu, channel, at, value)
    if (Number.isNaN(before) || at < this.#newest - LATE_ALARM_MS) return
    this.#sudden.take(rtu * 2 + channel, at, before, value)
    const slot = Math.floor(at / SLOT_MS)
    this.#zones.forEach((zone, z) => {
      if (zone.broken && !zone.brokenIn(slot)) return
      const { jump, fall, reach } = this.#inflow.sudden(z, at, this.#sudden)
      if (!zone.rupture.isSudden(jump, fall)) return
      // One gate reports before the other: the size is told anew until all have.
      const heard = this.#sudden.heard(at)
      if (zone.broken && !zone.grow(jump, reach) && heard < MORE_HEARD * zone.placedBy) return
      if (!zone.broken) {
        zone.break(at, jump, true)
        zone.grow(jump, reach)
      }
      zone.placedBy = heard
      this.#placeRupture(zone, z, slot)
    })
  }

  /** What came too late to be judged still tells how large usual jumps are. */
  #learnJumps(from: number, to: number): void {
    const { model } = this.#history
    this.#zones.forEach((zone, z) => {
      if (zone.broken) return
      for (let slot = from; slot < to; slot++) {
        const before = this.#inflow.mean(z, slot - 3, slot)
        const fall = this.#inflow.pressureFall(z, slot, model.pressureNodes, model.rtus)
        zone.rupture.learn(slot, this.#inflow.within(z, slot), before, fall ?? Number.NaN)
      }
    })
  }

  /** Places a rupture by the slot in which it began. */
  #placeRupture(zone: ZoneLeak, z: number, slot: number): void {
    const metered = new Float64Array(this.network.nodes.count)
    const meteredZone = new Float64Array(this.network.zones.count)
    const hour = this.#nextHour
    this.#addMetered(hour, metered, meteredZone)
    // What some say of the break and others of the time before it is no picture of anything.
    const book = zone.early ? this.#book.newestSince(zone.begin - SAME_MOMENT_MS) : this.#book
    // Where an inlet has long been silent its zone is taken to use what it usually does: elsewhere places are known no less.
    const uses = this.#zones.map((one, i) => {
      const use = this.#inflow.soFar(i, slot, book) - (meteredZone[i] as number)
      return Number.isNaN(use) ? one.usual : use
    })
    const input = this.#input(slot, slot + 1, metered, uses, book)
    const { model, places, filter } = this.#history
    const picture = input === undefined ? undefined : model.picture(input)
    if (input === undefined || picture === undefined) return
    zone.placeBreak(
      places,
      filter,
      (flow) => model.secant(picture, input, z, flow),
      (own, shown, largest) => this.#history.compare(own, shown, largest),
    )
  }
}

interface ForecastGroup {
  readonly zones: readonly number[]
  readonly forecast: UseForecast
}

/** Zones with homes share weather and feasts, up to so many in one filter; others have nothing in common. */
const MOST_TOGETHER = 8

function forecastGroups(homes: readonly number[]): readonly (readonly number[])[] {
  const all = homes.map((_, zone) => zone)
  const alike = homes.some((count) => count > 0) ? all.filter((zone) => (homes[zone] as number) > 0) : all
  const groups: number[][] = []
  for (let i = 0; i < alike.length; i += MOST_TOGETHER) groups.push(alike.slice(i, i + MOST_TOGETHER))
  return [...groups, ...all.filter((zone) => !alike.includes(zone)).map((zone) => [zone])]
}

/** Registers without corrector count at about 2.3 kPa(g) and 285 K. */
const STANDARD_OF_WORKING = ((REFERENCE_PRESSURE_PA + 1600) / REFERENCE_PRESSURE_PA) * (293.15 / 285)
