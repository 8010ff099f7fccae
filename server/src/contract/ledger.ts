import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** What a gap is made of; the estimates add up to the gap. Meanings in docs/GAP.md. */
export const GAP_SHARE_NAMES = [
  'leak',
  'theft',
  'meter_bias',
  'temperature_pressure',
  'timing',
  'unread',
  'unexplained',
] as const
export type GapShareName = (typeof GAP_SHARE_NAMES)[number]

/** 90 % interval and middle; `p50` of shares is the posterior's mean, so that shares add up. */
export const ShareInterval = Type.Object({ p05: Type.Number(), p50: Type.Number(), p95: Type.Number() })
export type ShareInterval = Static<typeof ShareInterval>

export const SUPPLY_STATES = ['measured', 'partly', 'not_measured'] as const

export const LEAK_STANDINGS = ['found', 'repaired', 'not_found', 'other_cause'] as const

const Shares = Type.Object({
  leak: ShareInterval,
  theft: ShareInterval,
  meter_bias: ShareInterval,
  temperature_pressure: ShareInterval,
  timing: ShareInterval,
  unread: ShareInterval,
  unexplained: ShareInterval,
})

/** A leak that was found beside the ledger, and what it takes of the leak share of one period. */
export const KnownLeakPart = Type.Object({
  /** That of `GET /api/v1/leaks`. */
  id: Type.String(),
  kind: Type.Union([Type.Literal('leak'), Type.Literal('rupture')]),
  /** `found`: open or cut off; the others by what people closed it with. */
  standing: Type.Enum(LEAK_STANDINGS),
  from: Instant,
  /** When its flow ended; null while it goes on as far as anybody knows. */
  until: maybe(Instant),
  /** That it is a leak and flowed, after the zone's balance was asked; 0 where people found none. */
  probability: Type.Number(),
  /** Within the period. */
  volume_m3: ShareInterval,
})
export type KnownLeakPart = Static<typeof KnownLeakPart>

/** One zone's gap over a period and where it went; volumes in m³ at the reference state. */
export const GapStatement = Type.Object({
  zone: Type.String(),
  from: Instant,
  to: Instant,
  /** With the hours that nobody measured, as they were filled. */
  supply_m3: Type.Number(),
  /**
   * `measured`: every inlet at every hour. `partly`: what is missing was filled, its doubt is in `unexplained`. `not_measured`: less
   * than half of what came in was measured, or what was filled may err by more than a tenth: no gap can be stated.
   */
  supply_state: Type.Enum(SUPPLY_STATES),
  /** By how much the supply may differ either way for the hours that were filled, 90 %; null for periods that are in the database only. */
  supply_doubt_m3: maybe(Type.Number()),
  sales_m3: Type.Number(),
  linepack_change_m3: Type.Number(),
  own_use_m3: Type.Number(),
  /** Null, like rate and shares, when the supply was not measured. */
  gap_m3: maybe(Type.Number()),
  gap_rate: maybe(Type.Number()),
  /** Share of the hours for which every inlet was measured, 0 … 1. */
  inlet_coverage: Type.Number(),
  meters: Type.Integer(),
  /** Meters whose last reading is older than their schedule allows at the period's end. */
  unread_meters: Type.Integer(),
  shares_m3: maybe(Shares),
  /** Leaks that were found and overlap the period; empty for periods that are in the database only. */
  known_leaks: Type.Array(KnownLeakPart),
  /** Yuan of this period by tariff; timing and unread cost nothing. */
  shares_yuan: maybe(Shares),
  /** 1 when first stated; one more each time that late data changed it, or that a leak in it was found, closed or withdrawn. */
  revision: Type.Integer(),
  stated_at: Instant,
})
export type GapStatement = Static<typeof GapStatement>

/** What is waited for, or what the data of a statement is too short for, with its numbers: for screens in any language. */
export const LedgerReason = Type.Union([
  Type.Object({ code: Type.Literal('starting') }),
  Type.Object({ code: Type.Literal('no_meters') }),
  Type.Object({ code: Type.Literal('few_heard'), heard: Type.Integer(), of: Type.Integer() }),
  /** No day is whole: the first one can be stated before that time. */
  Type.Object({ code: Type.Literal('first_day'), until: Instant }),
  /** No day is whole, though its time has passed: fewer than this share of the meters were read in the first nights. */
  Type.Object({ code: Type.Literal('first_nights'), share: Type.Number() }),
  /** Suspects need readings of so many days. */
  Type.Object({ code: Type.Literal('short'), days: Type.Integer(), needed: Type.Integer() }),
])
export type LedgerReason = Static<typeof LedgerReason>

/** `GET /api/v1/gap?every=day|week|month&from&to[&zone]` */
export const GapLedger = Type.Object({
  /** `waiting`: no whole day is known yet, that is, meters were not read in the nights before and after one. */
  state: Type.Enum(['waiting', 'stated', 'failed']),
  /** One sentence of what is waited for, went wrong, or the data of a statement is too short for; null when there is nothing to say. */
  why: maybe(Type.String()),
  /** The same as a code; null when `why` is, or where something failed. */
  reason: maybe(LedgerReason),
  stated_at: maybe(Instant),
  /** Whole days of readings that the statement rests on. */
  data_from: maybe(Instant),
  data_to: maybe(Instant),
  readings: Type.Integer(),
  took_ms: Type.Number(),
  /** Names the method, so that a number can be computed again. */
  model: Type.String(),
  items: Type.Array(GapStatement),
})
export type GapLedger = Static<typeof GapLedger>

/** What late data or another word about a leak changed in a stated period: `GET /api/v1/gap/revisions?limit`. */
export const GapRevision = Type.Object({
  zone: Type.String(),
  from: Instant,
  to: Instant,
  at: Instant,
  revision: Type.Integer(),
  supply_change_m3: Type.Number(),
  sales_change_m3: Type.Number(),
  /** Null when the gap could not be stated before, or cannot any longer. */
  gap_change_m3: maybe(Type.Number()),
  /** Of the leak share: by the same, or because a leak was found, closed or withdrawn; null like that of the gap. */
  leak_change_m3: maybe(Type.Number()),
})
export type GapRevision = Static<typeof GapRevision>

/** Something that speaks for or against a suspicion, as a code with its value: the console has the words. */
export const SuspectFact = Type.Object({
  code: Type.String(),
  value: maybe(Type.Number()),
  unit: Type.String(),
  at: maybe(Instant),
})
export type SuspectFact = Static<typeof SuspectFact>

/** `reason` codes of suspects; an unknown one is shown as it is. */
export const SUSPECT_FACTS = [
  /** Counts less since `at` than its past and its neighbours foretell; value: share missing. */
  'drop',
  /** Counts less when it is cold; value: share missing. */
  'cold_drop',
  /** Counts less at weekends; value: share missing. */
  'weekend_drop',
  /** Counts nothing on days here and there, where others of its use never do; value: share of such days. */
  'idle_days',
  /** How far the drop is from chance, standard deviations. */
  'strength',
  /** Its own use, m³ a day. */
  'own_use',
  /** Use of the middle one of its size, m³ a day. */
  'peer_use',
  'stands_still',
  'never_moved',
  /** The zone's balance misses gas on the same days / does not / says neither. */
  'zone_misses_gas',
  'zone_misses_nothing',
  'zone_says_nothing',
  /** Highest hourly flow over what its size carries. */
  'utilisation',
  'age_years',
  /** Rank of the learned model over the course of days, 0 … 1. */
  'model_score',
  'tamper',
  'magnet',
  'cover',
  'reverse_flow',
  'valve_closed_but_flowing',
  /** What the learned model sees in the course; value: log odds that it adds. */
  'level_against_peers',
  'zero_days',
  'drop_of_level',
  'rise_of_level',
  'irregular_course',
  'peers_not_followed',
  'shape_over_time',
  /** The flow never reached zero since `at`; value: probability. */
  'never_zero',
  /** Uses more by the same amount on all days since `at`, beside what its town does; value: m³ a day. */
  'risen_floor',
  'fresh_rise',
  /** Flow that passes at all hours, m³/h. */
  'steady_flow',
  /** Flow as on one line for longer than ever at this customer; value: probability. */
  'longest_steady_run',
  /** Nights in a row above the own usual ones, not shared by the peers; value: probability. */
  'restless_nights',
  /** Stands longer than its own pauses foretell; value: probability. */
  'longer_than_its_pauses',
  /** Largest hour, m³/h. */
  'largest_hour',
] as const

/** `theft`, `stopped`, `oversized`: gas that is not counted. `leak_behind_meter`, `small_flow`: gas that is counted and may be wasted. */
export const SUSPECT_KINDS = ['theft', 'stopped', 'oversized', 'leak_behind_meter', 'small_flow'] as const
const REASON = {
  kind: Type.Enum(SUSPECT_KINDS),
  /** That it is so, 0 … 1. */
  probability: Type.Number(),
  since: maybe(Instant),
  /** Not counted, or of a small flow what passes, m³ a day; null when the readings do not tell. */
  m3_per_day: maybe(ShareInterval),
  facts: Type.Array(SuspectFact),
}
export const SuspectReason = Type.Object(REASON)
export type SuspectReason = Static<typeof SuspectReason>

export const SUSPECT_STATES = ['new', 'field_work', 'closed'] as const
export const SUSPECT_CAUSES = ['theft', 'meter_fault', 'nothing', 'other'] as const
const SuspectState = Type.Enum(SUSPECT_STATES)
const SuspectCause = Type.Enum(SUSPECT_CAUSES)

/** What people did about a suspicion last; `new` without a user when nobody did anything. */
export const SuspectCase = Type.Object({
  state: SuspectState,
  at: maybe(Instant),
  user: maybe(Type.String()),
  /** What was found, of closed ones. */
  found: maybe(SuspectCause),
  note: maybe(Type.String()),
  /** It was closed, and evidence has come since: what was found then stands in `found`. */
  again: Type.Boolean(),
})
export type SuspectCase = Static<typeof SuspectCase>

/** `PUT /api/v1/gap/suspects/{meter}/case`. `found` belongs to `closed` and must be there. */
export const CaseRequest = Type.Object({
  state: SuspectState,
  found: Type.Optional(SuspectCause),
  note: Type.Optional(Type.String({ maxLength: 500 })),
})
export type CaseRequest = Static<typeof CaseRequest>

const FINDING = {
  meter: Type.String(),
  /** Device number of the twin: `GET /devices/{number}`. */
  device: Type.String(),
  zone: Type.String(),
  ...REASON,
  yuan_per_month: maybe(Type.Number()),
  lon: maybe(Type.Number()),
  lat: maybe(Type.Number()),
  /** Share of the meters whose course of days the learned model finds less suspicious, 0 … 1; null where none has scored it. */
  model_score: maybe(Type.Number()),
  /** Other reasons, most probable first. */
  also: Type.Array(SuspectReason),
}
/** What the service says of a meter by itself. */
export const SuspectFinding = Type.Object(FINDING)
export type SuspectFinding = Static<typeof SuspectFinding>

/** A meter to look at: the best supported reason, the others, and what people did about it. */
export const Suspect = Type.Object({ ...FINDING, case: SuspectCase })
export type Suspect = Static<typeof Suspect>

/** `GET /api/v1/gap/suspects[?zone&kind&state&limit]`, one row a meter, most probable first; without a state those that are not closed. */
export const Suspects = Type.Object({ items: Type.Array(Suspect), total: Type.Integer(), stated_at: maybe(Instant) })
export type Suspects = Static<typeof Suspects>

/** `GET /api/v1/gap/suspects/{meter}`: the evidence, complete and signed by its own digest. */
export const SuspectEvidence = Type.Object({
  suspect: Suspect,
  /** One row a day: what it used, what its past and its neighbours foretell; null where nothing was read. */
  days: Type.Array(Type.Object({ from: Instant, use_m3: maybe(Type.Number()), expected_m3: maybe(Type.Number()) })),
  events: Type.Array(Type.Object({ code: Type.String(), at: Instant })),
  /** What people did about it, oldest first. */
  acts: Type.Array(SuspectCase),
  model: Type.String(),
  stated_at: Instant,
  /** SM3 of the JSON of all other members, keys in this order, no spaces; hexadecimal. */
  digest_sm3: Type.String(),
})
export type SuspectEvidence = Static<typeof SuspectEvidence>

export const REPLACEMENT_ORDERS = ['m3', 'yuan'] as const
export type ReplacementOrder = (typeof REPLACEMENT_ORDERS)[number]

/** `GET /api/v1/gap/replacements[?by=m3|yuan]`: the 20 meters whose replacement wins most m³, or most yuan, a yuan. */
export const Replacement = Type.Object({
  meter: Type.String(),
  device: Type.String(),
  zone: Type.String(),
  reason: Type.Enum(['stopped', 'too_large', 'worn']),
  age_years: Type.Number(),
  /** Expected, and the 90 % interval of it: a meter that may be sound wins nothing then. */
  won_m3_per_year: Type.Number(),
  won_m3_p05: Type.Number(),
  won_m3_p95: Type.Number(),
  /** What the customer pays for these m³. */
  won_yuan_per_year: Type.Number(),
  /** Price of the exchange; assumed where the service was told no prices of its own. */
  yuan: Type.Number(),
  yuan_assumed: Type.Boolean(),
  m3_per_yuan: Type.Number(),
  yuan_per_yuan: Type.Number(),
})
export type Replacement = Static<typeof Replacement>

/** `GET /api/v1/truth/findings` (demo only): what really happens against what was found. */
export const TruthFinding = Type.Object({
  kind: Type.String(),
  asset: Type.String(),
  begun_at: maybe(Instant),
  found_as: maybe(Type.String()),
  found_at: maybe(Instant),
  probability: maybe(Type.Number()),
  /** Found after it began, for the right reason, and likely enough for a visit. */
  right: Type.Boolean(),
})
export type TruthFinding = Static<typeof TruthFinding>
