import { type CityCalendar, type FleetState, READINGS_KEPT } from '@gastwin/twin'
import type { BalanceConfig } from './balance-config.ts'
import { LEARNT_DAYS, learnProfile } from './hourly-profile.ts'
import type { MeterScan } from './open-intervals.ts'
import type { RegisterSales } from './register-sales.ts'
import { HOUR_MS, type TimeAxis } from './time-axis.ts'

/** Hours back for which meters without a later reading are estimated one by one. */
const WINDOW = 96
const SCAN_EVERY_MS = 600_000
/** Meters read often report every two hours: younger hours are not complete. */
const SETTLED_MS = 3 * HOUR_MS
const COVERED_MINUTES = 54

/** What is expected per hour of meters that have not been read since, m³/h; the last cell is the hour of the scan. */
interface OpenHours {
  readonly at: number
  readonly slow: Float64Array
  readonly fast: Float64Array
}
interface Profiles {
  readonly hour: number
  readonly slow: readonly number[]
  readonly fast: readonly number[]
}

/**
 * Use of a zone at an hour, an ESTIMATE in m³ as registered, because most meters speak once a day:
 * meters read every two hours or oftener count by their hours where these have come; all others by their registers spread evenly over
 * the interval (or, since their last reading, by their mean rate of a week) and shaped over the day by a profile. The profile of the
 * slow meters is learnt from what the zone's inlets delivered less what fast meters took, that of the fast ones from themselves, both
 * over 14 days; until then from the configured shape.
 */
export class UseEstimate {
  readonly #axis: TimeAxis
  readonly #fleet: FleetState
  readonly #scan: MeterScan
  readonly #sales: RegisterSales
  readonly #calendar: CityCalendar
  readonly #config: BalanceConfig
  readonly #supplied: (
    zone: number,
    from: number,
    to: number,
  ) => { readonly m3: number; readonly coveredMinutes: number }
  readonly #open = new Map<number, OpenHours>()
  readonly #profiles = new Map<number, Profiles>()

  constructor(parts: {
    readonly axis: TimeAxis
    readonly fleet: FleetState
    readonly scan: MeterScan
    readonly sales: RegisterSales
    readonly calendar: CityCalendar
    readonly config: BalanceConfig
    readonly supplied: (
      zone: number,
      from: number,
      to: number,
    ) => { readonly m3: number; readonly coveredMinutes: number }
  }) {
    this.#axis = parts.axis
    this.#fleet = parts.fleet
    this.#scan = parts.scan
    this.#sales = parts.sales
    this.#calendar = parts.calendar
    this.#config = parts.config
    this.#supplied = parts.supplied
  }

  /** m³ used in one hour, as registered. */
  hour(zone: number, hour: number, now: number): number {
    if (this.#scan.slots(zone).length === 0) return 0
    const open = this.#openHours(zone, now)
    const profiles = this.#profilesOf(zone, now)
    const of = this.#calendar.hourOfDay(this.#axis.startOf(hour))
    const cell = WINDOW - 1 - Math.max(0, this.#axis.hourOf(open.at) - hour)
    const fast = this.#sales.passedFast(zone, hour)
    const slow = this.#sales.passedAll(zone, hour) - fast + (open.slow[cell] ?? 0)
    return slow * (profiles.slow[of] ?? 1) + fast + (open.fast[cell] ?? 0) * (profiles.fast[of] ?? 1)
  }

  /** Mean use within [from, to), m³/s: hours in part count in part. */
  rate(zone: number, from: number, to: number, now: number): number {
    let sum = 0
    for (let hour = this.#axis.hourOf(from); this.#axis.startOf(hour) < to; hour++) {
      const begin = this.#axis.startOf(hour)
      const share = (Math.min(to, begin + HOUR_MS) - Math.max(from, begin)) / HOUR_MS
      sum += share * this.hour(zone, hour, now)
    }
    return (sum * 1000) / (to - from)
  }

  /** Use at this very moment, m³/s; null while no meter of the zone has shown a rate. */
  live(zone: number, now: number): number | null {
    if (this.#scan.slots(zone).length === 0) return 0
    const open = this.#openHours(zone, now)
    const profiles = this.#profilesOf(zone, now)
    const of = this.#calendar.hourOfDay(now)
    const perHour =
      (open.slow[WINDOW] ?? 0) * (profiles.slow[of] ?? 1) + (open.fast[WINDOW] ?? 0) * (profiles.fast[of] ?? 1)
    return perHour > 0 || this.#sales.passedAll(zone, this.#axis.hourOf(now) - 1) > 0 ? perHour / 3600 : null
  }

  /** Cells 0…WINDOW−1 are hours; cell WINDOW is the sum of all mean rates. */
  #openHours(zone: number, now: number): OpenHours {
    const known = this.#open.get(zone)
    if (known !== undefined && now >= known.at && now - known.at < SCAN_EVERY_MS) return known
    const made = { at: now, slow: new Float64Array(WINDOW + 1), fast: new Float64Array(WINDOW + 1) }
    const c = this.#fleet.columns
    const first = this.#axis.hourOf(now) - WINDOW + 1
    for (const slot of this.#scan.slots(zone)) {
      const count = c.readings[slot] ?? 0
      if (count === 0) continue
      const last = (c.readAt[slot * READINGS_KEPT + count - 1] ?? 0) * 1000
      const perHour = (c.rate[slot] ?? 0) * 3600
      const into = this.#scan.passingOf(slot)?.fast === true ? made.fast : made.slow
      into[WINDOW] = (into[WINDOW] ?? 0) + perHour
      const cell = this.#axis.hourOf(last) - first
      if (cell >= WINDOW) continue
      const begun = cell < 0 ? 0 : (last - this.#axis.startOf(cell + first)) / HOUR_MS
      const at = Math.max(0, cell)
      into[at] = (into[at] ?? 0) + perHour * (1 - begun)
      if (at + 1 < WINDOW) into[at + 1] = (into[at + 1] ?? 0) + perHour * begun
    }
    for (const steps of [made.slow, made.fast])
      for (let i = 1; i < WINDOW; i++) steps[i] = (steps[i] ?? 0) + (steps[i - 1] ?? 0)
    this.#open.set(zone, made)
    return made
  }

  #profilesOf(zone: number, now: number): Profiles {
    const hour = this.#axis.hourOf(now)
    const known = this.#profiles.get(zone)
    if (known?.hour === hour) return known
    const end = this.#axis.hourOf(now - SETTLED_MS)
    const first = Math.max(hour - LEARNT_DAYS * 24, this.#axis.oldest)
    const [slow, fast] = [[] as { hourOfDay: number; used: number }[], [] as { hourOfDay: number; used: number }[]]
    for (let h = first; h < end; h++) {
      const begin = this.#axis.startOf(h)
      const hourOfDay = this.#calendar.hourOfDay(begin)
      const supplied = this.#supplied(zone, begin, begin + HOUR_MS)
      const taken = this.#sales.passedFast(zone, h)
      fast.push({ hourOfDay, used: taken })
      slow.push({ hourOfDay, used: supplied.coveredMinutes >= COVERED_MINUTES ? supplied.m3 - taken : Number.NaN })
    }
    const made = {
      hour,
      slow: learnProfile(slow, this.#config.defaultProfile),
      fast: learnProfile(fast, [1]),
    }
    this.#profiles.set(zone, made)
    return made
  }
}
