import { coverageByCell, FAULT_DEFAULTS, findTerminalFaults, type TerminalFacts } from '@gastwin/analytics'
import { DEVICE_KINDS, eventMask, UsageError } from '@gastwin/twin'
import type { CellCoverage, ReadingFault } from '../contract/index.ts'
import type { CityState } from '../pipeline/city-state.ts'

const DAY_S = 86_400
const DAY_MS = DAY_S * 1000
/** Days over which a terminal is judged; the row of a meter remembers thirty-two. */
const WINDOW_DAYS = 28
/** So many objects are made at once at most. */
const MOST_TERMINALS = 1_000_000
const METER = DEVICE_KINDS.indexOf('meter')
const BATTERY_LOW = eventMask(['battery_low'])
const RESET = eventMask(['reset'])

/** Why meters are not heard as they should be, surest first. @throws UsageError API_INPUT for a city too large to ask for at once */
export function readingFaults(
  city: CityState,
  zone: string | undefined,
  kind: string | undefined,
  limit: number,
  now: number,
  within?: (slot: number) => boolean,
): ReadingFault[] {
  // In a fast demo a moment of the wall is hours: no clock can be set better.
  const clockErrorS = FAULT_DEFAULTS.clockErrorS + city.mostSlackMs / 1000
  return findTerminalFaults(terminalsOf(city, zone, now, within), { ...FAULT_DEFAULTS, clockErrorS })
    .filter(({ fault }) => kind === undefined || fault === kind)
    .slice(0, limit)
    .map(({ fault, device, pci, zone: where, meters, certainty, evidence }) => ({
      class: fault,
      device: device === undefined ? null : String(device),
      pci: pci < 0 ? null : pci,
      zone: where,
      meters,
      certainty: Math.round(certainty * 1000) / 1000,
      facts: [...evidence],
    }))
}

/** What meters measured, by cell, worst first. @throws UsageError API_INPUT */
export function cellCoverage(
  city: CityState,
  zone: string | undefined,
  now: number,
  within?: (slot: number) => boolean,
): CellCoverage[] {
  return coverageByCell(terminalsOf(city, zone, now, within)).map(({ pci, meters, good, rsrpDbm, sinrDb }) => ({
    pci,
    meters,
    good,
    rsrp_dbm: rsrpDbm,
    sinr_db: sinrDb,
  }))
}

/** Meters that speak for themselves, as their rows tell. */
function terminalsOf(
  city: CityState,
  zone: string | undefined,
  now: number,
  within: (slot: number) => boolean = () => true,
): TerminalFacts[] {
  const { fleet, network, calendar, concentrators } = city
  const c = fleet.columns
  const wanted = zone === undefined ? -1 : (network.zones.numberOf.get(zone) ?? -2)
  const today = calendar.dayNumber(now)
  const terminals: TerminalFacts[] = []
  for (let slot = 0; slot < fleet.count; slot++) {
    if (c.kind[slot] !== METER || (wanted !== -1 && c.zone[slot] !== wanted) || !within(slot)) continue
    const device = c.number[slot] ?? 0
    if ((c.firstAt[slot] ?? 0) === 0 || concentrators.ofMeter(device) !== undefined) continue
    if (terminals.length === MOST_TERMINALS)
      throw new UsageError('API_INPUT', `more than ${MOST_TERMINALS} meters: ask for one zone`)
    const first = (c.firstAt[slot] ?? 0) * 1000
    // Today is not over: nothing is missing yet.
    const daysDue = Math.max(0, Math.min(WINDOW_DAYS, today - calendar.dayNumber(first)))
    const heard = c.heardDay[slot] ?? 0
    const daysHeard = countDays(c.heardDays[slot] ?? 0, heard, today - daysDue, today - 1)
    const reports = (c.fresh[slot] ?? 0) + (c.late[slot] ?? 0) + (c.duplicates[slot] ?? 0)
    // Readings at less than two hours travel in bundles of two hours.
    const regular = (c.readEveryMinutes[slot] ?? 1440) < 120 ? 12 : 1
    const received = (c.receivedAt[slot] ?? 0) * 1000
    const events = c.events[slot] ?? 0
    terminals.push({
      device,
      zone: network.zones.ids[c.zone[slot] ?? -1] ?? null,
      pci: c.pci[slot] === 65_535 ? -1 : (c.pci[slot] ?? -1),
      rsrpDbm: c.rsrp[slot] === 0 ? Number.NaN : -(c.rsrp[slot] ?? 0),
      sinrDb: c.sinr[slot] === -128 ? Number.NaN : (c.sinr[slot] ?? 0),
      ecl: c.ecl[slot] === 255 ? -1 : (c.ecl[slot] ?? -1),
      daysDue,
      daysHeard: Math.min(daysDue, daysHeard),
      reportsPerDay: reports / regular / Math.max(1, (now - first) / DAY_MS),
      repeatedShare: reports > 0 ? (c.duplicates[slot] ?? 0) / reports : 0,
      minuteOfDay: Math.floor((received - calendar.dayStart(received)) / 60_000),
      clockErrorS: c.clockErrorS[slot] ?? 0,
      batteryLow: (events & BATTERY_LOW) !== 0,
      reset: (events & RESET) !== 0,
    })
  }
  return terminals
}

/** Days of [from, to] that are marked in a row's bits; bit i is day `newest − i`. */
function countDays(bits: number, newest: number, from: number, to: number): number {
  let days = 0
  for (let i = 0; i < 32; i++) {
    const day = newest - i
    if (day >= from && day <= to && ((bits >>> i) & 1) === 1) days += 1
  }
  return days
}
