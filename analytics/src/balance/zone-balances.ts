import {
  CityCalendar,
  type CompressibilityLaw,
  compressibilityAt,
  compressibilityLaw,
  conversionFactor,
  type FleetState,
  type Network,
  REFERENCE_PRESSURE_PA,
  type SampleQuantity,
  type StateSink,
  UsageError,
  type ZoneInlet,
} from '@gastwin/twin'
import { BALANCE_DEFAULTS, type BalanceConfig } from './balance-config.ts'
import { type FrozenPeriod, FrozenPeriods } from './frozen-periods.ts'
import { InletFlow } from './inlet-flow.ts'
import { Memory } from './memory.ts'
import { MeterScan, type OpenIntervals } from './open-intervals.ts'
import { PASSINGS, RegisterSales } from './register-sales.ts'
import { HOUR_MS, TimeAxis } from './time-axis.ts'
import { UseEstimate } from './use-estimate.ts'
import { ZoneClimate } from './zone-climate.ts'
import type { ZonePeriod } from './zone-period.ts'

/** The whole city as a zone: all zones' meters and pipes, supplied by what crosses the city's border. */
export const CITY = 'city'
const METER = 0
const MINUTE_MS = 60_000
/** A strip's step shows its supply when so much of it was measured. */
const STRIP_COVERAGE = 0.9

export interface LiveBalance {
  /** m³/s at the reference state; null when an inlet is not heard. */
  readonly supply_m3_s: number | null
  /** ESTIMATE from registers and profiles, m³/s as registered; null while nothing is known. */
  readonly sales_estimate_m3_s: number | null
}

export interface StripStep {
  /** Begin, Unix ms. */
  readonly at: number
  readonly supply_m3: number | null
  readonly sales_estimate_m3: number | null
  /** supply − estimate − linepack change. */
  readonly gap_m3: number | null
}

/**
 * Supply, sales and what lies between them, per zone and hour, fed by the events of the fleet state. The same reports in any order
 * give the same supply, sales and linepack; what is expected of meters not yet read rests on their mean rates, which beyond the first
 * week depend a little on the order. 46 days are kept; days and months are put on record when they are over.
 */
export class ZoneBalances implements StateSink {
  readonly #network: Network
  readonly #fleet: FleetState
  readonly #config: BalanceConfig
  readonly #calendar: CityCalendar
  readonly #memory = new Memory()
  readonly #axis: TimeAxis
  readonly #inlets: InletFlow
  readonly #climate: ZoneClimate
  readonly #sales: RegisterSales
  readonly #scan: MeterScan
  readonly #use: UseEstimate
  readonly #frozen = new FrozenPeriods()
  readonly #z: CompressibilityLaw
  /** Zones whose inlet an RTU meters. */
  readonly #zonesOfRtu: readonly (readonly number[])[]
  /** Counts what came in per zone, so that a scan is not repeated for nothing. */
  readonly #changes: Float64Array
  readonly #scans = new Map<string, { readonly changes: number; readonly at: number; readonly open: OpenIntervals }>()
  #newest = 0
  #tooOld = 0

  constructor(network: Network, fleet: FleetState, config: Partial<BalanceConfig> = {}) {
    this.#network = network
    this.#fleet = fleet
    this.#config = { ...BALANCE_DEFAULTS, ...config }
    this.#calendar = new CityCalendar(network.timeZone)
    this.#axis = new TimeAxis(this.#memory, this.#calendar.offset(Date.UTC(2026, 0, 1)))
    this.#inlets = new InletFlow(this.#axis, this.#memory, network)
    this.#climate = new ZoneClimate(this.#axis, this.#memory, network, this.#config)
    this.#sales = new RegisterSales(this.#axis, this.#memory, network.zones.ids)
    this.#scan = new MeterScan(fleet, network.zones.count, this.#config)
    this.#use = new UseEstimate({
      axis: this.#axis,
      fleet,
      scan: this.#scan,
      sales: this.#sales,
      calendar: this.#calendar,
      config: this.#config,
      supplied: (zone, from, to) => this.#inlets.supply(this.#inletsOf(zone), from, to),
    })
    const { fluid } = network.document
    this.#z = compressibilityLaw(fluid.compressibility, fluid.temperature_k ?? this.#config.groundTemperature)
    this.#zonesOfRtu = network.rtus.ids.map((_, rtu) => {
      const edge = network.rtus.edge[rtu] ?? -1
      return network.zones.inlets.flatMap((inlets, zone) => (inlets.some((i) => i.edge === edge) ? [zone] : []))
    })
    this.#changes = new Float64Array(network.zones.count)
  }

  /** Events that came too late for what is kept. */
  get tooOld(): number {
    return this.#tooOld
  }
  get byteLength(): number {
    return this.#memory.byteLength
  }

  advance(slot: number, from: number, to: number, volume: number, sign: 1 | -1): void {
    const passing = this.#scan.passingOf(slot)
    if (passing === undefined) return
    if (this.#sales.take(passing, from, to, volume, sign)) this.#changed(passing.zone, from, to)
    else this.#tooOld += 1
  }

  sample(slot: number, quantity: SampleQuantity, at: number, value: number): void {
    const c = this.#fleet.columns
    if (c.kind[slot] === METER) return
    const rtu = c.asset[slot] ?? -1
    const zone = c.zone[slot] ?? -1
    if (quantity === 'standard_flow_m3_s') {
      const minute = this.#inlets.take(rtu, at, value)
      if (minute !== undefined)
        for (const fed of this.#zonesOfRtu[rtu] ?? []) this.#changed(fed, minute, minute + MINUTE_MS)
    } else if (quantity === 'pressure_pa') {
      if (!this.#climate.takePressure(rtu, zone, at, value)) this.#tooOld += 1
      else this.#changed(zone, at - HOUR_MS / 2, at + HOUR_MS / 2)
    } else if (quantity === 'temperature_k') {
      if (this.#climate.takeTemperature(zone, at, value)) this.#changed(zone, at, at + 1)
    }
  }

  anomaly(): void {}

  /**
   * The balance of a zone, or of CITY, over [from, to).
   * @param from, to Unix ms at full city hours. @param now event time: what lies after it has not happened
   * @throws UsageError NET_UNKNOWN for a zone that is not in the network, API_INPUT for times off the hour
   */
  period(zone: string, from: number, to: number, now: number): ZonePeriod {
    if (!this.#axis.isAligned(from) || !this.#axis.isAligned(to) || to <= from)
      throw new UsageError('API_INPUT', 'a balance runs between full hours of the city', { from, to })
    const zones = this.#zonesOf(zone)
    const until = Math.min(to, now)
    const supply = this.#inlets.supply(this.#inletsOf(zone), from, until)
    const sum = (of: (z: number) => number) => zones.reduce((total, z) => total + of(z), 0)
    const [first, last] = [this.#axis.hourOf(from), this.#axis.hourOf(to)]
    const opens = new Map(zones.map((z) => [z, this.#open(z, from, until, now)]))
    const openSum = (of: (open: OpenIntervals) => number) => [...opens.values()].reduce((total, o) => total + of(o), 0)
    const sales = sum((z) => this.#sales.sales(z, first, last))
    const linepack = sum((z) => this.#linepack(z, Math.min(last, this.#axis.hourOf(now))) - this.#linepack(z, first))
    const seconds = Math.max(0, until - from) / 1000
    const ownUse = sum((z) => (this.#config.ownUse[this.#network.zones.ids[z] ?? ''] ?? 0) * seconds)
    const gap = supply.m3 - sales - linepack - ownUse
    // At the present moment every known reading counts: nothing has been caught up later.
    const over = until === to
    const caughtUp = (z: number, hour: number) => this.#sales.caughtUpUnread(z, hour)
    return {
      zone,
      from,
      to,
      supply_m3: supply.m3,
      sales_m3: sales,
      linepack_change_m3: linepack,
      own_use_m3: ownUse,
      gap_m3: gap,
      gap_rate: supply.m3 > 0 ? gap / supply.m3 : null,
      temperature_pressure_m3: sum((z) => this.#temperaturePressure(z, first, last, opens.get(z))),
      unread_m3: openSum((open) => open.unreadM3) + sum((z) => (over ? caughtUp(z, last) : 0) - caughtUp(z, first)),
      unread_meters:
        openSum((open) => open.unreadMeters) + (over ? sum((z) => this.#sales.caughtUpOverdue(z, last)) : 0),
      meters: openSum((open) => open.meters),
      inlet_coverage: seconds > 0 ? Math.min(1, supply.coveredMinutes / Math.max(1, Math.floor(seconds / 60))) : 0,
    }
  }

  /** Supply and use at this moment. */
  live(zone: string, now: number): LiveBalance {
    const estimates = this.#zonesOf(zone).map((z) => this.#use.live(z, now))
    const known = estimates.filter((estimate) => estimate !== null)
    return {
      supply_m3_s: this.#inlets.live(this.#inletsOf(zone), now, this.#config.liveMaxAgeMs),
      sales_estimate_m3_s: known.length > 0 ? known.reduce((a, b) => a + b, 0) : null,
    }
  }

  /**
   * Supply and estimated use in steps, for the chart; a step that is not over is cut at `now`, later ones are left out.
   * @param step ms, whole minutes
   */
  strip(zone: string, from: number, to: number, step: number, now: number): readonly StripStep[] {
    const zones = this.#zonesOf(zone)
    const inlets = this.#inletsOf(zone)
    const width = Math.max(MINUTE_MS, Math.round(step / MINUTE_MS) * MINUTE_MS)
    const points: StripStep[] = []
    for (let at = from; at < Math.min(to, now); at += width) {
      const end = Math.min(at + width, now)
      const measured = this.#inlets.supply(inlets, at, end)
      const covered =
        measured.coveredMinutes >= STRIP_COVERAGE * Math.floor((end - at) / MINUTE_MS) && measured.coveredMinutes > 0
      const supply = covered ? measured.m3 : null
      const known = this.#axis.holds(this.#axis.hourOf(at))
      const use = zones.reduce((sum, z) => sum + (this.#use.rate(z, at, end, now) * (end - at)) / 1000, 0)
      const stored = zones.reduce((sum, z) => sum + this.#linepackAt(z, end) - this.#linepackAt(z, at), 0)
      points.push({
        at,
        supply_m3: supply,
        sales_estimate_m3: known ? use : null,
        gap_m3: supply !== null && known ? supply - use - stored : null,
      })
    }
    return points
  }

  /** A day (`2026-03-29`) or month (`2026-03`) on record; undefined before it is. */
  frozen(zone: string, name: string): FrozenPeriod | undefined {
    if (name.length === 7) return this.#frozen.month(zone, name)
    const noon = Date.parse(`${name}T12:00:00Z`)
    return Number.isNaN(noon)
      ? undefined
      : this.#frozen.day(zone, this.#calendar.dayStartOf(Math.floor(noon / 86_400_000)))
  }

  /** Days on record of a zone that ended after an instant, in time order. */
  days(zone: string, endedAfter: number): readonly ZonePeriod[] {
    return this.#frozen.daysEndedAfter(zone, endedAfter)
  }

  /** Puts days and months on record that are due. To be called about once a minute of event time. */
  tick(now: number): void {
    this.#newest = Math.max(this.#newest, now)
    if (!Number.isFinite(this.#axis.oldest)) return
    const oldest = this.#calendar.dayStart(this.#axis.startOf(this.#axis.oldest))
    const begin = this.#axis.hourOf(oldest) >= this.#axis.first ? oldest : this.#calendar.nextDayStart(oldest)
    const names = [...this.#network.zones.ids, CITY]
    for (let day = begin; ; day = this.#calendar.nextDayStart(day)) {
      const end = this.#calendar.nextDayStart(day)
      if (end + this.#config.freezeAfterMs > now) return
      if (!this.#axis.isAligned(day) || !this.#axis.isAligned(end)) continue
      const due = names.filter((zone) => this.#frozen.isDue(zone, day, now))
      for (const zone of due)
        this.#frozen.freeze(zone, this.#calendar.dayName(day), this.period(zone, day, end, now), now)
      if (due.length > 0) this.#freezeMonth(due, day, now)
    }
  }

  /** As it is at the call, in pieces to be written one after the other, before the next call. */
  save(): Iterable<Uint8Array> {
    this.#memory.note = { frozen: this.#frozen.save(), tooOld: this.#tooOld, newest: this.#newest }
    return this.#memory.save()
  }

  /**
   * Takes up what was saved, into a balance that has heard nothing yet.
   * @returns why the bytes cannot be believed (then make a new balance and replay the log), or nothing
   */
  load(pieces: Iterable<Uint8Array>): string | undefined {
    const fault = this.#memory.load(pieces)
    if (fault !== undefined) return fault
    const note = this.#memory.note as {
      frozen: ReturnType<FrozenPeriods['save']>
      tooOld: number
      newest: number
    }
    this.#frozen.load(note.frozen)
    this.#tooOld = note.tooOld
    this.#newest = note.newest
    return undefined
  }

  #zonesOf(zone: string): readonly number[] {
    if (zone === CITY) return Array.from({ length: this.#network.zones.count }, (_, z) => z)
    const number = this.#network.zones.numberOf.get(zone)
    if (number === undefined) throw new UsageError('NET_UNKNOWN', `no zone ${zone}`, { zone })
    return [number]
  }

  #inletsOf(zone: string | number): readonly ZoneInlet[] {
    if (zone === CITY) return this.#network.cityInlets
    const number = typeof zone === 'number' ? zone : (this.#network.zones.numberOf.get(zone) ?? -1)
    return this.#network.zones.inlets[number] ?? []
  }

  #changed(zone: number, from: number, to: number): void {
    if (zone < 0) return
    this.#changes[zone] = (this.#changes[zone] ?? 0) + 1
    if (from >= this.#frozen.frozenUntil) return
    const at = Math.max(this.#newest, this.#frozen.frozenUntil)
    this.#frozen.reopen(this.#network.zones.ids[zone] ?? '', from, to, at)
    this.#frozen.reopen(CITY, from, to, at)
  }

  #open(zone: number, from: number, until: number, now: number): OpenIntervals {
    const key = `${zone}/${from}/${until}`
    const changes = this.#changes[zone] ?? 0
    const known = this.#scans.get(key)
    const young = known !== undefined && now >= known.at && now - known.at < this.#config.scanEveryMs
    if (known !== undefined && (known.changes === changes || young)) return known.open
    const open = this.#scan.open(zone, from, Math.max(from, until), now)
    if (this.#scans.size > 4096) this.#scans.clear()
    this.#scans.set(key, { changes, at: now, open })
    return open
  }

  /** m³ at the reference state in the zone's pipes at the begin of an hour; 0 when no pressure is known. */
  #linepack(zone: number, hour: number): number {
    const pressure = this.#climate.boundaryPressure(zone, hour)
    if (Number.isNaN(pressure)) return 0
    const temperature = this.#climate.temperature(zone, hour - 1)
    const z = compressibilityAt(this.#z, pressure) / compressibilityAt(this.#z, REFERENCE_PRESSURE_PA)
    return (this.#network.zones.pipeVolumeM3[zone] ?? 0) * conversionFactor(pressure, temperature, z)
  }

  /** Between full hours in a straight line. */
  #linepackAt(zone: number, at: number): number {
    const hour = this.#axis.hourOf(at)
    const share = (at - this.#axis.startOf(hour)) / HOUR_MS
    const begin = this.#linepack(zone, hour)
    return share === 0 ? begin : begin + share * (this.#linepack(zone, hour + 1) - begin)
  }

  /** What uncorrected meters did not count of the gas that passed them within hours [first, last), m³. */
  #temperaturePressure(zone: number, first: number, last: number, open: OpenIntervals | undefined): number {
    let missed = 0
    let [indoorSum, outdoorSum] = [0, 0]
    const end = Math.min(last, this.#axis.newest + 1)
    const begin = Math.max(first, this.#axis.first)
    for (let hour = begin; hour < end; hour++) {
      const pressure = this.#climate.meterPressure(zone, hour)
      const indoor = conversionFactor(pressure, this.#config.indoorTemperature) - 1
      const outdoor = conversionFactor(pressure, this.#climate.temperature(zone, hour)) - 1
      missed += this.#sales.passed(zone, INDOOR, hour) * indoor + this.#sales.passed(zone, OUTDOOR, hour) * outdoor
      indoorSum += indoor
      outdoorSum += outdoor
    }
    const hours = Math.max(1, end - begin)
    const expected = (how: number) => open?.expected[how] ?? 0
    return missed + (expected(INDOOR) * indoorSum + expected(OUTDOOR) * outdoorSum) / hours
  }

  #freezeMonth(zones: readonly string[], day: number, now: number): void {
    const next = this.#calendar.nextMonthStart(day)
    const begins: number[] = []
    for (let at = this.#calendar.monthStart(day); at < next; at = this.#calendar.nextDayStart(at)) begins.push(at)
    for (const zone of zones) this.#frozen.freezeMonth(zone, this.#calendar.monthName(day), begins, now)
  }
}

const INDOOR = PASSINGS.indexOf('indoor')
const OUTDOOR = PASSINGS.indexOf('outdoor')
