import Type, { type Static } from 'typebox'

/** Unix ms, whole. All instants of the API are numbers of this kind; exports print ISO 8601. */
export const Instant = Type.Number({ description: 'Unix time, ms' })

/** RFC 9457. `code` is one of docs/ERRORS.md. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  instance: Type.Optional(Type.String()),
  context: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type Problem = Static<typeof Problem>

export const ROLES = ['viewer', 'dispatcher', 'safety', 'admin'] as const
export const Role = Type.Enum(ROLES)
export type Role = (typeof ROLES)[number]

export const SignIn = Type.Object({ user: Type.String({ maxLength: 64 }), password: Type.String({ maxLength: 256 }) })
export type SignIn = Static<typeof SignIn>
export const Session = Type.Object({
  token: Type.String(),
  user: Type.String(),
  role: Role,
  /** Where the account may look and act; not there for the whole city. */
  area: Type.Optional(
    Type.Object({ zones: Type.Optional(Type.Array(Type.String())), marks: Type.Optional(Type.Array(Type.String())) }),
  ),
  expires_at: Instant,
})
export type Session = Static<typeof Session>

/** Keyset pagination: pass `next` back as `cursor` until it is null. */
export const page = <T extends Type.TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next: Type.Union([Type.String(), Type.Null()]), total: Type.Integer() })
export interface Page<T> {
  items: T[]
  next: string | null
  total: number
}

/** What the console needs before anything else. */
export const City = Type.Object({
  name: Type.String(),
  time_zone: Type.String(),
  centre: Type.Object({ lon: Type.Number(), lat: Type.Number() }),
  bounds: Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number()], {
    description: 'west, south, east, north',
  }),
  /** Service clock. In a demo it runs `speed` times faster than the wall. */
  now: Instant,
  speed: Type.Number(),
  demo: Type.Boolean(),
  scenario: Type.Union([Type.String(), Type.Null()]),
  counts: Type.Object({
    meters: Type.Integer(),
    rtus: Type.Integer(),
    valves: Type.Integer(),
    pipes: Type.Integer(),
    zones: Type.Integer(),
  }),
  gap_target_rate: Type.Number(),
  gap_tolerance_rate: Type.Number(),
  version: Type.String(),
})
export type City = Static<typeof City>
