import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const Level = Type.Enum(['low', 'mid', 'high'])
const Count = Type.Object({ what: Type.String(), count: Type.Integer() })

/** A threat of the founding paper's table (S0 §3.2.1), and what is done about it here. */
export const Threat = Type.Object({
  number: Type.Integer(),
  object: Type.String(),
  threat: Type.String(),
  probability: Level,
  risk: Level,
  /** `met`: detected or prevented here; `partly`: what `by` says and no more; `outside`: no affair of this platform. */
  state: Type.Enum(['met', 'partly', 'outside']),
  by: Type.String(),
  /** What of it was seen since the start of the service, or stands now. */
  seen: Type.Array(Count),
})
export type Threat = Static<typeof Threat>

/** Something that routine assessment found. */
export const SecurityFinding = Type.Object({
  code: Type.Enum([
    'audit_broken',
    'no_master_key',
    'master_key_in_environment',
    'master_key_old',
    'no_authority',
    'platform_certificate_ends',
    'demo_accounts',
    'open_http',
    'few_sessions',
    'concentrators_by_address',
    'concentrators_without_session',
    'dtls_down',
    'dtls_died',
    'rtus_by_address',
    'actuators_in_clear',
    'actuators_without_session',
    'terminals_kept_away',
    'undecryptable_frames',
    'no_learned_watch',
  ]),
  grade: Type.Enum(['serious', 'notable', 'note']),
  text: Type.String(),
  /** The number behind it: days, terminals, frames, a share. */
  value: Type.Number(),
})
export type SecurityFinding = Static<typeof SecurityFinding>

/** `GET /api/v1/security/report`: the security posture as it stands, for routine assessment. No key and no secret is in it. */
export const SecurityReport = Type.Object({
  at: Instant,
  /** Since when counters count: the start of the service. */
  since: Instant,
  threats: Type.Array(Threat),
  /** Gravest first. */
  findings: Type.Array(SecurityFinding),
  /** Terminals by step. */
  terminals: Type.Array(Count),
  devices: Type.Object({ all: Type.Integer(), with_session: Type.Integer() }),
  /** How many are believed by what (`believed_by` of the concentrator). */
  concentrators: Type.Object({
    session: Type.Integer(),
    transport: Type.Integer(),
    address: Type.Integer(),
    nothing: Type.Integer(),
  }),
  /** How many are believed by what. */
  rtus: Type.Object({
    session: Type.Integer(),
    transport: Type.Integer(),
    address: Type.Integer(),
    nothing: Type.Integer(),
  }),
  /** How orders to close leave for remote valves. */
  actuators: Type.Object({ sealed: Type.Integer(), clear: Type.Integer(), nothing: Type.Integer() }),
  /** Users, API keys and delegations by role. */
  access: Type.Array(
    Type.Object({ kind: Type.Enum(['user', 'api_key', 'delegation']), role: Type.String(), count: Type.Integer() }),
  ),
  audit: Type.Object({ ok: Type.Boolean(), records: Type.Integer() }),
})
export type SecurityReport = Static<typeof SecurityReport>
