import Type, { type Static } from 'typebox'
import { Instant, page } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Digits = Type.String({ pattern: '^[0-9]{1,14}$', description: 'device number, up to 14 digits' })
const items = <T extends Type.TSchema>(schema: T) => Type.Object({ items: Type.Array(schema) })

export const METER_MEDIA = ['gas', 'water', 'heat', 'electricity'] as const
/** How a meter is reached; `cellular` meters speak for themselves, the others stand behind a concentrator. */
export const READING_TECHNOLOGIES = ['cellular', 'lora', 'm_bus', 'rs_485'] as const
export const RATE_GROUPS = ['day', 'zone', 'maker', 'technology', 'medium'] as const

/**
 * One group's readings: one value a meter and day is due, from the group's first known day on. `success` counts values that came on their own day, `completeness` also
 * those that came later or were read again, `accuracy` the part of those that came which nothing speaks against. Rates are 0 … 1
 * and null when nothing was due; a rate is 1 only when nothing is missing.
 */
export const ReadingRate = Type.Object({
  /** A day as 2026-03-14, a zone's id ('' for none), a vendor profile ('' for none), a technology, a medium. */
  group: Type.String(),
  meters: Type.Integer(),
  due: Type.Integer(),
  in_time: Type.Integer(),
  read: Type.Integer(),
  accurate: Type.Integer(),
  success: maybe(Type.Number()),
  completeness: maybe(Type.Number()),
  accuracy: maybe(Type.Number()),
})
export type ReadingRate = Static<typeof ReadingRate>

/** `GET /api/v1/readings/rates?by=day|zone|maker|technology|medium&from&to[&zone]`; without times the last 31 whole days. */
export const ReadingRates = Type.Object({
  by: Type.Enum(RATE_GROUPS),
  /** Whole days of the city, [from, to). */
  from: Instant,
  to: Instant,
  items: Type.Array(ReadingRate),
  /** All groups together; `group` is ''. */
  all: ReadingRate,
})
export type ReadingRates = Static<typeof ReadingRates>

export const CONCENTRATOR_STATES = ['never_heard', 'online', 'catching_up', 'silent'] as const
/** Why a concentrator is believed: a session seals what it says, it speaks over DTLS only, or only by the address from which it speaks; `nothing`: its session was ended. */
export const CONCENTRATOR_BELIEFS = ['session', 'transport', 'address', 'nothing'] as const
export const UPLINKS = ['cellular', 'micro_power_radio', 'lan'] as const
export const METER_INTERFACES = ['lora', 'm_bus', 'rs_485'] as const
export const READING_SOURCES = ['meter', 'concentrator', 'next_report'] as const
export const MISSING_REASONS = [
  'no_answer',
  'no_route',
  'bad_frame',
  'not_kept',
  'meter_fault',
  'unknown_meter',
  /** The concentrator did not say a word about the order. */
  'no_word',
  /** Older than what meter and concentrator keep. */
  'too_old',
  /** The concentrator itself is not heard. */
  'concentrator_silent',
] as const

/** A meter is read at these quarters of an hour (0 … 95) of every day (`hour`, `day`), of Mondays, or of the first of the month. */
export const ReadingPlan = Type.Object({
  every: Type.Enum(['hour', 'day', 'week', 'month']),
  slots: Type.Array(Type.Integer({ minimum: 0, maximum: 95 }), { minItems: 1, maxItems: 96 }),
})
export type ReadingPlan = Static<typeof ReadingPlan>

/** How many values came: on time, late by themselves, or by asking meter, concentrator or the next report. */
export const ReadingArrivals = Type.Object({
  in_time: Type.Integer(),
  own: Type.Integer(),
  meter: Type.Integer(),
  concentrator: Type.Integer(),
  next_report: Type.Integer(),
})

/** `GET /api/v1/concentrators` */
export const ConcentratorSummary = Type.Object({
  number: Digits,
  id: Type.String(),
  zone: maybe(Type.String()),
  lon: maybe(Type.Number()),
  lat: maybe(Type.Number()),
  uplink: Type.Enum(UPLINKS),
  /** `catching_up`: values wait in its memory to be passed on. */
  state: Type.Enum(CONCENTRATOR_STATES),
  last_heard_at: maybe(Instant),
  clock_error_s: maybe(Type.Number()),
  believed_by: Type.Enum(CONCENTRATOR_BELIEFS),
  /** Newest address from which it spoke, and when. At a port of its own it is told things for a day after. */
  address: maybe(Type.String()),
  address_at: maybe(Instant),
  meters: Type.Integer(),
  collectors: Type.Integer(),
  /** It holds the whole list of meters and plans as the archive has it. */
  holds_addresses: Type.Boolean(),
  backlog: Type.Integer(),
  /** Values since the platform knows it: due, still looked for, given up. */
  due: Type.Integer(),
  missing: Type.Integer(),
  given_up: Type.Integer(),
  oldest_missing_at: maybe(Instant),
  arrivals: ReadingArrivals,
  /** The version that it said last that it runs. */
  firmware: maybe(Type.String()),
  rsrp_dbm: maybe(Type.Number()),
  sinr_db: maybe(Type.Number()),
  ecl: maybe(Type.Integer()),
  pci: maybe(Type.Integer()),
})
export type ConcentratorSummary = Static<typeof ConcentratorSummary>

/** What a concentrator was told to do and has not done yet. */
export const OpenOrder = Type.Object({
  kind: Type.Enum(['addresses', 'read', 'network']),
  id: maybe(Type.Integer()),
  source: maybe(Type.Enum(READING_SOURCES)),
  meters: Type.Integer(),
  values: Type.Integer(),
})
export type OpenOrder = Static<typeof OpenOrder>

/** `GET /api/v1/concentrators/{number}` */
export const Concentrator = Type.Interface([ConcentratorSummary], {
  collector_list: Type.Array(
    Type.Object({ id: Type.String(), interface: Type.Enum(METER_INTERFACES), meters: Type.Integer() }),
  ),
  orders: Type.Array(OpenOrder),
  /** Meters by the number of meters that pass on for them, 0 … 8; meters without a path are in none. */
  meters_by_hops: Type.Array(Type.Integer()),
  without_route: Type.Integer(),
})
export type Concentrator = Static<typeof Concentrator>

/** `GET /api/v1/concentrators/{number}/meters?limit&cursor[&missing=true]` */
export const ConcentratorMeter = Type.Object({
  number: Digits,
  medium: Type.Enum(METER_MEDIA),
  protocol: Type.Enum(['cjt188', 'dlt645']),
  interface: Type.Enum(METER_INTERFACES),
  collector: maybe(Type.String()),
  plan: ReadingPlan,
  /** Meters that pass on, nearest to the concentrator first; null when no path is known. */
  route: maybe(Type.Array(Digits)),
  signal_dbm: maybe(Type.Number()),
  quantity: Type.String(),
  last_at: maybe(Instant),
  last_value: maybe(Type.Number()),
  missing: Type.Integer(),
  given_up: Type.Integer(),
})
export type ConcentratorMeter = Static<typeof ConcentratorMeter>
export const ConcentratorMeters = page(ConcentratorMeter)

/** `GET /api/v1/readings/missing?limit&cursor[&concentrator&meter&given_up=true|false]`, oldest first. */
export const MissingValue = Type.Object({
  concentrator: Digits,
  meter: Digits,
  due_at: Instant,
  /** Where it is being looked for, or where the search ended. */
  source: Type.Enum(READING_SOURCES),
  tries: Type.Integer(),
  reason: maybe(Type.Enum(MISSING_REASONS)),
  /** An order for it is under way. */
  asked: Type.Boolean(),
  given_up_at: maybe(Instant),
})
export type MissingValue = Static<typeof MissingValue>
export const MissingValues = page(MissingValue)

const Chosen = {
  /** All meters when left out. */
  meters: Type.Optional(Type.Array(Digits, { minItems: 1, maxItems: 2000 })),
  reason: Type.String({ minLength: 3, maxLength: 200 }),
}
/** `POST /api/v1/concentrators/{number}/read`, dispatcher: values due in [from, to] once more; without times the registers as they stand. */
export const ReadRequest = Type.Object({ ...Chosen, from: Type.Optional(Instant), to: Type.Optional(Instant) })
export type ReadRequest = Static<typeof ReadRequest>
/** `POST /api/v1/concentrators/{number}/plan`, dispatcher. */
export const PlanRequest = Type.Object({ ...Chosen, plan: ReadingPlan })
export type PlanRequest = Static<typeof PlanRequest>
/** `POST /api/v1/concentrators/{number}/network`, dispatcher: look for paths anew. */
export const NetworkRequest = Type.Object(Chosen)
export type NetworkRequest = Static<typeof NetworkRequest>
/** What an act came to: it is carried out with the concentrator's next message. */
export const ActAnswer = Type.Object({ concentrator: Digits, meters: Type.Integer(), values: Type.Integer() })
export type ActAnswer = Static<typeof ActAnswer>

export const FAULT_CLASSES = ['device', 'radio', 'synchronised_trigger', 'procedure'] as const
/** A fact that speaks for a fault, as a code with its value: the console has the words. */
export const FaultFact = Type.Object({ code: Type.String(), value: Type.Number(), unit: Type.String() })

/** `GET /api/v1/readings/faults[?zone&class&limit]`: why meters are not heard as they should be, surest first (S0-41). */
export const ReadingFault = Type.Object({
  class: Type.Enum(FAULT_CLASSES),
  /** One meter, or a cell with all its meters. */
  device: maybe(Digits),
  pci: maybe(Type.Integer()),
  zone: maybe(Type.String()),
  meters: Type.Integer(),
  /** 0 … 1 */
  certainty: Type.Number(),
  facts: Type.Array(FaultFact),
})
export type ReadingFault = Static<typeof ReadingFault>
export const ReadingFaults = items(ReadingFault)

/** `GET /api/v1/coverage`: what meters measured, by cell. Good: RSRP > −117.4 dBm and SINR > −3 dB (S0-80). */
export const CellCoverage = Type.Object({
  pci: Type.Integer(),
  meters: Type.Integer(),
  good: Type.Integer(),
  rsrp_dbm: Type.Number({ description: 'median' }),
  sinr_db: Type.Number({ description: 'median' }),
})
export type CellCoverage = Static<typeof CellCoverage>

export const PENETRATIONS = ['none', 'two_brick_walls', 'sheet_iron_box', 'basement'] as const
export type Penetration = (typeof PENETRATIONS)[number]
/** `GET /api/v1/coverage/assessment?rsrp_dbm[&through=two_brick_walls,…&distance_m&floor=ground|upper&place]`, before a meter is installed (S0-81…84). */
export const CoverageAssessment = Type.Object({
  /** Range over the losses of what is between. */
  rsrp_low_dbm: Type.Number(),
  rsrp_high_dbm: Type.Number(),
  /** good: also at the largest loss; doubtful: only at the smallest. */
  verdict: Type.Enum(['good', 'doubtful', 'bad']),
  reasons: Type.Array(Type.String()),
})
export type CoverageAssessment = Static<typeof CoverageAssessment>

/** What a cell's terminals do when they all come back after an outage. */
const Return = Type.Object({ peak_per_minute: Type.Number(), minutes: maybe(Type.Number()) })

/**
 * `GET /api/v1/spreading/{pci}?capacity_per_minute`: settings that fill the valleys of a cell's reading window (S0-33, S0-69…72), as a
 * proposal; each is sent with `POST /commands/settings`.
 */
export const SpreadingProposal = Type.Object({
  pci: Type.Integer(),
  meters: Type.Integer(),
  capacity_per_minute: Type.Number(),
  /** Window of the curves, s after midnight. */
  window_from_s: Type.Integer(),
  window_s: Type.Integer(),
  /** Messages in each minute of the window: as measured, and with the proposal. */
  before: Type.Array(Type.Number()),
  after: Type.Array(Type.Number()),
  peak_before: Type.Number(),
  peak_after: Type.Number(),
  over_before: Type.Integer({ description: 'minutes above the capacity' }),
  over_after: Type.Integer(),
  groups: Type.Array(
    Type.Object({ report_base_s: Type.Integer(), report_spread_s: Type.Integer(), meters: Type.Array(Digits) }),
  ),
  /** After an outage: all at once, and evenly over `spread_minutes`. */
  outage: Type.Object({ spread_minutes: Type.Integer(), at_once: Return, spread: Return }),
})
export type SpreadingProposal = Static<typeof SpreadingProposal>
