import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const HEALTH_REASONS = ['battery_low', 'battery', 'over_age'] as const

/** A battery as the last two months of reports show it, and its forecast (docs/METER-HEALTH.md). */
export const BatteryHealth = Type.Object({
  /** At 20 °C where the meter tells its temperature, V. */
  volt: Type.Number(),
  /** Own trend, V a year; null below four weeks. */
  volt_per_year: maybe(Type.Number()),
  reports_per_day: Type.Number(),
  rsrp_dbm: maybe(Type.Number()),
  /** Years until it is empty: middle and 90 % interval; null when neither voltage nor charge tells. */
  years_left: maybe(Type.Object({ p05: Type.Number(), p50: Type.Number(), p95: Type.Number() })),
  /** `voltage` its own trend, `fleet` the decline of all with age, `charge` what was drawn of it, `own_word` the meter calls it low. */
  basis: Type.Array(Type.Enum(['voltage', 'fleet', 'charge', 'own_word'])),
})
export type BatteryHealth = Static<typeof BatteryHealth>

/** A meter that has to be visited: why and until when, the most urgent reason first. */
export const MeterDue = Type.Object({
  meter: Type.String(),
  /** Device number of the twin. */
  device: Type.String(),
  zone: Type.String(),
  reasons: Type.Array(Type.Object({ reason: Type.Enum(HEALTH_REASONS), due_at: Instant })),
  due_at: Instant,
  age_years: maybe(Type.Number()),
  battery: maybe(BatteryHealth),
})
export type MeterDue = Static<typeof MeterDue>

/** `GET /api/v1/health/meters[?zone&reason&limit]`: due within a year, most urgent first. */
export const MetersHealth = Type.Object({
  /** Null before the thread has read the log. */
  stated_at: maybe(Instant),
  horizon_days: Type.Integer(),
  meters: Type.Integer(),
  /** Meters that told a voltage within two months; that call their battery low or are at its end; small ones past ten years. */
  with_battery: Type.Integer(),
  battery_low: Type.Integer(),
  over_age: Type.Integer(),
  /** How voltages fall with age over the fleet, V a year; null when it cannot be told. */
  decline_v_per_year: maybe(Type.Number()),
  items: Type.Array(MeterDue),
  total: Type.Integer(),
})
export type MetersHealth = Static<typeof MetersHealth>
