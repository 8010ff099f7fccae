import type { Alarm, Status } from '@gastwin/server/contract'
import { ATMOSPHERE, type MiniCity } from './mini-city.ts'
import type { MockMood } from './mock-alarms.ts'

interface StatusParts {
  readonly city: MiniCity
  readonly mood: MockMood
  readonly alarms: ReadonlyMap<string, Alarm>
  readonly log: 'ok' | 'full'
  /** Unix ms. */
  readonly now: number
}

export function mockStatus({ city, mood, alarms, log, now }: StatusParts): Status {
  const standing = [...alarms.values()]
  const active = [1, 2, 3, 4].map(
    (p) => standing.filter((a) => a.priority === p && a.state.startsWith('active')).length,
  )
  return {
    now,
    speed: 1,
    supply_m3_s: 2.1142 + 0.01 * Math.sin(Date.now() / 5000),
    sales_estimate_m3_s: 2.0311,
    lowest_pressure:
      mood === 'quiet'
        ? { zone: 'Z-04', pressure_pa: ATMOSPHERE + 1940, limit_pa: ATMOSPHERE + 1200 }
        : { zone: 'Z-07', pressure_pa: ATMOSPHERE + 810, limit_pa: ATMOSPHERE + 1200 },
    rtus_heard: mood === 'quiet' ? city.counts.rtus : city.counts.rtus - 2,
    rtus_total: city.counts.rtus,
    meters_heard_24h: city.counts.meters - 29,
    meters_total: city.counts.meters,
    age: { rtu: 4000, commercial: 4_320_000, residential: 32_400_000 },
    gap_yesterday: { rate: 0.0361, unread_share: 0.0064 },
    gap_month: { rate: 0.0492, days: 19 },
    alarms: {
      active,
      unacked: standing.filter((a) => a.state.endsWith('unacked')).length,
      shelved: standing.filter((a) => a.state === 'shelved').length,
      suppressed: standing.filter((a) => a.state === 'suppressed').length,
      last_10_min: mood === 'flood' ? 46 : mood === 'busy' ? 4 : 0,
      flood: mood === 'flood',
    },
    reports_per_s: 341.6,
    log: log,
    store: { state: 'ok', lag_reports: 12 },
  }
}
