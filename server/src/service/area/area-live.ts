import type { AlarmKpis, ServerMessage, Status } from '../../contract/index.ts'
import type { Application } from '../../http/application.ts'
import type { CityState } from '../../pipeline/city-state.ts'
import type { AreaMap } from './area-map.ts'
import type { AreaViews } from './area-views.ts'
import type { Reach } from './reach.ts'

const HEARD_RTU_MS = 5 * 60_000
const DAY_MS = 86_400_000
const RECENT_MS = 600_000
/** Counting looks at every row: how long a count holds, and for each row beside it, ms of the wall. */
const COUNT_FOR_MS = 5_000
const COUNT_FOR_ROW_MS = 0.005

type Heard = Pick<Status, 'rtus_heard' | 'rtus_total' | 'meters_heard_24h' | 'meters_total' | 'age'>

export interface AreaLiveParts {
  readonly reach: Reach
  readonly views: AreaViews
  readonly map: () => AreaMap
  /** Of the whole city. */
  readonly application: Application
  readonly city: CityState
}

/** What a console of an area is told. A message that nobody has thought of is not told. */
export class AreaLive {
  readonly #parts: AreaLiveParts
  #heardCounts: { readonly until: number; readonly counts: Heard } | undefined

  constructor(parts: AreaLiveParts) {
    this.#parts = parts
  }

  frame(bytes: Uint8Array): Uint8Array {
    return this.#parts.map().frame(bytes)
  }

  message(message: ServerMessage): ServerMessage | undefined {
    const { views, map } = this.#parts
    switch (message.type) {
      case 'welcome':
        return { ...message, snapshot: map().snapshot }
      case 'status':
        return { type: 'status', ...this.#status(message) }
      case 'alarms': {
        const changed = views.alarms(message.changed)
        return changed.length > 0 || message.full === true ? { ...message, changed } : undefined
      }
      case 'shutoffs': {
        const changed = views.shutoffs(message.changed)
        return changed.length > 0 || message.full === true ? { ...message, changed } : undefined
      }
      case 'leaks':
        return { ...message, leaks: views.leaks(message.leaks) }
      case 'zones':
        return { ...message, zones: views.zones(message.zones) }
      case 'estimate':
      case 'gap':
      case 'resync':
      case 'error':
        return message
    }
  }

  /** The strip of figures, of the area's zones; load, log and database are those of the service. */
  #status(all: Status): Status {
    const { application, views, reach } = this.#parts
    const zones = views.zones(application.zones())
    const total = (of: (zone: (typeof zones)[number]) => number | null): number | null =>
      zones.length === 0 ? null : zones.reduce<number | null>((sum, zone) => plus(sum, of(zone)), 0)
    const supply = total(({ yesterday }) => yesterday?.supply_m3 ?? null)
    const gap = total(({ yesterday }) => yesterday?.gap_m3 ?? null)
    const unread = total(({ yesterday }) => yesterday?.unread_m3 ?? null)
    const hasGap = supply !== null && supply > 0 && gap !== null && unread !== null
    const { lowest_pressure: lowest } = all
    return {
      ...{ now: all.now, speed: all.speed, reports_per_s: all.reports_per_s, log: all.log, store: all.store },
      supply_m3_s: total((zone) => zone.supply_m3_s),
      sales_estimate_m3_s: total((zone) => zone.sales_estimate_m3_s),
      lowest_pressure: lowest !== null && reach.seesZone(lowest.zone) ? lowest : lowestOf(zones),
      ...this.#heard(all.now),
      gap_yesterday: hasGap ? { rate: gap / supply, unread_share: unread / supply } : null,
      gap_month: null,
      alarms: kpisOf(views.alarms(application.alarms({})), all.now),
    }
  }

  #heard(now: number): Heard {
    const { reach, city } = this.#parts
    const wall = performance.now()
    if (this.#heardCounts !== undefined && wall < this.#heardCounts.until) return this.#heardCounts.counts
    const { kind, receivedAt, flags } = city.fleet.columns
    const count = { rtus_heard: 0, rtus_total: 0, meters_heard_24h: 0, meters_total: 0 }
    const newest = { rtu: 0, commercial: 0, residential: 0 }
    for (let slot = 0; slot < city.fleet.count; slot++) {
      if (!reach.seesSlot(slot)) continue
      const at = (receivedAt[slot] ?? 0) * 1000
      if (kind[slot] === 1) {
        count.rtus_total++
        if (now - at <= HEARD_RTU_MS) count.rtus_heard++
        newest.rtu = Math.max(newest.rtu, at)
      } else if (kind[slot] === 0) {
        count.meters_total++
        if (at > now - DAY_MS) count.meters_heard_24h++
        const source = (((flags[slot] ?? 0) >> 3) & 0b11) === 0 ? 'residential' : 'commercial'
        newest[source] = Math.max(newest[source], at)
      }
    }
    const age = (at: number) => (at === 0 ? null : Math.max(0, now - at))
    const counts = {
      ...count,
      age: { rtu: age(newest.rtu), commercial: age(newest.commercial), residential: age(newest.residential) },
    }
    this.#heardCounts = { until: wall + COUNT_FOR_MS + city.fleet.count * COUNT_FOR_ROW_MS, counts }
    return counts
  }
}

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b)

function lowestOf(zones: ReturnType<Application['zones']>): Status['lowest_pressure'] {
  const [worst] = zones
    .flatMap(({ id, lowest_pressure_pa: pressure, min_pressure_pa: limit }) =>
      pressure === null || limit === null ? [] : [{ zone: id, pressure_pa: pressure, limit_pa: limit }],
    )
    .sort((a, b) => margin(a) - margin(b))
  return worst ?? null
}

/** Zones of different pressure are compared by how near they are to their own limit, above the atmosphere. */
const margin = (one: { readonly pressure_pa: number; readonly limit_pa: number }): number =>
  (one.pressure_pa - one.limit_pa) / Math.max(1, one.limit_pa - 101_325)

function kpisOf(alarms: ReturnType<AreaViews['alarms']>, now: number): AlarmKpis {
  const of = (...states: readonly string[]) => alarms.filter(({ state }) => states.includes(state))
  const active = of('active_unacked', 'active_acked')
  return {
    active: [1, 2, 3, 4].map((priority) => active.filter((one) => one.priority === priority).length),
    unacked: of('active_unacked', 'cleared_unacked').length,
    shelved: of('shelved').length,
    suppressed: of('suppressed').length,
    last_10_min: alarms.filter(({ raised_at }) => raised_at > now - RECENT_MS).length,
    flood: false,
  }
}
