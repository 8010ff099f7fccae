import { CONTENT_FORMAT, type QueuedCommand, type VendorProfile } from '@gastwin/server/protocol'
import type { DeviceEvent, DeviceStatus, Meter, Report, Trigger } from '@gastwin/twin'
import { unitHash } from '../../seeded-random.ts'
import { DAY_MS } from '../demand/weather.ts'
import type { Consumer } from '../metering/consumer.ts'
import { magnetOn } from '../metering/tampering.ts'
import { type RadioPlace, radioPlace, signalNow } from '../radio/signal.ts'
import { clockTolerance, DeviceClock } from './device-clock.ts'
import type { FieldWork, UpdatedMeter } from './field-work.ts'
import { DEFAULT_SPREADING, reportSecond, type Spreading } from './peak-spreading.ts'
import { RETRY_RULE, runWaits } from './retry-rule.ts'
import type { Answer } from './service-link.ts'

/** Share of meters that encipher every other report. */
const MIXED_SHARE = 0.03
/** From the moment the display says that the button opens until the fitter presses it. */
const FITTER_MS = 120_000
/** Maker of meters without a profile of their own. */
const NO_MAKER = 'gastwin'

type ProfileProtocol = VendorProfile['protocol']

interface HouseholdMeter {
  readonly consumer: Consumer
  readonly clock: DeviceClock
  readonly radio: RadioPlace
  readonly contentFormat: number
  /** Enciphers every other report. */
  readonly isMixed: boolean
  readonly batteryVolt: number
  /** As manifests of firmware name it. */
  readonly maker: string
  spreading: Spreading
  /** Until when its button opens the valve, Unix ms. */
  permittedUntil: number
  /** Seconds within the slot. */
  x: number
  sequence: number
  /** A report under way: its text, fixed when it was due, and the runs left. */
  open: { readonly report: Report; runs: number } | undefined
  answerTo: { readonly id: number; readonly accepted: boolean } | undefined
}

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
    if (at < permittedUntil) {
      meter.permittedUntil = 0
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

  #speak(meter: HouseholdMeter, trigger: Trigger, at: number): void {
    const { consumer, clock } = meter
    const deviceTime = Math.floor(clock.read(at) / 1000) * 1000
    meter.sequence += 1
    const status: DeviceStatus = {
      valve: consumer.closedFrom <= at ? 'closed' : 'open',
      batteryVolt: Math.round(meter.batteryVolt * 1000) / 1000,
      ...signalNow(this.#seed, consumer.device, meter.radio.rsrp, at),
      pci: meter.radio.pci,
      ...(meter.answerTo === undefined ? {} : { command: meter.answerTo }),
      ...this.#work.firmware?.wordOf(updatedMeter(meter)),
    }
    const report: Report = {
      device: consumer.device,
      kind: 'meter',
      trigger,
      deviceTime,
      sequence: meter.sequence % 65_536,
      readings: [{ quantity: 'index_m3', at: deviceTime, value: this.#work.book.register(consumer, at) }],
      events: this.#events(meter, at),
      status,
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
    return events
  }

  #run(meter: HouseholdMeter): void {
    const { open } = meter
    if (open === undefined) return
    open.runs -= 1
    const unheard = this.#work.isSilent(meter.radio.pci)
    const socket = this.#work.socketOf(meter.consumer.device)
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
      work.firmware?.heard(row, open.report.status)
      // A push is answered without a clock: such a meter keeps its own.
      if (answer.fresh && Number.isFinite(answer.now))
        meter.clock.set(work.serviceInstant(), answer.now, clockTolerance(work.speed))
      if (answer.command !== undefined) this.#obey(meter, answer.command)
    } else if (answer.kind === 'later') {
      open.runs += 1
      work.plan('retry', row, work.now + Math.max(answer.waitMs * work.speed, 1000))
    } else if (answer.kind === 'silent' && open.runs > 0) work.plan('retry', row, work.now + RETRY_RULE.pauseMs)
    else meter.open = undefined
  }

  #obey(meter: HouseholdMeter, command: QueuedCommand): void {
    const { work } = { work: this.#work }
    meter.answerTo = { id: command.id, accepted: true }
    if (command.kind === 'firmware') meter.answerTo = { id: command.id, accepted: work.firmware !== undefined }
    else if (command.kind === 'close') {
      meter.permittedUntil = 0
      work.book.closeValve(meter.consumer, Math.max(work.now, work.physicsAt))
    } else if (command.kind === 'permit') {
      meter.permittedUntil = work.now + command.windowS * 1000
      // The fitter who asked for it stands before the meter.
      work.plan('button', meter.consumer.index, work.now + FITTER_MS)
    } else if (command.parameter === 'report_offset_s') meter.x = command.value
    else if (command.parameter === 'report_base_s') meter.spreading = { ...meter.spreading, baseS: command.value }
    else if (command.parameter === 'report_spread_s') meter.spreading = { ...meter.spreading, k: command.value / 60 }
    else if (command.parameter === 'report_interval_s')
      meter.answerTo = { id: command.id, accepted: command.value === 86_400 }
    this.#speak(meter, 'answer', work.now)
    if (command.kind === 'firmware') work.firmware?.order(updatedMeter(meter), command.id, command.image)
  }
}

const updatedMeter = ({ consumer, maker, batteryVolt, radio }: HouseholdMeter): UpdatedMeter => ({
  ...{ row: consumer.index, device: consumer.device, maker, batteryVolt, pci: radio.pci },
})

/** Those that may speak both ways do so in turn. */
const formOf = ({ contentFormat, isMixed, sequence }: HouseholdMeter): number =>
  isMixed && contentFormat === CONTENT_FORMAT.CJT188_SM4 && sequence % 2 === 1 ? CONTENT_FORMAT.CJT188 : contentFormat

/** What a maker's meters speak; those of no certain maker by lot. */
function language(protocol: ProfileProtocol | undefined, u: number): number {
  if (protocol === 'cat1') return CONTENT_FORMAT.CAT1
  if (protocol === 'cjt188') return u < 0.5 ? CONTENT_FORMAT.CJT188_SM4 : CONTENT_FORMAT.CJT188
  return u < 0.8 ? CONTENT_FORMAT.CJT188_SM4 : u < 0.92 ? CONTENT_FORMAT.CJT188 : CONTENT_FORMAT.CBOR
}
