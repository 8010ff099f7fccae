import { CONTENT_FORMAT, type QueuedCommand } from '@gastwin/server/protocol'
import type { DeviceStatus, Meter, Reading, Report } from '@gastwin/twin'
import { normalHash, unitHash } from '../../seeded-random.ts'
import type { Consumer } from '../metering/consumer.ts'
import { type RadioPlace, radioPlace, signalNow } from '../radio/signal.ts'
import { clockTolerance, DeviceClock } from './device-clock.ts'
import type { FieldWork } from './field-work.ts'
import { confirmableWaits } from './retry-rule.ts'

const READ_MS = 300_000
const REPORT_MS = 7_200_000
/** Readings of one report: 2 h of 5 min. */
const BUNDLE = 24
/** A meter keeps so many unsent readings. */
const KEPT = 24 * 12 * 2

interface BusinessMeter {
  readonly consumer: Consumer
  readonly clock: DeviceClock
  readonly radio: RadioPlace
  readonly delayMs: number
  sequence: number
  /** Last reading that the service has. */
  sentUntil: number
  /** True instant of the last reading that was acknowledged, Unix ms. */
  readUntil: number
  busy: boolean
  /** What it was asked and has not answered yet. */
  answerTo: DeviceStatus['command'] | undefined
  /** It was told to start again: its next report is a registration. */
  registers: boolean
}

/** Corrector meters of businesses: read every five minutes, report every two hours, and keep what was not acknowledged. */
export class BusinessMeters {
  readonly #work: FieldWork
  readonly #seed: number
  readonly #meters = new Map<number, BusinessMeter>()

  constructor(work: FieldWork, seed: number, rows: readonly { readonly consumer: Consumer; readonly meter: Meter }[]) {
    this.#work = work
    this.#seed = seed
    for (const { consumer, meter } of rows)
      this.#meters.set(consumer.index, {
        consumer,
        clock: new DeviceClock(seed, consumer.device, work.start),
        radio: radioPlace(seed, consumer.device, meter.lon ?? 0, meter.lat ?? 0, meter.placement === 'indoor'),
        delayMs: Math.floor(1_200_000 * unitHash(seed, 101, consumer.device)),
        sequence: work.firstSequence,
        sentUntil: Math.floor(work.start / READ_MS) * READ_MS,
        readUntil: Number.NEGATIVE_INFINITY,
        busy: false,
        answerTo: undefined,
        registers: false,
      })
  }

  get count(): number {
    return this.#meters.size
  }

  start(): void {
    for (const m of this.#meters.values()) this.#planNext(m)
  }

  /** Two hours are over, or an earlier attempt failed. */
  speak(row: number, again: boolean): void {
    const meter = this.#meters.get(row)
    if (meter === undefined) return
    if (!again) this.#planNext(meter)
    if (!meter.busy) this.#send(meter)
  }

  #planNext(meter: BusinessMeter): void {
    const due = (Math.floor((this.#work.now - meter.delayMs) / REPORT_MS) + 1) * REPORT_MS + meter.delayMs
    this.#work.plan('business', meter.consumer.index, due)
  }

  #send(meter: BusinessMeter): void {
    const { work, seed } = { work: this.#work, seed: this.#seed }
    const { consumer } = meter
    // The meter reads when its own clock says so.
    const fast = meter.clock.error(work.now)
    const last = Math.floor(meter.clock.read(work.now) / READ_MS) * READ_MS
    const yesterday = work.weather.dayStart(work.weather.dayNumber(work.now) - 1)
    const oldest = Math.max(
      meter.sentUntil + READ_MS,
      last - (KEPT - 1) * READ_MS,
      Math.ceil((yesterday + Math.max(0, fast)) / READ_MS) * READ_MS,
    )
    if (oldest > last) return
    const count = Math.min(BUNDLE, Math.round((last - oldest) / READ_MS) + 1)
    const times = Array.from({ length: count }, (_, i) => oldest + i * READ_MS)
    const until = times.at(-1) ?? last
    meter.sequence += 1
    const quantity = consumer.corrected ? ('standard_index_m3' as const) : ('index_m3' as const)
    // A clock that was set meanwhile moves what is still to be read, and never behind what was read: registers do not run backwards.
    const instants = times.map((at) => Math.max(meter.readUntil, Math.min(at - fast, work.now)))
    const values = work.book.registers(consumer, instants)
    const readings: Reading[] = times.map((at, i) => ({ quantity, at, value: values[i] ?? 0 }))
    readings.push({
      quantity: 'pressure_pa',
      at: until,
      value: Math.round(consumer.pressure + 25 * normalHash(seed, 102, consumer.device, until / READ_MS)),
    })
    readings.push({ quantity: 'temperature_k', at: until, value: Math.round(work.weather.airOfHour(until) * 10) / 10 })
    const report: Report = {
      device: consumer.device,
      kind: 'meter',
      trigger: meter.registers ? 'registration' : 'timed',
      deviceTime: meter.clock.read(work.now),
      sequence: meter.sequence % 65_536,
      readings,
      events: [],
      status: {
        valve: consumer.closedFrom <= work.now ? 'closed' : 'open',
        batteryVolt: 3.55,
        ...signalNow(seed, consumer.device, meter.radio.rsrp, work.now),
        pci: meter.radio.pci,
        ...(meter.answerTo && { command: meter.answerTo }),
      },
    }
    meter.busy = true
    const random = unitHash(seed, 103, consumer.device, meter.sequence)
    work.link.report(
      work.socketOf(consumer.device),
      meter.registers ? 'reg' : 'r',
      CONTENT_FORMAT.CBOR,
      report,
      confirmableWaits(random),
      (answer) => {
        meter.busy = false
        if (answer.kind === 'accepted') {
          meter.sentUntil = until
          meter.readUntil = instants.at(-1) ?? meter.readUntil
          if (answer.fresh) meter.clock.set(work.serviceInstant(), answer.now, clockTolerance(work.speed))
          meter.registers = false
          const takes = answer.command !== undefined && this.#carryOut(meter, answer.command)
          // What was asked is answered with the next bundle.
          meter.answerTo = answer.command && { id: answer.command.id, accepted: takes }
          if (until < last) this.#again(meter, 1000)
        } else if (answer.kind !== 'refused') this.#again(meter, answer.kind === 'later' ? answer.waitMs : 20_000)
        else meter.sentUntil = until
      },
      work.isSilent(meter.radio.pci),
    )
  }

  /** They close, start again, and report when asked as soon as there is a reading that nobody has. @returns whether it was taken */
  #carryOut(meter: BusinessMeter, command: QueuedCommand): boolean {
    const { now, book, physicsAt } = this.#work
    const isAsked = command.kind === 'read' && command.month === undefined
    if (command.kind === 'close') book.closeValve(meter.consumer, Math.max(now, physicsAt))
    else if (command.kind === 'restart') meter.registers = true
    else if (!isAsked) return false
    if (command.kind !== 'close') this.#work.plan('business_retry', meter.consumer.index, now + READ_MS)
    return true
  }

  #again(meter: BusinessMeter, wallMs: number): void {
    this.#work.plan('business_retry', meter.consumer.index, this.#work.now + wallMs * this.#work.speed)
  }
}
