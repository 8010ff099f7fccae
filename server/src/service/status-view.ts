import { CITY } from '@gastwin/analytics'
import type { Status } from '../contract/index.ts'
import type { CityState } from '../pipeline/city-state.ts'
import type { ZoneViews } from './zone-views.ts'

const DAY_S = 86_400
const HEARD_RTU_MS = 5 * 60_000
const COUNT_FOR_WALL_MS = 5_000

/** What of the status is not in the twin. */
export interface StatusSurroundings {
  readonly speed: number
  readonly reportsPerS: number
  readonly log: Status['log']
  readonly store: Status['store']
}

interface Heard {
  readonly wall: number
  readonly rtus: number
  readonly meters24h: number
  readonly newest: { rtu: number; commercial: number; residential: number }
}

/** The KPI strip of the console, once a second. */
export class StatusView {
  readonly #city: CityState
  readonly #zones: ZoneViews
  #heard: Heard | undefined
  #gap:
    | {
        readonly hour: number
        readonly wall: number
        readonly yesterday: Status['gap_yesterday']
        readonly month: Status['gap_month']
      }
    | undefined

  constructor(city: CityState, zones: ZoneViews) {
    this.#city = city
    this.#zones = zones
  }

  view(now: number, wall: number, around: StatusSurroundings): Status {
    const { network, balances, book } = this.#city
    const live = balances.live(CITY, now)
    const heard = this.#count(now, wall)
    const gap = this.#gaps(now, wall)
    return {
      now,
      speed: around.speed,
      supply_m3_s: live.supply_m3_s,
      sales_estimate_m3_s: live.sales_estimate_m3_s,
      lowest_pressure: this.#lowest(now),
      rtus_heard: heard.rtus,
      rtus_total: network.rtus.count,
      meters_heard_24h: heard.meters24h,
      meters_total: network.meters.count,
      age: {
        rtu: age(now, heard.newest.rtu),
        commercial: age(now, heard.newest.commercial),
        residential: age(now, heard.newest.residential),
      },
      gap_yesterday: gap.yesterday,
      gap_month: gap.month,
      alarms: book.kpis(),
      reports_per_s: around.reportsPerS,
      log: around.log,
      store: around.store,
    }
  }

  #lowest(now: number): Status['lowest_pressure'] {
    let worst: { zone: string; pressure_pa: number; limit_pa: number } | null = null
    let ratio = Number.POSITIVE_INFINITY
    this.#city.network.zones.ids.forEach((zone, number) => {
      const found = this.#zones.lowestPressure(number, now)
      if (found === undefined || Number.isNaN(found.limit)) return
      // Zones of different pressure are compared by how near they are to their own limit, above the atmosphere.
      const margin = (found.pressure_pa - found.limit) / Math.max(1, found.limit - 101_325)
      if (margin >= ratio) return
      ratio = margin
      worst = { zone, pressure_pa: found.pressure_pa, limit_pa: found.limit }
    })
    return worst
  }

  #gaps(now: number, wall: number) {
    const hour = Math.floor(now / 3_600_000)
    if (this.#gap === undefined || this.#gap.hour !== hour || wall - this.#gap.wall > 30_000) {
      const yesterday = this.#zones.yesterday(CITY, now)
      const month = this.#zones.month(now)
      this.#gap = {
        hour,
        wall,
        yesterday:
          yesterday === null
            ? null
            : {
                rate: yesterday.gap_rate,
                unread_share: yesterday.supply_m3 > 0 ? yesterday.unread_m3 / yesterday.supply_m3 : 0,
              },
        month: month.days === 0 ? null : month,
      }
    }
    return this.#gap
  }

  #count(now: number, wall: number): Heard {
    if (this.#heard !== undefined && wall - this.#heard.wall < COUNT_FOR_WALL_MS) return this.#heard
    const { fleet } = this.#city
    const { kind, receivedAt, flags } = fleet.columns
    const newest = { rtu: 0, commercial: 0, residential: 0 }
    let [rtus, meters24h] = [0, 0]
    const dayAgo = now / 1000 - DAY_S
    for (let slot = 0; slot < fleet.count; slot++) {
      const at = receivedAt[slot] ?? 0
      if (kind[slot] === 1) {
        if (now - at * 1000 <= HEARD_RTU_MS) rtus++
        newest.rtu = Math.max(newest.rtu, at)
      } else if (kind[slot] === 0) {
        if (at > dayAgo) meters24h++
        const source = (((flags[slot] ?? 0) >> 3) & 0b11) === 0 ? 'residential' : 'commercial'
        newest[source] = Math.max(newest[source], at)
      }
    }
    this.#heard = { wall, rtus, meters24h, newest }
    return this.#heard
  }
}

const age = (now: number, seconds: number): number | null => (seconds === 0 ? null : Math.max(0, now - seconds * 1000))
