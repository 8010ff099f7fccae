import {
  type Alarm,
  AlarmBook,
  type AssetRef,
  createDetectors,
  type Detection,
  type Detector,
  type DetectorContext,
  HostileWatch,
  ReadingTally,
  TERMINAL_STEPS,
  ZoneBalances,
} from '@gastwin/analytics'
import {
  type AppliedReport,
  CityCalendar,
  type ClockPlan,
  ConcentratorBook,
  concentratorArchives,
  eventTime,
  FleetState,
  growNetwork,
  type Meter,
  type Network,
  type Report,
  type RowWatch,
  registerMeters,
  registerNetwork,
  type StateSink,
  wallTime,
} from '@gastwin/twin'
import type { StepEvent } from '../trust/trust-events.ts'
import { DeviceViews } from '../views/device-view.ts'
import { IsolationViews } from '../views/isolation-view.ts'
import { alarmSurroundings } from './alarm-surroundings.ts'
import { detectorContext } from './detector-context.ts'
import { loadRows } from './detector-rows.ts'
import { ReadingGroups } from './reading-groups.ts'
import type { SavedCity } from './saved-city.ts'
import { hostileDetection, isUrgent, unverifiedDetection } from './trust-detections.ts'

const MINUTE_MS = 60_000
/** What a lost datagram and its repetition cost a report, ms of the wall. */
const LATE_WALL_MS = 4_000
const MOST_TICKS = 120

/** One readable report with its place in the log. */
export interface PositionedReport {
  readonly position: number
  readonly receivedAt: number
  readonly report: Report
  /** Source address, for devices that serve requests themselves. */
  readonly host: string
  readonly port?: number
  /** It opened with the device's own key, or that of its concentrator. */
  readonly sealed?: boolean
  /** The concentrator that brought it under its seal. */
  readonly sealedBy?: number
}

/** What a batch or a tick came to. */
export interface Turn {
  /** Service clock, Unix ms. */
  readonly now: number
  readonly applied: readonly AppliedReport[]
  readonly detections: readonly Detection[]
  /** Alarms that changed, each in its new form. */
  readonly alarms: readonly Alarm[]
}

/**
 * Everything that follows from the log: the fleet's state, balances, what detectors remember, the alarm book. The same reports
 * and operator's acts in the same order give the same state, live or read again from the log: minutes are ticked by receive time.
 */
export class CityState {
  readonly network: Network
  readonly calendar: CityCalendar
  readonly fleet: FleetState
  readonly balances: ZoneBalances
  readonly detectors: readonly Detector[]
  /** Who speaks in a device's name, and how. */
  readonly hostile: HostileWatch
  readonly book: AlarmBook
  readonly views: DeviceViews
  readonly isolation: IsolationViews
  readonly concentrators: ConcentratorBook
  readonly groups: ReadingGroups
  readonly tally: ReadingTally
  /** Next position of the log that is not yet in this state. */
  position = 0
  #minute = 0
  /** Assets with an urgent alarm that nobody could believe. */
  readonly #unverified = new Set<string>()
  readonly #context: DetectorContext
  #slackMs = 0
  readonly #clock: ClockPlan
  readonly #sink: StateSink

  /**
   * @param restored a fleet from a snapshot; without it all devices of the network are registered anew
   * @param ownUse gas the utility uses itself, by zone id, m³/s at the reference state
   */
  constructor(
    network: Network,
    clock: ClockPlan,
    restored?: FleetState,
    ownUse: Readonly<Record<string, number>> = {},
  ) {
    this.#clock = clock
    this.network = network
    this.calendar = new CityCalendar(network.timeZone)
    const dayNumber = (at: number) => this.calendar.dayNumber(at)
    this.fleet =
      restored ??
      new FleetState({ capacity: network.meters.count + network.rtus.count + network.edges.countOf.valve, dayNumber })
    registerNetwork(this.fleet, network)
    this.views = new DeviceViews(network, this.fleet)
    this.isolation = new IsolationViews(network, this.fleet)
    this.balances = new ZoneBalances(network, this.fleet, { ownUse })
    this.concentrators = new ConcentratorBook(concentratorArchives(network), this.calendar)
    this.groups = new ReadingGroups(network, this.fleet, this.concentrators)
    this.tally = new ReadingTally(this.fleet, this.calendar, this.groups.wordOf)
    this.#sink = {
      advance: (...interval) => this.balances.advance(...interval),
      sample: (...value) => this.balances.sample(...value),
      anomaly: (_slot, kind) => this.tally.doubt(kind),
    }
    const context = detectorContext({
      network,
      fleet: this.fleet,
      views: this.views,
      concentrators: this.concentrators,
      calendar: this.calendar,
      slackMs: () => this.#slackMs,
      zoneDays: (zone, endedAfter) => this.balances.days(zone, endedAfter),
    })
    this.#context = context
    this.hostile = new HostileWatch(context)
    this.detectors = [...createDetectors(context), this.hostile]
    this.book = new AlarmBook(alarmSurroundings(network))
  }

  /** How much more event time than wall time may pass while an answer is under way, ms; 0 in service. */
  get mostSlackMs(): number {
    return Math.max(0, ...this.#clock.segments.map(({ speed }) => (speed - 1) * LATE_WALL_MS))
  }

  /** The last minute of event time that was ticked, for the snapshot. */
  get minute(): number {
    return this.#minute
  }

  /** Takes up what a snapshot says beside the fleet. @returns what could not be believed, or nothing */
  async load(
    balances: Iterable<Uint8Array>,
    rows: AsyncIterable<Uint8Array>,
    saved: SavedCity,
  ): Promise<string | undefined> {
    const fault = this.balances.load(balances) ?? (await loadRows(this.detectors, rows))
    if (fault !== undefined) return fault
    for (const detector of this.detectors) {
      if (detector.name in saved.detectors) detector.load(saved.detectors[detector.name])
    }
    this.book.load(saved.book)
    for (const { rule, asset } of this.book.list()) if (rule === 'unverified_alarm') this.#unverified.add(asset.id)
    if (saved.concentrators !== undefined) this.concentrators.load(saved.concentrators)
    if (saved.readings !== undefined) this.tally.load(saved.readings)
    this.position = saved.position
    this.#minute = saved.minute
    return undefined
  }

  /** Metering points come to the network beside its document. Those that are there, or have no place in it, are left out. */
  addPoints(points: readonly Meter[]): void {
    const from = this.network.meters.count
    growNetwork(this.network, points)
    registerMeters(this.fleet, this.network, from)
  }

  /** Lets somebody be told before the row of a device changes, in the fleet or in what detectors know of it. */
  watchRows(watch: RowWatch | undefined): void {
    this.fleet.watch = watch
    for (const { rows } of this.detectors) if (rows !== undefined) rows.watch = watch
  }

  /** Applies reports in the order of the log. @param now service clock, Unix ms */
  take(reports: readonly PositionedReport[], now: number): Turn {
    const ticked = this.advanceTo(now)
    // One after the other: what a concentrator says is about the readings before it.
    const applied = reports.flatMap((r) => (this.#hear(r) ? [] : [this.#apply(r)]))
    const detections = this.detectors.flatMap((detector) => detector.observe(applied, now))
    this.hostile.noteImpossible(applied, detections)
    if (this.#unverified.size > 0) detections.push(...this.#endUnverified(applied))
    const alarms = this.book.observe(detections, now)
    return {
      now,
      applied,
      detections: [...ticked.detections, ...detections],
      alarms: newest([...ticked.alarms, ...alarms]),
    }
  }

  /**
   * A report that was read and not believed. It changes nothing, except that an urgent alarm reaches the dispatcher as what it is.
   * @returns alarms that changed
   */
  takeRefused(report: Report, at: number): readonly Alarm[] {
    if (!isUrgent(report)) return []
    const asset = this.#assetOf(report.device)
    this.#unverified.add(asset.id)
    return this.book.observe([unverifiedDetection(asset, this.#zoneOf(report.device), at, true)], at)
  }

  /**
   * A step against a terminal holds.
   * @param standing whether any step holds for the device now
   * @returns alarms that changed
   */
  takeStep(event: StepEvent, standing: boolean): readonly Alarm[] {
    this.hostile.held(event.device, event.from, TERMINAL_STEPS.indexOf(event.step), event.at)
    const asset = this.#assetOf(event.device)
    const zone = this.#zoneOf(event.device)
    const detections = [hostileDetection(event, asset, zone, standing)]
    if (!standing && this.#unverified.delete(asset.id))
      detections.push(unverifiedDetection(asset, zone, event.at, false))
    return this.book.observe(detections, event.at)
  }

  #assetOf(device: number): AssetRef {
    const slot = this.fleet.slotOf(device)
    return slot < 0 ? { kind: 'meter', id: String(device) } : this.#context.assetOf(slot)
  }

  #zoneOf(device: number): string | undefined {
    const slot = this.fleet.slotOf(device)
    return slot < 0 ? undefined : this.#context.zones[this.#context.zoneOf(slot)]?.id
  }

  /** A device that is believed and says nothing urgent ends the alarm that nobody could believe. */
  #endUnverified(applied: readonly AppliedReport[]): Detection[] {
    return applied.flatMap(({ slot, report, outcome, receivedAt }) => {
      if (slot < 0 || outcome !== 'fresh' || isUrgent(report)) return []
      const asset = this.#context.assetOf(slot)
      if (!this.#unverified.delete(asset.id)) return []
      return [unverifiedDetection(asset, this.#zoneOf(report.device), receivedAt, false)]
    })
  }

  /** Lets every minute pass that lies before `now`: silences, delays, shelving times. */
  advanceTo(now: number): Turn {
    this.#slackMs = slack(this.#clock, now)
    const minute = Math.floor(now / MINUTE_MS)
    const detections: Detection[] = []
    const alarms: Alarm[] = []
    // After a pause of many hours only the last two are walked through: detectors look at times, not at counts of ticks.
    if (this.#minute === 0) this.#minute = minute - 1
    for (let m = Math.max(this.#minute + 1, minute - MOST_TICKS); m <= minute; m++) {
      const at = m * MINUTE_MS
      this.fleet.tick(at)
      this.balances.tick(at)
      const found = this.detectors.flatMap((detector) => detector.tick(at))
      detections.push(...found)
      alarms.push(...this.book.observe(found, at))
    }
    this.#minute = Math.max(this.#minute, minute)
    return { now, applied: [], detections, alarms: newest(alarms) }
  }

  /** Concentrators are no devices of the network: they bring what its meters say. @returns whether it was one */
  #hear({ report, receivedAt, position, host }: PositionedReport): boolean {
    if (report.kind !== 'concentrator') return false
    this.concentrators.hear(report, receivedAt, host)
    this.position = Math.max(this.position, position + 1)
    return true
  }

  #apply({ report, receivedAt, position, host, port, sealed, sealedBy }: PositionedReport): AppliedReport {
    if (sealedBy !== undefined) this.concentrators.find(sealedBy)?.speaksFrom(host, receivedAt)
    const slot = this.fleet.slotOf(report.device)
    const before = this.tally.before(slot)
    const outcome = this.fleet.apply(report, receivedAt, this.#sink)
    if (slot >= 0) {
      if (report.kind === 'meter') this.tally.after(slot, before, receivedAt, outcome === 'bad_clock')
      this.concentrators.take(report, receivedAt)
    }
    if (slot >= 0 && report.status.servicePort !== undefined) this.fleet.noteHost(slot, host)
    this.position = Math.max(this.position, position + 1)
    if (port === undefined) return { position, receivedAt, report, slot, outcome }
    return { position, receivedAt, report, slot, outcome, origin: { address: host, port, sealed: sealed ?? false } }
  }
}

/** How much more event time than wall time passed while a report may have been under way, ms; 0 in service. */
function slack(clock: ClockPlan, now: number): number {
  const wall = wallTime(clock, now)
  return Math.max(0, now - eventTime(clock, wall - LATE_WALL_MS) - LATE_WALL_MS)
}

/** The last form of each alarm. */
function newest(alarms: readonly Alarm[]): readonly Alarm[] {
  return [...new Map(alarms.map((alarm) => [alarm.id, alarm])).values()]
}
