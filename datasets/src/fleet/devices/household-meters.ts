import { COMMAND_PARAMETERS } from '@gastwin/server/contract'
import { CONTENT_FORMAT, type QueuedCommand } from '@gastwin/server/protocol'
import type { DeviceEvent, DeviceStatus, Meter, Reading, Report, Trigger } from '@gastwin/twin'
import { unitHash } from '../../seeded-random.ts'
import { DAY_MS } from '../demand/weather.ts'
import type { Consumer } from '../metering/consumer.ts'
import { magnetOn } from '../metering/tampering.ts'
import { ACCESS_POINTS, FIRST_ACCESS_POINT } from '../radio/access-points.ts'
import { radioPlace, signalNow } from '../radio/signal.ts'
import { carryOut, settlementOf } from './carry-out.ts'
import { clockTolerance, DeviceClock } from './device-clock.ts'
import type { FieldWork } from './field-work.ts'
import { formOf, type HouseholdMeter, language, updatedMeter } from './household-meter.ts'
import { DEFAULT_SPREADING, reportSecond } from './peak-spreading.ts'
import { RETRY_RULE, runWaits } from './retry-rule.ts'
import type { Answer } from './service-link.ts'
import { TerminalLog } from './terminal-log.ts'

/** Share of meters that encipher every other report. */
const MIXED_SHARE = 0.03
/** Maker of meters without a profile of their own. */
const NO_MAKER = 'gastwin'
/** From a restart until the meter reports again. */
const START_UP_MS = 60_000
/** From its word about another way until it speaks there. */
const MOVE_MS = 5_000
/** Before and after over-flow is looked for. */
const FLOW_SPAN_MS = 60_000

/**
 * Meters that report once a day: homes and small businesses. Each speaks at its own minute of the night, tries again by the
 * field's rule, sets its clock by the answer, and reports at once when something serious happens or its button is pressed.
 */
export class HouseholdMeters {
  readonly #work: FieldWork
  readonly #seed: number
  readonly #meters = new Map<number, HouseholdMeter>()

  /** @param rows consumers with their document rows; those with a dead battery never speak */
  constructor(work: FieldWork, seed: number, rows: readonly { readonly consumer: Consumer; readonly meter: Meter }[]) {
    this.#work = work
    this.#seed = seed
    for (const { consumer, meter } of rows) {
      const { device } = consumer
      const age = Math.max(0, 2026.5 - (meter.installed_year ?? 2020))
      const dead = unitHash(seed, 91, device) < 0.0006 * age
      if (dead) continue
      this.#meters.set(consumer.index, {
        consumer,
        clock: new DeviceClock(seed, device, work.start),
        radio: radioPlace(seed, device, meter.lon ?? 0, meter.lat ?? 0, meter.placement === 'indoor'),
        contentFormat: work.link.hasIdentity(device)
          ? CONTENT_FORMAT.CJT188_SM4
          : language(work.link.lookup.profileOf?.(device)?.protocol, unitHash(seed, 92, device)),
        isMixed: !work.link.hasIdentity(device) && unitHash(seed, 104, device) < MIXED_SHARE,
        batteryVolt: 3.62 - 0.026 * age - 0.12 * unitHash(seed, 93, device),
        maker: meter.profile ?? NO_MAKER,
        spreading: DEFAULT_SPREADING,
        permittedUntil: 0,
        x: Math.floor(120 * unitHash(seed, 96, device)),
        sequence: work.firstSequence,
        open: undefined,
        answerTo: undefined,
        obeyed: undefined,
        log: new TerminalLog(),
        days: [],
        pieces: [],
        next: undefined,
        way: { apn: FIRST_ACCESS_POINT, server: undefined, socket: undefined },
        trial: undefined,
        news: undefined,
        prices: undefined,
        coming: undefined,
        settlementDay: undefined,
        settlement: undefined,
        overFlowPermille: undefined,
      })
    }
  }

  get count(): number {
    return this.#meters.size
  }

  /** Puts everybody's first report into the calendar. */
  start(): void {
    for (const meter of this.#meters.values()) this.#planNext(meter, this.#work.start)
  }

  /** The minute of a daily report has come. */
  timed(row: number, at: number): void {
    const meter = this.#meters.get(row)
    if (meter === undefined) return
    this.#speak(meter, 'timed', at)
    this.#planNext(meter, at + 60_000)
    // A magnet is put on, or a cover opened, some time of the day: if this is a day for it.
    this.#work.plan('alarm', row, at + (0.15 + 0.6 * unitHash(this.#seed, 99, row, Math.floor(at / DAY_MS))) * DAY_MS)
    const pressed = unitHash(this.#seed, 94, meter.consumer.device, Math.floor(at / DAY_MS)) < 0.0008
    if (pressed) this.#work.plan('button', row, at + (0.1 + 0.8 * unitHash(this.#seed, 95, row)) * DAY_MS)
  }

  /** Somebody holds the button: that reports, and opens a closed valve while the platform permits it. */
  button(row: number, at: number): void {
    const meter = this.#meters.get(row)
    if (meter === undefined) return
    const { consumer, permittedUntil } = meter
    meter.log.note(meter.clock.read(at), 'button_pressed')
    if (at < permittedUntil) {
      meter.permittedUntil = 0
      meter.log.note(meter.clock.read(at), 'valve_opened')
      this.#work.book.openValve(consumer, Math.max(at, this.#work.physicsAt))
    }
    this.#speak(meter, 'button', at)
  }

  /** Something serious is reported at once, if it is still so. */
  alarm(row: number, at: number): void {
    const meter = this.#meters.get(row)
    if (meter !== undefined && this.#events(meter, at).some((e) => e !== 'battery_low')) this.#speak(meter, 'alarm', at)
  }

  /** Something came of an order: it is told at once. */
  answer(row: number): void {
    const meter = this.#meters.get(row)
    if (meter !== undefined) this.#speak(meter, 'answer', this.#work.now)
  }

  /** The second run of a report that nobody answered. */
  retry(row: number): void {
    const meter = this.#meters.get(row)
    if (meter?.open !== undefined) this.#run(meter)
  }

  #planNext(meter: HouseholdMeter, after: number): void {
    const { device, index } = meter.consumer
    const second = reportSecond(device, meter.x, meter.spreading)
    const { weather } = this.#work
    for (let day = weather.dayNumber(after); ; day++) {
      const due = weather.dayStart(day) + second * 1000
      const at = due - meter.clock.error(due)
      if (at < after) continue
      this.#work.plan('household', index, at)
      return
    }
  }

  /** It was told to start again, and is up. */
  startUp(row: number): void {
    const meter = this.#meters.get(row)
    if (meter === undefined) return
    meter.open = undefined
    meter.permittedUntil = 0
    meter.log.note(meter.clock.read(this.#work.now), 'power_start', 1)
    this.#speak(meter, 'registration', this.#work.now)
  }

  /** It speaks on another way to the platform for the first time. */
  moved(row: number): void {
    const meter = this.#meters.get(row)
    if (meter?.trial === undefined) return
    const { id, to } = meter.trial
    const { server, socket } = to
    meter.way = to
    const speak = (): void => {
      if (meter.trial?.id !== id) return
      meter.log.note(meter.clock.read(this.#work.now), 'radio_moved', id)
      meter.news = { id, outcome: 'running' }
      this.#speak(meter, 'registration', this.#work.now)
    }
    if (server === undefined || socket !== undefined) speak()
    else
      this.#work.socketTo(server).then(
        (opened) => {
          const way = { ...to, socket: opened }
          if (meter.trial?.id === id) meter.trial = { ...meter.trial, to: way }
          meter.way = way
          speak()
        },
        () => this.#comeBack(meter),
      )
  }

  /** The instant has come from which prices hold that were told before. */
  pricesBegin(row: number): void {
    const meter = this.#meters.get(row)
    const { coming } = meter ?? {}
    if (meter === undefined || coming === undefined || coming.at > this.#work.now) return
    meter.prices = coming.prices
    meter.coming = undefined
    meter.log.note(meter.clock.read(this.#work.now), 'prices_begun', coming.prices.tiers.length)
  }

  /** By what steps a meter prices, in yuan a m³; undefined while it was told none. */
  pricesOf(row: number): HouseholdMeter['prices'] {
    return this.#meters.get(row)?.prices
  }

  #speak(meter: HouseholdMeter, trigger: Trigger, at: number): void {
    const { consumer, clock, news } = meter
    // A word that nobody acknowledged yet is said again.
    const word = meter.answerTo ?? meter.open?.report.status.command
    const deviceTime = Math.floor(clock.read(at) / 1000) * 1000
    meter.sequence += 1
    const status: DeviceStatus = {
      valve: consumer.closedFrom <= at ? 'closed' : 'open',
      batteryVolt: Math.round(meter.batteryVolt * 1000) / 1000,
      ...signalNow(this.#seed, consumer.device, meter.radio.rsrp, at),
      pci: meter.radio.pci,
      ...(word && { command: word }),
      ...this.#work.firmware?.wordOf(updatedMeter(meter)),
      ...(news && { update: news }),
    }
    const settlement = settlementOf(meter, this.#work)
    const readings: Reading[] = [
      ...meter.days.filter((day) => day.at < deviceTime),
      { quantity: 'index_m3', at: deviceTime, value: this.#work.book.register(consumer, at) },
    ]
    if (settlement !== undefined) readings.push({ quantity: 'settlement_index_m3', at: deviceTime, value: settlement })
    const [terminalLog] = meter.pieces
    const report: Report = {
      device: consumer.device,
      kind: 'meter',
      trigger,
      deviceTime,
      sequence: meter.sequence % 65_536,
      readings,
      events: this.#events(meter, at),
      status,
      ...(terminalLog && { terminalLog }),
    }
    meter.answerTo = undefined
    meter.open = { report, runs: RETRY_RULE.runs }
    this.#run(meter)
  }

  #events(meter: HouseholdMeter, at: number): DeviceEvent[] {
    const { tampering } = meter.consumer
    const events: DeviceEvent[] = []
    if (meter.batteryVolt < 3.15) events.push('battery_low')
    const noticed = tampering?.kind === 'magnet' && unitHash(this.#seed, 97, meter.consumer.device) < 0.35
    if (noticed && at >= tampering.from && magnetOn(tampering, this.#work.weather.dayNumber(at))) events.push('magnet')
    if (unitHash(this.#seed, 98, meter.consumer.device, this.#work.weather.dayNumber(at)) < 0.00015)
      events.push('cover_open')
    if (meter.overFlowPermille !== undefined && this.#flowOf(meter, at) > this.#limitOf(meter)) events.push('over_flow')
    return events
  }

  /** m³/s at working conditions in the last minute; 0 across midnight. */
  #flowOf({ consumer }: HouseholdMeter, at: number): number {
    const { weather, book } = this.#work
    if (weather.dayNumber(at - FLOW_SPAN_MS) !== weather.dayNumber(at)) return 0
    const [before, after] = [at - FLOW_SPAN_MS, at].map((instant) => book.volumes(consumer, instant).counted)
    return ((after ?? 0) - (before ?? 0)) / (FLOW_SPAN_MS / 1000)
  }

  #limitOf({ consumer, overFlowPermille = 0 }: HouseholdMeter): number {
    return (consumer.range.maximum * overFlowPermille) / 1000
  }

  #run(meter: HouseholdMeter): void {
    const { open, way } = meter
    if (open === undefined) return
    open.runs -= 1
    const unheard = this.#work.isSilent(meter.radio.pci) || !ACCESS_POINTS.has(way.apn)
    const socket = way.socket ?? this.#work.socketOf(meter.consumer.device)
    this.#work.link.report(
      socket,
      'r',
      formOf(meter),
      open.report,
      runWaits(this.#work.speed),
      (answer) => this.#answered(meter, open, answer),
      unheard,
    )
  }

  #answered(meter: HouseholdMeter, open: NonNullable<HouseholdMeter['open']>, answer: Answer): void {
    if (meter.open !== open) return
    const { work, row } = { work: this.#work, row: meter.consumer.index }
    if (answer.kind === 'accepted') {
      meter.open = undefined
      this.#heard(meter, open, answer)
    } else if (answer.kind === 'later') {
      open.runs += 1
      work.plan('retry', row, work.now + Math.max(answer.waitMs * work.speed, 1000))
    } else if (answer.kind === 'silent' && open.runs > 0) work.plan('retry', row, work.now + RETRY_RULE.pauseMs)
    else {
      meter.open = undefined
      meter.log.note(meter.clock.read(work.now), answer.kind === 'silent' ? 'radio_not_heard' : 'radio_refused')
      const isAway = meter.trial !== undefined && meter.way === meter.trial.to
      if (meter.next !== undefined) this.#goOn(meter, open.report)
      else if (isAway) this.#comeBack(meter)
    }
  }

  /** The platform has what a report said: what waited for that goes on. */
  #heard(
    meter: HouseholdMeter,
    { report, runs }: NonNullable<HouseholdMeter['open']>,
    answer: Extract<Answer, { kind: 'accepted' }>,
  ): void {
    const { work, row } = { work: this.#work, row: meter.consumer.index }
    const { status, terminalLog, readings } = report
    const own = meter.clock.read(work.now)
    work.firmware?.heard(row, status)
    meter.log.note(own, 'radio_reported', RETRY_RULE.runs - runs)
    if (readings.some(({ at }) => at === meter.days[0]?.at)) meter.days = []
    if (terminalLog !== undefined && terminalLog === meter.pieces[0]) meter.pieces = meter.pieces.slice(1)
    if (meter.news !== undefined && status.update?.id === meter.news.id) {
      meter.news = undefined
      if (status.update.outcome === 'running') meter.trial = undefined
    }
    // A push is answered without a clock: such a meter keeps its own.
    if (answer.fresh && Number.isFinite(answer.now)) {
      const before = meter.clock.error(work.now)
      meter.clock.set(work.serviceInstant(), answer.now, clockTolerance(work.speed))
      const forward = Math.round((meter.clock.error(work.now) - before) / 1000)
      if (forward !== 0) meter.log.note(meter.clock.read(work.now), 'clock_set', forward)
    }
    this.#goOn(meter, report)
    if (answer.command !== undefined) this.#obey(meter, answer.command)
    else if (meter.pieces.length > 0) this.#speak(meter, 'answer', work.now)
  }

  /** Its word about an order was told, or cannot be: what it announced comes. */
  #goOn(meter: HouseholdMeter, { status }: Report): void {
    const { next, consumer } = meter
    if (next === undefined || status.command?.id !== next.id) return
    meter.next = undefined
    const wait = next.task === 'start_up' ? START_UP_MS : MOVE_MS
    this.#work.plan(next.task, consumer.index, this.#work.now + wait)
  }

  /** Nobody answered on the other way: it says so on the one that it came from. */
  #comeBack(meter: HouseholdMeter): void {
    const { trial } = meter
    if (trial === undefined) return
    meter.way = trial.back
    meter.trial = undefined
    meter.news = { id: trial.id, outcome: 'returned' }
    meter.log.note(meter.clock.read(this.#work.now), 'radio_returned', trial.id)
    this.#speak(meter, 'answer', this.#work.now)
  }

  #obey(meter: HouseholdMeter, command: QueuedCommand): void {
    const { id } = command
    // A reading goes with its word: when that was lost, both are told again.
    if (meter.obeyed?.id !== id || command.kind === 'read') {
      const accepted = carryOut(meter, command, this.#work)
      meter.obeyed = { id, accepted }
      const own = meter.clock.read(this.#work.now)
      if (!accepted) meter.log.note(own, 'settings_refused', id)
      else if (command.kind === 'parameter')
        meter.log.note(own, 'settings_changed', COMMAND_PARAMETERS.indexOf(command.parameter))
    }
    meter.answerTo = meter.obeyed
    this.#speak(meter, 'answer', this.#work.now)
    if (command.kind === 'firmware') this.#work.firmware?.order(updatedMeter(meter), id, command.image)
  }
}
