import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const ALARM_STATES = [
  'active_unacked',
  'active_acked',
  'cleared_unacked',
  'cleared',
  'shelved',
  'suppressed',
] as const
export type AlarmState = (typeof ALARM_STATES)[number]

export const AssetRef = Type.Object({ kind: Type.String(), id: Type.String() })

export const Evidence = Type.Object({
  code: Type.String(),
  at: Instant,
  asset: Type.Optional(AssetRef),
  value: Type.Optional(Type.Number()),
  limit: Type.Optional(Type.Number()),
  unit: Type.Optional(Type.String()),
})

/** The server sends codes and numbers; the console has the sentences (zh, en). */
export const Alarm = Type.Object({
  id: Type.String(),
  rule: Type.String(),
  priority: Type.Enum([1, 2, 3, 4]),
  state: Type.Enum(ALARM_STATES),
  asset: AssetRef,
  zone: maybe(Type.String()),
  lon: maybe(Type.Number()),
  lat: maybe(Type.Number()),
  since: Instant,
  raised_at: Instant,
  updated_at: Instant,
  cleared_at: maybe(Instant),
  value: Type.Number(),
  limit: Type.Number(),
  unit: Type.String(),
  /** Code of what happens if nobody acts, with the numbers it needs (meters at risk …). */
  consequence: Type.String(),
  affected_meters: maybe(Type.Integer()),
  /** Code of what to do first. */
  action: Type.String(),
  evidence: Type.Array(Evidence),
  occurrences: Type.Integer(),
  acked_at: maybe(Instant),
  acked_by: maybe(Type.String()),
  ack_note: maybe(Type.String()),
  shelved_until: maybe(Instant),
  shelved_by: maybe(Type.String()),
  shelve_reason: maybe(Type.String()),
  suppressed_by: maybe(Type.String({ description: 'id of the alarm that explains this one' })),
})
export type Alarm = Static<typeof Alarm>

export const AckRequest = Type.Object({ note: Type.Optional(Type.String({ maxLength: 500 })) })
export const ShelveRequest = Type.Object({
  minutes: Type.Integer({ minimum: 1, maximum: 480 }),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
})

export const AlarmKpis = Type.Object({
  active: Type.Array(Type.Integer(), { description: 'by priority 1…4' }),
  unacked: Type.Integer(),
  shelved: Type.Integer(),
  suppressed: Type.Integer(),
  last_10_min: Type.Integer(),
  flood: Type.Boolean(),
})
export type AlarmKpis = Static<typeof AlarmKpis>
