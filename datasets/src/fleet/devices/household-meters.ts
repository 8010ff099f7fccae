import { COMMAND_PARAMETERS } from '@gastwin/server/contract'
import { CONTENT_FORMAT, type QueuedCommand } from '@gastwin/server/protocol'
import type { DeviceEvent, Meter, Reading } from '@gastwin/twin'
import { unitHash } from '../../seeded-random.ts'
import { DAY_MS } from '../demand/weather.ts'
import type { Consumer } from '../metering/consumer.ts'
import { magnetOn } from '../metering/tampering.ts'
import { radioPlace } from '../radio/signal.ts'
import { carryOut, pressButton, settlementOf } from './carry-out.ts'
import { DeviceClock } from './device-clock.ts'
import type { FieldWork } from './field-work.ts'
import { formOf, type HouseholdMeter, language, updatedMeter } from './household-meter.ts'
import { MeterDuties } from './meter-duties.ts'
import { MeterVoice } from './meter-voice.ts'
import { DEFAULT_SPREADING, reportSecond } from './peak-spreading.ts'
import { silentTalk } from './speaking-meter.ts'

/** Share of meters that encipher every other report. */
const MIXED_SHARE = 0.03
/** Maker of meters without a profile of their own. */
const NO_MAKER = 'gastwin'
/** Before and after over-flow is looked for. */
const FLOW_SPAN_MS = 60_000

/**
 * Meters that report once a day: homes and small businesses. Each speaks at its own minute of the night, tries again by the
 * field's rule, sets its clock by the answer, and reports at once when something serious happens or its button is pressed.
 */
export class HouseholdMeters {
  readonly #work: FieldWork
  readonly #seed: number
  readonly duties: MeterDuties<HouseholdMeter>
  readonly #voice: MeterVoice<HouseholdMeter>
  readonly #meters = new Map<number, HouseholdMeter>()

  /** @param rows consumers with their document rows; those with a dead battery never speak */
  constructor(work: FieldWork, seed: number, rows: readonly { readonly consumer: Consumer; readonly meter: Meter }[]) {
    this.#work = work
    this.#seed = seed
    this.#voice = new MeterVoice({
      ...{ work, seed, formOf },
      compose: (meter, at, deviceTime) => ({
        readings: this.#readings(meter, at, deviceTime),
        events: this.#events(meter, at),
      }),
      status: (meter) => work.firmware?.wordOf(updatedMeter(meter)) ?? {},
      heard: ({ consumer }, { status }) => work.firmware?.heard(consumer.index, status),
      carryOut: (meter, command) => this.#carryOut(meter, command),
    })
    this.duties = new MeterDuties(this.#meters, this.#voice)
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
        x: Math.floor(120 * unitHash(seed, 96, device)),
        sequence: work.firstSequence,
        ...silentTalk(),
        settlementDay: undefined,
        settlement: undefined,
        pricePeriodMonths: 1,
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
    this.#voice.speak(meter, 'timed', at)
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
    pressButton(meter, at, this.#work)
    this.#voice.speak(meter, 'button', at)
  }

  /** Something serious is reported at once, if it is still so. */
  alarm(row: number, at: number): void {
    const meter = this.#meters.get(row)
    if (meter !== undefined && this.#events(meter, at).some((e) => e !== 'battery_low'))
      this.#voice.speak(meter, 'alarm', at)
  }

  /** Something came of an order: it is told at once. */
  answer(row: number): void {
    const meter = this.#meters.get(row)
    if (meter !== undefined) this.#voice.speak(meter, 'answer', this.#work.now)
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

  /** Register at the begin of its billing period; undefined while no settlement day is set. */
  settlementOf(row: number): number | undefined {
    const meter = this.#meters.get(row)
    return meter && settlementOf(meter, this.#work)
  }

  #readings(meter: HouseholdMeter, at: number, deviceTime: number): Reading[] {
    const settlement = settlementOf(meter, this.#work)
    const value = this.#work.book.register(meter.consumer, at)
    const readings: Reading[] = [{ quantity: 'index_m3', at: deviceTime, value }]
    if (settlement !== undefined) readings.push({ quantity: 'settlement_index_m3', at: deviceTime, value: settlement })
    return readings
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

  #carryOut(meter: HouseholdMeter, command: QueuedCommand): boolean {
    const { firmware, now } = this.#work
    const accepted = carryOut(meter, command, this.#work)
    if (accepted && command.kind === 'parameter')
      meter.log.note(meter.clock.read(now), 'settings_changed', COMMAND_PARAMETERS.indexOf(command.parameter))
    if (command.kind === 'firmware') firmware?.order(updatedMeter(meter), command.id, command.image)
    return accepted
  }
}
