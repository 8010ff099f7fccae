import { CITY } from '@gastwin/analytics'
import { members } from '@gastwin/twin'
import type { SafetyMode, Strip, ZonePeriod, ZoneSummary } from '../contract/index.ts'
import type { CityState } from '../pipeline/city-state.ts'
import { OpeningReadings } from './opening-readings.ts'
import type { SuppliedPart } from './supplied-part.ts'

const HOUR_MS = 3_600_000
const STRIP_STEPS = 288
const PRESSURE_MAX_AGE_MS = 5 * 60_000
const SUMMARY_FOR_WALL_MS = 2_000
const COMPLETE_COVERAGE = 0.95
const MOST_UNREAD = 0.25

export interface ZonePressure {
  readonly pressure_pa: number
  readonly rtu: string
  /** Lowest allowed at its place, Pa absolute; NaN when none is set. */
  readonly limit: number
}

/** Balances and pressures of zones as the console shows them; summaries are made at most every two seconds of wall time. */
export class ZoneViews {
  readonly #city: CityState
  readonly #supplied: SuppliedPart
  readonly #opening: OpeningReadings
  readonly #modeOf: (zone: string) => SafetyMode
  #summaries: { readonly wall: number; readonly items: ZoneSummary[] } | undefined

  constructor(city: CityState, supplied: SuppliedPart, modeOf: (zone: string) => SafetyMode) {
    this.#city = city
    this.#supplied = supplied
    this.#opening = new OpeningReadings(city)
    this.#modeOf = modeOf
  }

  /** Forget what was made: a mode changed. */
  renew(): void {
    this.#summaries = undefined
  }

  summaries(now: number, wall: number): ZoneSummary[] {
    if (this.#summaries !== undefined && wall - this.#summaries.wall < SUMMARY_FOR_WALL_MS) return this.#summaries.items
    const items = this.#city.network.zones.ids.map((_, zone) => this.#summary(zone, now))
    this.#summaries = { wall, items }
    return items
  }

  /** The fresh pressure of a zone that is nearest to its own limit; what is closed off on purpose does not count. */
  lowestPressure(zone: number, now: number): ZonePressure | undefined {
    const { network, fleet } = this.#city
    let worst: ZonePressure | undefined
    let margin = Number.POSITIVE_INFINITY
    for (const rtu of members(network.zones.rtus, zone)) {
      const slot = fleet.slotOf(network.rtus.device[rtu] ?? Number.NaN)
      if (slot < 0 || now - fleet.rtus.at(slot, 'pressure_pa') > PRESSURE_MAX_AGE_MS) continue
      if (!this.#supplied.reaches(fleet.columns.node[slot] ?? -1)) continue
      const pressure = fleet.rtus.value(slot, 'pressure_pa')
      const limit = fleet.rtus.minPressure(slot)
      const distance = pressure - (Number.isNaN(limit) ? 0 : limit)
      if (!Number.isFinite(pressure) || distance >= margin) continue
      margin = distance
      worst = { pressure_pa: pressure, rtu: network.rtus.ids[rtu] ?? '', limit }
    }
    return worst
  }

  /** The last complete city day, and the 24 hours up to the last full hour; null before anything was measured. */
  period(zone: string, from: number, to: number, now: number): ZonePeriod | null {
    const period = this.#city.balances.period(zone, from, to, now)
    return period.inlet_coverage === 0 && period.sales_m3 === 0 ? null : period
  }

  /** Null as long as it cannot be told: an inlet was not heard all day, or many meters have no reading on either side of it. */
  yesterday(zone: string, now: number): ZonePeriod | null {
    const { calendar } = this.#city
    return this.#wholeDay(zone, calendar.dayStart(calendar.dayStart(now) - 1), now)
  }

  /** Gap rate of the month up to yesterday over its days that can be told, and how many those are. */
  month(now: number): { readonly rate: number | null; readonly days: number } {
    const { calendar } = this.#city
    const today = calendar.dayStart(now)
    let [gap, supply, days] = [0, 0, 0]
    for (let day = calendar.monthStart(now); day < today; day = calendar.nextDayStart(day)) {
      const period = this.#wholeDay(CITY, day, now)
      if (period === null) continue
      gap += period.gap_m3
      supply += period.supply_m3
      days++
    }
    return { rate: supply > 0 ? gap / supply : null, days }
  }

  #wholeDay(zone: string, day: number, now: number): ZonePeriod | null {
    const period = this.period(zone, day, this.#city.calendar.nextDayStart(day), now)
    if (period === null || period.inlet_coverage < COMPLETE_COVERAGE) return null
    if (period.unread_meters > MOST_UNREAD * period.meters) return null
    return this.#opening.before(zone) <= day ? period : null
  }

  strip(hours: number, zone: string | undefined, now: number): Strip {
    const step = Math.max(60_000, Math.round((hours * HOUR_MS) / STRIP_STEPS / 60_000) * 60_000)
    const to = Math.floor(now / step) * step
    const from = to - hours * HOUR_MS
    return { from, to, step_ms: step, points: [...this.#city.balances.strip(zone ?? CITY, from, to, step, now)] }
  }

  #summary(zone: number, now: number): ZoneSummary {
    const { network, balances } = this.#city
    const id = network.zones.ids[zone] ?? ''
    const live = balances.live(id, now)
    const lowest = this.lowestPressure(zone, now)
    const hour = fullHour(this.#city, now)
    return {
      id,
      name: network.zones.names[zone] ?? id,
      meters: members(network.zones.meters, zone).length,
      supply_m3_s: live.supply_m3_s,
      sales_estimate_m3_s: live.sales_estimate_m3_s,
      lowest_pressure_pa: lowest?.pressure_pa ?? null,
      lowest_pressure_at: lowest?.rtu ?? null,
      min_pressure_pa: lowest === undefined || Number.isNaN(lowest.limit) ? null : lowest.limit,
      yesterday: this.yesterday(id, now),
      last_24h: this.period(id, hour - 24 * HOUR_MS, hour, now),
      safety_mode: this.#modeOf(id),
    }
  }
}

/** Begin of the city's current hour: zones of half-hour offsets have theirs at :30. */
export function fullHour(city: Pick<CityState, 'calendar'>, now: number): number {
  const offset = city.calendar.offset(now)
  return Math.floor((now + offset) / HOUR_MS) * HOUR_MS - offset
}
