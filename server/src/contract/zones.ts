import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const nullableNumber = Type.Union([Type.Number(), Type.Null()])

/** One zone's balance over a period, m³ at the reference state; field meanings in docs/UNITS.md. */
export const ZonePeriod = Type.Object({
  zone: Type.String(),
  from: Instant,
  to: Instant,
  supply_m3: Type.Number(),
  sales_m3: Type.Number(),
  linepack_change_m3: Type.Number(),
  own_use_m3: Type.Number(),
  gap_m3: Type.Number(),
  gap_rate: nullableNumber,
  temperature_pressure_m3: Type.Number(),
  unread_m3: Type.Number(),
  unread_meters: Type.Integer(),
  meters: Type.Integer(),
  inlet_coverage: Type.Number(),
})
export type ZonePeriod = Static<typeof ZonePeriod>

export const SAFETY_MODES = ['automatic', 'approval', 'dry_run'] as const
export const SafetyMode = Type.Enum(SAFETY_MODES)
export type SafetyMode = (typeof SAFETY_MODES)[number]

export const ZoneSummary = Type.Object({
  id: Type.String(),
  name: Type.String(),
  meters: Type.Integer(),
  /** Live supply, m³/s at the reference state; null when an inlet is not heard. */
  supply_m3_s: nullableNumber,
  /** Live use, an ESTIMATE from registers and profiles (most meters report once a day), m³/s. */
  sales_estimate_m3_s: nullableNumber,
  lowest_pressure_pa: nullableNumber,
  lowest_pressure_at: Type.Union([Type.String(), Type.Null()]),
  min_pressure_pa: nullableNumber,
  /** The last complete city day, and the last 24 hours. */
  yesterday: Type.Union([ZonePeriod, Type.Null()]),
  last_24h: Type.Union([ZonePeriod, Type.Null()]),
  safety_mode: SafetyMode,
})
export type ZoneSummary = Static<typeof ZoneSummary>

/** The time strip: one row per step, whole city or one zone. */
export const StripPoint = Type.Object({
  at: Instant,
  supply_m3: nullableNumber,
  sales_estimate_m3: nullableNumber,
  gap_m3: nullableNumber,
})
export type StripPoint = Static<typeof StripPoint>
export const Strip = Type.Object({ from: Instant, to: Instant, step_ms: Type.Number(), points: Type.Array(StripPoint) })
export type Strip = Static<typeof Strip>
