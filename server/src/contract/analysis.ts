import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/**
 * `GET /api/v1/map/estimate` → GMC1 with `EstimateMeta`: what the hydraulic state estimate says of every pipe, made once a minute;
 * ETag. Pipes in the map's numbering.
 *
 * | column | type | content |
 * |---|---|---|
 * | `pipe_pressure`, `pipe_pressure_sigma` | f32 | Pa absolute at the middle of the pipe, one standard deviation; NaN without supply |
 * | `pipe_flow`, `pipe_flow_sigma` | f32 | m³/s at the reference state, positive from the pipe's first point to its last |
 * | `pipe_velocity` | f32 | m/s |
 * | `pipe_blind` | u8 | 0 … 255: what is left of the uncertainty that there was before any measurement; 255 = nothing measured tells of it |
 * | `pipe_leak` | f32 | probability that a leak of an open incident is in this pipe, all incidents together |
 */
export const EstimateSensor = Type.Object({
  rtu: Type.String(),
  kind: Type.Union([Type.Literal('pressure'), Type.Literal('flow')]),
  /** Pa absolute or m³/s at the reference state; null when it is silent. */
  measured: maybe(Type.Number()),
  /** What all other instruments say. */
  expected: maybe(Type.Number()),
  /** Their difference in standard deviations. */
  residual: maybe(Type.Number()),
  state: Type.Enum(['used', 'silent', 'left_out']),
  /** Why it is not believed: a code. */
  reason: maybe(Type.Enum(['stuck', 'drift', 'spread'])),
})
export type EstimateSensor = Static<typeof EstimateSensor>

/** A place where one more pressure transmitter would tell most. */
export const NextRtu = Type.Object({
  node: Type.String(),
  lon: Type.Number(),
  lat: Type.Number(),
  zone: maybe(Type.String()),
  /** Share of the present uncertainty that it would take away. */
  gain: Type.Number(),
})

export const EstimateMeta = Type.Object({
  snapshot: Type.Integer(),
  /** The minute that is estimated. */
  at: Instant,
  /** `waiting`: not enough has been heard yet. */
  status: Type.Enum(['converged', 'stalled', 'no_source', 'waiting']),
  /** Root mean square of what readings and model disagree by, in standard deviations: near 1 when the model fits, above 3 it does not. */
  misfit: maybe(Type.Number()),
  /** Wall time that the estimate took, ms. */
  took_ms: Type.Number(),
  sensors: Type.Array(EstimateSensor),
  next_rtus: Type.Array(NextRtu),
  /** When friction and offsets were last learned from history; null before. */
  calibrated_at: maybe(Instant),
})
export type EstimateMeta = Static<typeof EstimateMeta>

const Quantiles = Type.Object({ p05: Type.Number(), p50: Type.Number(), p95: Type.Number() })

/** What a crew found: a leak that it mended, another cause, or nothing. */
export const LEAK_FOUND = ['repaired', 'other', 'nothing'] as const

const LeakSaid = Type.Object({ at: Instant, user: Type.String(), found: Type.Enum(LEAK_FOUND) })

/** How a leak ended. */
export const LeakClosed = Type.Object({
  ...LeakSaid.properties,
  /** Where it was. */
  pipe: maybe(Type.String()),
  note: maybe(Type.String()),
  /** What people said of it earlier, oldest first: the leak was closed then. Absent when this is the first word. */
  before: Type.Optional(Type.Array(LeakSaid)),
})
export type LeakClosed = Static<typeof LeakClosed>

/**
 * `POST /api/v1/leaks/{id}/close`. Unless it was repaired, its flow counts as usual from then on, so that the next leak shows. A leak
 * that was closed as nothing or as another cause may be closed again with what was found after all.
 */
export const LeakClosing = Type.Object({
  found: Type.Enum(LEAK_FOUND),
  pipe: Type.Optional(Type.String({ maxLength: 200 })),
  note: Type.Optional(Type.String({ maxLength: 500 })),
})
export type LeakClosing = Static<typeof LeakClosing>

/** One thing that speaks for a leak, or against it. */
export const LeakEvidence = Type.Object({
  code: Type.Enum([
    /** Uncounted flow by the forecast of use, by registers of homes, m³/s. */
    'flow_by_forecast',
    'flow_by_registers',
    /** Natural logarithm of the odds for a leak: by flows and registers, by pressures, by all together. */
    'odds_by_balance',
    'odds_by_pressures',
    'odds',
    /** Hours of pressures that were compared. */
    'pressure_hours',
  ]),
  value: Type.Number(),
  unit: Type.Enum(['m3/s', '1', 'h']),
})
export type LeakEvidence = Static<typeof LeakEvidence>

/** A leak from first suspicion to its end, with what speaks for it. */
export const Leak = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal('leak'), Type.Literal('rupture')]),
  state: Type.Enum(['suspected', 'confirmed', 'located', 'isolated', 'closed', 'dismissed']),
  zone: Type.String(),
  suspected_at: Instant,
  detected_at: maybe(Instant),
  started_at: Instant,
  /** Most probable first; `position` is the share of the pipe's length from its `from` end. */
  candidates: Type.Array(Type.Object({ pipe: Type.String(), probability: Type.Number(), position: Type.Number() })),
  standard_flow_m3_s: Quantiles,
  evidence: Type.Array(LeakEvidence),
  /** By whom and with what it was closed; null before. */
  closed: maybe(LeakClosed),
})
export type Leak = Static<typeof Leak>

/** The estimate of one edge, for its panel. */
export const EdgeEstimate = Type.Object({
  edge: Type.String(),
  /** Null, as are all values then, while there is no converged estimate of the last quarter of an hour. */
  at: maybe(Instant),
  pressure_from_pa: maybe(Type.Number()),
  pressure_to_pa: maybe(Type.Number()),
  pressure_sigma_pa: maybe(Type.Number()),
  flow_m3_s: maybe(Type.Number()),
  flow_sigma_m3_s: maybe(Type.Number()),
  velocity_m_s: maybe(Type.Number()),
})
export type EdgeEstimate = Static<typeof EdgeEstimate>
