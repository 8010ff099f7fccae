import { PARAMETER_LIMITS } from '@gastwin/server/contract'
import type { PriceTable, QueuedCommand } from '@gastwin/server/protocol'
import type { Reading } from '@gastwin/twin'
import { DAY_MS } from '../demand/weather.ts'
import type { FieldWork } from './field-work.ts'
import type { HouseholdMeter } from './household-meter.ts'
import type { SpeakingMeter } from './speaking-meter.ts'

/** From the moment the display says that the button opens until the fitter presses it. */
export const FITTER_MS = 120_000
/** A meter keeps its days for a year (S0-101). */
const MONTHS_KEPT = 12
const MOST_LOG_DAYS = 30
const DAILY_S = 86_400
const MONTHS = 12

/**
 * Does what an order asks of a home's meter.
 * @returns whether the meter takes it; what it is to tell stands in the meter then
 */
export function carryOut(meter: HouseholdMeter, command: QueuedCommand, work: FieldWork): boolean {
  switch (command.kind) {
    case 'firmware':
      return work.firmware !== undefined
    case 'parameter':
      return set(meter, command)
    default:
      return carryOutAny(meter, command, work)
  }
}

/** Does what an order asks of any meter that speaks for itself: all but settings and firmware. @returns whether it takes it */
export function carryOutAny(
  meter: SpeakingMeter,
  command: Exclude<QueuedCommand, { kind: 'firmware' | 'parameter' }>,
  work: FieldWork,
): boolean {
  const own = meter.clock.read(work.now)
  switch (command.kind) {
    case 'close':
      meter.permittedUntil = 0
      work.book.closeValve(meter.consumer, Math.max(work.now, work.physicsAt))
      meter.log.note(own, 'valve_closed')
      return true
    case 'permit':
      meter.permittedUntil = work.now + command.windowS * 1000
      // The fitter who asked for it stands before the meter.
      work.plan('button', meter.consumer.index, work.now + FITTER_MS)
      return true
    case 'read':
      return command.month === undefined || readMonth(meter, command.month, work)
    case 'log':
      if (command.days < 1 || command.days > MOST_LOG_DAYS) return false
      meter.pieces = meter.log.pieces(command.id, command.days, own)
      return true
    case 'restart':
      meter.next = { id: command.id, task: 'start_up' }
      return true
    case 'renew_key':
      if (!work.link.hasIdentity(meter.consumer.device)) return false
      work.link.forgetKey(meter.consumer.device)
      meter.log.note(own, 'security_contact')
      return true
    case 'connection': {
      const { id, setting, text } = command
      if (meter.trial !== undefined) return false
      const to = setting === 'apn' ? { ...meter.way, apn: text } : { ...meter.way, server: text, socket: undefined }
      meter.trial = { id, to, back: meter.way }
      meter.next = { id, task: 'moved' }
      return true
    }
    case 'price':
      takePrices(meter, command.prices, work)
      return true
  }
}

/** The button of a meter is held: a closed valve opens while the platform permits it. @param at Unix ms */
export function pressButton(meter: SpeakingMeter, at: number, work: FieldWork): void {
  meter.log.note(meter.clock.read(at), 'button_pressed')
  if (at >= meter.permittedUntil) return
  meter.permittedUntil = 0
  meter.log.note(meter.clock.read(at), 'valve_opened')
  work.book.openValve(meter.consumer, Math.max(at, work.physicsAt))
}

/** The register at the begin of each day of a month that has begun; false when it lies further back than a meter remembers. */
function readMonth(meter: SpeakingMeter, month: number, { weather, book, now }: FieldWork): boolean {
  const year = Math.floor(month / 100)
  const from = Math.round(Date.UTC(year, (month % 100) - 1) / DAY_MS)
  const today = weather.dayNumber(now)
  const to = Math.min(today, Math.round(Date.UTC(year, month % 100) / DAY_MS) - 1)
  const local = new Date(today * DAY_MS)
  const back = 12 * (local.getUTCFullYear() - year) + local.getUTCMonth() + 1 - (month % 100)
  if (back < 0 || back > MONTHS_KEPT || Number.isNaN(from)) return false
  const registers = book.dayBegins(meter.consumer, from, to)
  const quantity = meter.consumer.corrected ? 'standard_index_m3' : 'index_m3'
  meter.days = registers.map((value, i): Reading => ({ quantity, at: weather.dayStart(from + i), value }))
  meter.log.note(meter.clock.read(now), 'metering_read_back', month)
  return true
}

function takePrices(meter: SpeakingMeter, prices: PriceTable, work: FieldWork): void {
  const { weather, now } = work
  const at = prices.fromAt ?? (prices.fromDay === null ? now : nextDayOfMonth(prices.fromDay, weather, now))
  meter.log.note(meter.clock.read(now), 'prices_taken', prices.tiers.length)
  meter.coming = { prices, at }
  work.plan('prices', meter.consumer.index, at)
}

const beginsPeriod = (date: Date, day: number, months: number): boolean =>
  date.getUTCDate() === day && date.getUTCMonth() % months === 0

/** Begin of the next such day of a month, Unix ms. */
function nextDayOfMonth(day: number, weather: FieldWork['weather'], now: number): number {
  for (let number = weather.dayNumber(now) + 1; ; number++)
    if (new Date(number * DAY_MS).getUTCDate() === day) return weather.dayStart(number)
}

function set(meter: HouseholdMeter, { parameter, value }: Extract<QueuedCommand, { kind: 'parameter' }>): boolean {
  const [least, most] = PARAMETER_LIMITS[parameter]
  if (value < least || value > most) return false
  switch (parameter) {
    case 'report_offset_s':
      meter.x = value
      return true
    case 'report_base_s':
      meter.spreading = { ...meter.spreading, baseS: value }
      return true
    case 'report_spread_s':
      meter.spreading = { ...meter.spreading, k: value / 60 }
      return true
    case 'report_interval_s':
      return value === DAILY_S
    case 'settlement_day':
      meter.settlementDay = value
      meter.settlement = undefined
      return true
    case 'price_period_months':
      if (MONTHS % value !== 0) return false
      meter.pricePeriodMonths = value
      meter.settlement = undefined
      return true
    case 'over_flow_permille':
      meter.overFlowPermille = value
      return true
    case 'reading_day':
      // A meter that reports every day has read on that day too.
      return true
  }
}

/** Register at the begin of the last settlement day, of its billing period where one was set; undefined while no day is set. */
export function settlementOf(meter: HouseholdMeter, { weather, book, now }: FieldWork): number | undefined {
  if (meter.settlementDay === undefined) return undefined
  let day = weather.dayNumber(now)
  while (!beginsPeriod(new Date(day * DAY_MS), meter.settlementDay, meter.pricePeriodMonths)) day--
  if (meter.settlement?.day !== day)
    meter.settlement = { day, registerM3: book.dayBegins(meter.consumer, day, day)[0] ?? 0 }
  return meter.settlement.registerM3
}
