import { CONTENT_FORMAT, type QueuedCommand } from '@gastwin/server/protocol'
import type { Meter, Reading, Report } from '@gastwin/twin'
import { normalHash, unitHash } from '../../seeded-random.ts'
import type { Consumer } from '../metering/consumer.ts'
import { radioPlace, signalNow } from '../radio/signal.ts'
import { carryOutAny, pressButton } from './carry-out.ts'
import { clockTolerance, DeviceClock } from './device-clock.ts'
import type { FieldWork } from './field-work.ts'
import { MeterDuties } from './meter-duties.ts'
import { isUnheard, MeterVoice, wayOf } from './meter-voice.ts'
import { confirmableWaits } from './retry-rule.ts'
import { type SpeakingMeter, silentTalk } from './speaking-meter.ts'

const READ_MS = 300_000
const REPORT_MS = 7_200_000
/** Readings of one report: 2 h of 5 min. */
const BUNDLE = 24
/** A meter keeps so many unsent readings. */
const KEPT = 24 * 12 * 2
const BATTERY_VOLT = 3.55

interface BusinessMeter extends SpeakingMeter {
  readonly delayMs: number
  /** Last reading that the service has. */
  sentUntil: number
  /** True instant of the last reading that was acknowledged, Unix ms. */
  readUntil: number
  busy: boolean
}

/** Corrector meters of businesses: read every five minutes, report every two hours, and keep what was not acknowledged. */
export class BusinessMeters {
  readonly #work: FieldWork
  readonly #seed: number
  readonly duties: MeterDuties<BusinessMeter>
  /** For orders and answers to them; readings go in bundles of their own. */
  readonly #voice: MeterVoice<BusinessMeter>
  readonly #meters = new Map<number, BusinessMeter>()

  constructor(work: FieldWork, seed: number, rows: readonly { readonly consumer: Consumer; readonly meter: Meter }[]) {
    this.#work = work
    this.#seed = seed
    this.#voice = new MeterVoice({
      ...{ work, seed, formOf: () => CONTENT_FORMAT.CBOR, status: () => ({}) },
      compose: (meter, at, deviceTime) => this.#standing(meter, at, deviceTime),
      carryOut: (meter, command) => this.#carryOut(meter, command),
    })
    this.duties = new MeterDuties(this.#meters, this.#voice)
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
        batteryVolt: BATTERY_VOLT,
        ...silentTalk(),
      })
  }

  has(row: number): boolean {
    return this.#meters.has(row)
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
        batteryVolt: BATTERY_VOLT,
        ...signalNow(seed, consumer.device, meter.radio.rsrp, work.now),
        pci: meter.radio.pci,
      },
    }
    meter.busy = true
    const random = unitHash(seed, 103, consumer.device, meter.sequence)
    work.link.report(
      wayOf(meter, work),
      'r',
      CONTENT_FORMAT.CBOR,
      report,
      confirmableWaits(random),
      (answer) => {
        meter.busy = false
        if (answer.kind === 'accepted') {
          meter.sentUntil = until
          meter.readUntil = instants.at(-1) ?? meter.readUntil
          if (answer.fresh) meter.clock.set(work.serviceInstant(), answer.now, clockTolerance(work.speed))
          if (report.trigger === 'registration') meter.registers = false
          meter.log.note(meter.clock.read(work.now), 'radio_reported', count)
          if (answer.command !== undefined) this.#voice.obey(meter, answer.command)
          if (until < last) this.#again(meter, 1000)
        } else if (answer.kind !== 'refused') this.#again(meter, answer.kind === 'later' ? answer.waitMs : 20_000)
        else meter.sentUntil = until
      },
      isUnheard(meter, work),
    )
  }

  /** Somebody holds the button: that opens a closed valve while the platform permits it. */
  button(row: number, at: number): void {
    const meter = this.#meters.get(row)
    if (meter === undefined) return
    pressButton(meter, at, this.#work)
    this.#voice.speak(meter, 'button', at)
  }

  /** Its register at the moment of speaking, never behind what it read before; nothing serious happens to it by itself. */
  #standing(meter: BusinessMeter, at: number, deviceTime: number) {
    const { consumer } = meter
    const quantity = consumer.corrected ? ('standard_index_m3' as const) : ('index_m3' as const)
    const instant = Math.max(meter.readUntil, Math.min(at, this.#work.now))
    const [value = 0] = this.#work.book.registers(consumer, [instant])
    return { readings: [{ quantity, at: deviceTime, value }], events: [] }
  }

  /** What any meter does; when it is to speak is not told to one that speaks every two hours, and it takes no firmware here. */
  #carryOut(meter: BusinessMeter, command: QueuedCommand): boolean {
    if (command.kind === 'parameter' || command.kind === 'firmware') return false
    return carryOutAny(meter, command, this.#work)
  }

  #again(meter: BusinessMeter, wallMs: number): void {
    this.#work.plan('business_retry', meter.consumer.index, this.#work.after(wallMs))
  }
}
