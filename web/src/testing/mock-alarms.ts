import type { Alarm } from '@gastwin/server/contract'
import { ATMOSPHERE, type MiniCity } from './mini-city.ts'
import { plainAlarm } from './plain-alarm.ts'

export type MockMood = 'quiet' | 'busy' | 'flood'

export function mockAlarms(city: MiniCity, now: number, mood: MockMood): Alarm[] {
  if (mood === 'quiet') return []
  let n = 0
  const rtu = (i: number) => ({
    asset: { kind: 'rtu', id: city.meta.rtu_ids[i] ?? '' },
    zone: city.meta.zones[city.rtuZone[i] ?? 0]?.id ?? null,
    lon: city.rtuPlace[i]?.[0] ?? null,
    lat: city.rtuPlace[i]?.[1] ?? null,
  })
  const zone = (i: number) => ({
    asset: { kind: 'zone', id: city.meta.zones[i]?.id ?? '' },
    zone: city.meta.zones[i]?.id ?? null,
  })
  const alarm = (minutes: number, change: Partial<Alarm>): Alarm =>
    plainAlarm({
      id: `A-${String(++n).padStart(4, '0')}`,
      since: now - minutes * 60_000,
      raised_at: now - minutes * 60_000,
      updated_at: now,
      unit: '1',
      ...change,
    })
  const list = [
    alarm(1, {
      rule: 'gas_detected',
      priority: 1,
      ...rtu(18),
      value: 0.12,
      limit: 0.1,
      consequence: 'fire_or_explosion',
      action: 'clear_area_and_send_crew',
      affected_meters: 212,
      evidence: [
        {
          code: 'gas_lel',
          at: now - 60_000,
          asset: { kind: 'rtu', id: 'RTU-019' },
          value: 0.12,
          limit: 0.1,
          unit: '1',
        },
      ],
    }),
    alarm(4, {
      ...rtu(25),
      value: ATMOSPHERE + 810,
      limit: ATMOSPHERE + 1200,
      unit: 'Pa',
      affected_meters: 1284,
      evidence: [
        {
          code: 'pressure',
          at: now - 240_000,
          asset: { kind: 'rtu', id: 'RTU-026' },
          value: ATMOSPHERE + 810,
          limit: ATMOSPHERE + 1200,
          unit: 'Pa',
        },
        {
          code: 'pressure_fall',
          at: now - 250_000,
          asset: { kind: 'rtu', id: 'RTU-026' },
          value: 1290,
          limit: 400,
          unit: 'Pa',
        },
      ],
    }),
    alarm(190, {
      rule: 'zone_mass_balance',
      ...zone(1),
      state: 'active_acked',
      acked_at: now - 180 * 60_000,
      acked_by: 'wang',
      ack_note: '巡检已派出',
      value: 0.0148,
      limit: 0.006,
      unit: 'm3/s',
      consequence: 'gas_escapes_in_zone',
      action: 'open_zone_and_send_survey',
      affected_meters: 500,
      occurrences: 3,
    }),
    alarm(22, {
      rule: 'silence',
      priority: 3,
      ...rtu(13),
      value: 1320,
      limit: 300,
      unit: 's',
      consequence: 'asset_not_supervised',
      action: 'check_power_and_radio',
    }),
    alarm(31, {
      rule: 'valve_abnormal',
      priority: 3,
      asset: { kind: 'valve', id: city.meta.valve_ids[7] ?? '' },
      zone: 'Z-01',
      lon: city.valvePlace[7]?.[0] ?? null,
      lat: city.valvePlace[7]?.[1] ?? null,
      state: 'cleared_unacked',
      cleared_at: now - 60_000,
      consequence: 'shut_off_not_possible_here',
      action: 'send_fitter_to_valve',
    }),
    alarm(55, {
      rule: 'prolonged_small_flow',
      priority: 3,
      ...zone(8),
      state: 'active_acked',
      value: 14,
      limit: 1,
      unit: 'm3/s',
      consequence: 'leak_behind_meter',
      action: 'warn_customer_and_check_appliances',
      affected_meters: 14,
    }),
    alarm(300, {
      rule: 'battery_low',
      priority: 4,
      ...zone(3),
      state: 'active_acked',
      value: 37,
      limit: 3.2,
      unit: 'V',
      consequence: 'meter_closes_valve_when_empty',
      action: 'plan_battery_change',
      affected_meters: 37,
    }),
    alarm(700, {
      rule: 'stopped_meter',
      priority: 4,
      ...zone(5),
      state: 'active_acked',
      value: 6,
      limit: 1,
      unit: 's',
      consequence: 'use_not_billed',
      action: 'replace_meter',
      affected_meters: 6,
    }),
    alarm(800, {
      rule: 'night_flow',
      priority: 4,
      ...zone(9),
      value: 3,
      limit: 1,
      unit: 'm3/s',
      consequence: 'leak_or_theft_at_customer',
      action: 'compare_with_zone_and_visit',
      affected_meters: 3,
    }),
    alarm(900, {
      rule: 'cover_open',
      priority: 4,
      ...zone(2),
      state: 'shelved',
      shelved_until: now + 5_000_000,
      shelved_by: 'li',
      shelve_reason: '检修班现场作业',
      value: 2,
      consequence: 'gas_taken_unmetered',
      action: 'send_inspector',
    }),
    alarm(22, {
      ...rtu(13),
      state: 'suppressed',
      suppressed_by: 'A-0004',
      value: ATMOSPHERE + 900,
      limit: ATMOSPHERE + 1200,
      unit: 'Pa',
    }),
  ]
  if (mood === 'flood')
    for (let i = 0; i < 46; i++)
      list.push(
        alarm(i / 6, {
          ...rtu(i),
          priority: i % 4 === 0 ? 2 : 3,
          rule: i % 2 === 0 ? 'pressure_low' : 'silence',
          value: i % 2 === 0 ? ATMOSPHERE + 700 : 900,
          limit: i % 2 === 0 ? ATMOSPHERE + 1200 : 300,
          unit: i % 2 === 0 ? 'Pa' : 's',
        }),
      )
  return list
}
