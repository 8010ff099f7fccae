import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const DeviceSummary = Type.Object({
  number: Type.String({ description: 'device number, up to 14 digits' }),
  kind: Type.Union([Type.Literal('meter'), Type.Literal('rtu'), Type.Literal('valve')]),
  /** Id in the network document (a meter's id is its number). */
  asset: Type.String(),
  zone: maybe(Type.String()),
  lon: maybe(Type.Number()),
  lat: maybe(Type.Number()),
  state: Type.Integer({ description: 'state byte of the map layer' }),
  last_report_at: maybe(Instant),
  last_received_at: maybe(Instant),
})
export type DeviceSummary = Static<typeof DeviceSummary>

/** The twin of one device: everything known now, with its age and quality. */
export const DeviceTwin = Type.Interface([DeviceSummary], {
  meter: maybe(
    Type.Object({
      medium: Type.Optional(Type.Enum(['gas', 'water', 'heat', 'electricity'])),
      size: maybe(Type.String()),
      class: maybe(Type.String()),
      installed_year: maybe(Type.Integer()),
      corrector: Type.Boolean(),
      placement: maybe(Type.String()),
      read_schedule: maybe(Type.String()),
      protected: maybe(Type.String()),
      profile: Type.Optional(maybe(Type.String({ description: 'vendor profile by which its frames are read' }))),
      index_m3: maybe(Type.Number()),
      /** Heat and electricity meters count J. */
      energy_j: Type.Optional(maybe(Type.Number())),
      index_at: maybe(Instant),
      daily_m3: maybe(Type.Number()),
    }),
  ),
  pressure_pa: maybe(Type.Number()),
  temperature_k: maybe(Type.Number()),
  standard_flow_m3_s: maybe(Type.Number()),
  gas_lel: maybe(Type.Number()),
  valve: Type.String(),
  battery_volt: maybe(Type.Number()),
  rsrp_dbm: maybe(Type.Number()),
  sinr_db: maybe(Type.Number()),
  ecl: maybe(Type.Integer()),
  pci: maybe(Type.Integer()),
  good_coverage: maybe(Type.Boolean()),
  clock_error_s: maybe(Type.Number()),
  reports: Type.Integer(),
  duplicates: Type.Integer(),
  late: Type.Integer(),
  /** Device events still standing. */
  events: Type.Array(Type.String()),
  quantities: Type.Array(Type.String({ description: 'quantities with a series' })),
})
export type DeviceTwin = Static<typeof DeviceTwin>

export const Series = Type.Object({
  asset: Type.String(),
  quantity: Type.String(),
  unit: Type.String(),
  from: Instant,
  to: Instant,
  /** raw, or the roll-up used so that at most `points` rows come back. */
  resolution: Type.Enum(['raw', 'hour', 'day', 'month']),
  at: Type.Array(Instant),
  value: Type.Array(maybe(Type.Number())),
  min: Type.Optional(Type.Array(maybe(Type.Number()))),
  max: Type.Optional(Type.Array(maybe(Type.Number()))),
  truncated: Type.Boolean(),
})
export type Series = Static<typeof Series>

/** A frame that was refused, or came from a device nobody knows. */
export const QuarantineItem = Type.Object({
  id: Type.String(),
  reason: Type.String(),
  detail: Type.String(),
  source: Type.String(),
  device: maybe(Type.String()),
  received_at: Instant,
  count: Type.Integer(),
  bytes_hex: Type.String(),
})
export type QuarantineItem = Static<typeof QuarantineItem>
