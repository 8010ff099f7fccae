import Type, { type Static } from 'typebox'
import { AssetRef } from './alarms.ts'
import { Instant } from './common.ts'
import { COMMAND_PARAMETERS } from './parameters.table.ts'
import { SafetyMode } from './zones.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const PlanValve = Type.Object({
  order: Type.Integer(),
  valve: Type.String(),
  actuator: Type.Union([Type.Literal('remote'), Type.Literal('manual')]),
  travel_minutes: maybe(Type.Number()),
  position: Type.String(),
  lon: Type.Number(),
  lat: Type.Number(),
})

/** What closes, who loses gas, what remains. Free and without effect: a preview. */
export const IsolationPlan = Type.Object({
  edge: Type.String(),
  made_at: Instant,
  /** Changes whenever topology or a valve position changes: a request must name the plan it saw. */
  hash: Type.String(),
  feasible: Type.Boolean(),
  reason: maybe(Type.String({ description: 'code, when not feasible' })),
  close: Type.Array(PlanValve),
  cut_off: Type.Object({
    pipes: Type.Array(Type.String()),
    nodes: Type.Integer(),
    meters: Type.Integer(),
    commercial: Type.Integer(),
    industrial: Type.Integer(),
    protected: Type.Array(Type.Object({ meter: Type.String(), kind: Type.String() })),
    demand_m3_s: maybe(Type.Number()),
  }),
  gas_to_vent_m3: Type.Number(),
  /** null when pressures outside were not computed. */
  lowest_pressure: maybe(
    Type.Object({ node: Type.String(), pressure_pa: Type.Number(), limit_pa: maybe(Type.Number()) }),
  ),
  minutes_total: maybe(Type.Number()),
})
export type IsolationPlan = Static<typeof IsolationPlan>

export const SHUTOFF_STATES = [
  'detected',
  'awaiting_approval',
  'closing',
  'verifying',
  'isolated',
  'failed',
  'aborted',
  'dry_run_complete',
] as const

export const ValveProgress = Type.Object({
  valve: Type.String(),
  state: Type.Enum(['waiting', 'sent', 'accepted', 'closed', 'failed']),
  sent_at: maybe(Instant),
  accepted_at: maybe(Instant),
  confirmed_at: maybe(Instant),
  tries: Type.Integer(),
  error: maybe(Type.String({ description: 'a code, perhaps `:` and a detail' })),
})

/** One shut-off from detection to proof. There is no opening: a person on site opens (S2-18). */
export const Shutoff = Type.Object({
  id: Type.String(),
  mode: SafetyMode,
  state: Type.Enum(SHUTOFF_STATES),
  zone: maybe(Type.String()),
  edge: Type.String(),
  cause: Type.Object({
    kind: Type.Union([Type.Literal('detection'), Type.Literal('operator')]),
    alarm: maybe(Type.String()),
    rules: Type.Array(Type.String()),
    asset: AssetRef,
  }),
  requested_by: maybe(Type.String()),
  approved_by: maybe(Type.String()),
  reason: Type.String(),
  /** Why it failed or was aborted: a code, perhaps `:` and a detail, or the words of who aborted it. */
  ending: maybe(Type.String()),
  created_at: Instant,
  updated_at: Instant,
  plan: IsolationPlan,
  valves: Type.Array(ValveProgress),
  /** Did the flow really stop? Evidence after closing. */
  proof: maybe(
    Type.Object({ code: Type.String(), at: Instant, value: Type.Number(), limit: Type.Number(), unit: Type.String() }),
  ),
  audit_hash: Type.String({ description: 'SM3 of the last audit record of this shut-off' }),
})
export type Shutoff = Static<typeof Shutoff>

export const ShutoffRequest = Type.Object({
  edge: Type.String(),
  plan_hash: Type.String(),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
})
export type ShutoffRequest = Static<typeof ShutoffRequest>
export const ModeRequest = Type.Object({ mode: SafetyMode })

const CommandTerms = {
  /** The same key for the same device is the same command, however often it is asked for. */
  idempotency_key: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' })),
  /** Given up after so many seconds of the service's clock; seven days when not said. */
  expires_in_s: Type.Optional(Type.Integer({ minimum: 60, maximum: 31_536_000 })),
}

/** Who presses the button of a meter, so that what waits for its report arrives within seconds and not with the next timed one. */
export const PRESSERS = ['customer', 'worker'] as const
const Presser = Type.Enum([...PRESSERS])

export const CloseMeterRequest = Type.Object({
  device: Type.String({ pattern: '^[0-9]{1,14}$' }),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
  ...CommandTerms,
})
export type CloseMeterRequest = Static<typeof CloseMeterRequest>

export const CommandPriority = Type.Enum(['urgent', 'normal', 'low'])

/** A setting for one meter; it rides on the answer to a report of the meter. */
export const SettingRequest = Type.Object({
  device: Type.String({ pattern: '^[0-9]{1,14}$' }),
  parameter: Type.Enum([...COMMAND_PARAMETERS]),
  value: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
  priority: Type.Optional(CommandPriority),
  press: Type.Optional(Presser),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
  ...CommandTerms,
})
export type SettingRequest = Static<typeof SettingRequest>

/** Prices by steps: each ends at a volume, the last has no end. A meter takes them at once or from a day of the month on. */
export const PriceTable = Type.Object({
  tiers: Type.Array(
    Type.Object({
      yuan_per_m3: Type.Number({ minimum: 0, maximum: 9_999 }),
      to_m3: maybe(Type.Integer({ minimum: 1, maximum: 999_999 })),
    }),
    { minItems: 1, maxItems: 8 },
  ),
  from_day: maybe(Type.Integer({ minimum: 1, maximum: 28 })),
  /** An instant in the place of a day; meters whose maker has our forms only. */
  from_at: Type.Optional(Instant),
})
export type PriceTable = Static<typeof PriceTable>

/** How a command goes to a meter that does not speak for itself. */
export const CommandRoute = Type.Object({
  concentrator: Type.String(),
  /** From 1, over all concentrators. */
  attempt: Type.Integer(),
  /** The concentrator was told this attempt. */
  told: Type.Boolean(),
  /** Why the attempt before did not reach the meter. */
  failure: maybe(Type.String()),
  not_before: Instant,
  /** Concentrators that did not reach it. */
  tried: Type.Array(Type.String()),
})
export type CommandRoute = Static<typeof CommandRoute>

/** What a meter behind a concentrator can be told. `permit` lets a person on site close the relay of an electricity meter. */
export const MeterOrder = Type.Union([
  Type.Object({ kind: Type.Enum(['close', 'permit', 'clock', 'read']) }),
  Type.Object({ kind: Type.Literal('price'), prices: PriceTable }),
  Type.Object({
    kind: Type.Literal('parameter'),
    parameter: Type.Enum([...COMMAND_PARAMETERS]),
    value: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
  }),
])
export type MeterOrder = Static<typeof MeterOrder>

export const CONNECTION_KINDS = ['apn', 'server_address'] as const

/**
 * What a meter that speaks for itself can be told beside closing, settings, permits and firmware. `read` without a month: as it
 * stands · with one: the register at the begin of each day of it · `log`: the terminal's own log of so many days · `connection`:
 * tried, and left again when the platform is not reached.
 */
export const DeviceOrder = Type.Union([
  Type.Object({ kind: Type.Enum(['clock', 'restart', 'renew_key']) }),
  Type.Object({
    kind: Type.Literal('read'),
    month: Type.Optional(Type.String({ pattern: '^20[0-9]{2}-(0[1-9]|1[0-2])$' })),
  }),
  Type.Object({ kind: Type.Literal('log'), days: Type.Integer({ minimum: 1, maximum: 30 }) }),
  Type.Object({ kind: Type.Literal('price'), prices: PriceTable }),
  Type.Object({
    kind: Type.Literal('connection'),
    setting: Type.Enum([...CONNECTION_KINDS]),
    /** Stored sealed, and masked in every answer. A server's is `host:port`. */
    value: Type.String({ minLength: 1, maxLength: 64, pattern: '^[!-~]+$' }),
  }),
])
export type DeviceOrder = Static<typeof DeviceOrder>

/** `POST /api/v1/commands/orders` */
export const DeviceOrderRequest = Type.Object({
  device: Type.String({ pattern: '^[0-9]{1,14}$' }),
  order: DeviceOrder,
  priority: Type.Optional(CommandPriority),
  press: Type.Optional(Presser),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
  ...CommandTerms,
})
export type DeviceOrderRequest = Static<typeof DeviceOrderRequest>

/** `POST /api/v1/concentrators/{number}/orders` */
export const MeterOrdersRequest = Type.Object({
  order: MeterOrder,
  /** Numbers of its meters; null: all of them. */
  meters: maybe(Type.Array(Type.String({ pattern: '^[0-9]{1,14}$' }), { minItems: 1, maxItems: 2_000 })),
  priority: Type.Optional(CommandPriority),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
  ...CommandTerms,
})
export type MeterOrdersRequest = Static<typeof MeterOrdersRequest>
/**
 * Lets the button at the meter open its valve for some time: the platform itself opens nothing. It waits until a consent of the
 * customer stands on record.
 */
export const PermitRequest = Type.Object({
  device: Type.String({ pattern: '^[0-9]{1,14}$' }),
  /** How long after the device was told its button opens the valve, s. */
  window_s: Type.Integer({ minimum: 300, maximum: 86_400 }),
  /** Refused when no consent covers it, instead of waiting for one. */
  require_consent: Type.Optional(Type.Boolean()),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
  ...CommandTerms,
})
export type PermitRequest = Static<typeof PermitRequest>

export const CONSENT_WAYS = ['written', 'telephone', 'app', 'on_site'] as const

/** The customer agrees that the valve of the meter may be opened at its button. */
export const ConsentRequest = Type.Object({
  device: Type.String({ pattern: '^[0-9]{1,14}$' }),
  /** Who agreed. */
  given_by: Type.String({ minLength: 2, maxLength: 100 }),
  how: Type.Enum([...CONSENT_WAYS]),
  /** Where it can be looked up: number of a letter, of a call. */
  evidence: Type.String({ minLength: 3, maxLength: 200 }),
  until: Instant,
})
export type ConsentRequest = Static<typeof ConsentRequest>

export const ConsentView = Type.Object({
  id: Type.String(),
  point: Type.String(),
  given_by: Type.String({ description: 'masked where a master key seals personal values' }),
  how: Type.Enum([...CONSENT_WAYS]),
  evidence: Type.String(),
  until: Instant,
  recorded_at: Instant,
  recorded_by: Type.String(),
  by_customer: Type.Boolean({ description: 'given by the customer, not recorded by the company' }),
  revoked_at: maybe(Instant),
  revoked_by: maybe(Type.String()),
})
export type ConsentView = Static<typeof ConsentView>

export const COMMAND_KINDS = [
  'close',
  'clock',
  'parameter',
  'permit',
  'price',
  'read',
  'firmware',
  'log',
  'restart',
  'renew_key',
  'connection',
] as const

export const CommandRecord = Type.Object({
  id: Type.Integer(),
  device: Type.String(),
  kind: Type.Enum([...COMMAND_KINDS]),
  state: Type.Enum(['queued', 'sent', 'accepted', 'confirmed', 'expired', 'refused', 'failed', 'cancelled']),
  created_at: Instant,
  updated_at: Instant,
  tries: Type.Integer(),
  cause: Type.String(),
  error: maybe(Type.String()),
  expires_at: Type.Optional(Instant),
  priority: Type.Optional(CommandPriority),
  /** Who was asked to press the meter's button, and when it was pressed. */
  press: Type.Optional(Type.Object({ by: Presser, pressed_at: maybe(Instant) })),
  setting: Type.Optional(Type.Object({ parameter: Type.Enum([...COMMAND_PARAMETERS]), value: Type.Integer() })),
  prices: Type.Optional(PriceTable),
  via: Type.Optional(CommandRoute),
  firmware: Type.Optional(
    Type.Object({
      image: Type.Integer(),
      version: Type.String(),
      from: maybe(Type.String({ description: 'version the device ran when it was ordered' })),
    }),
  ),
  permit: Type.Optional(Type.Object({ window_s: Type.Integer() })),
  read: Type.Optional(
    Type.Object({ month: Type.String(), days: maybe(Type.Integer({ description: 'days of it that the meter told' })) }),
  ),
  /** The terminal's own log: pieces that came, of how many, and their lines. */
  log: Type.Optional(
    Type.Object({
      days: Type.Integer(),
      pieces: maybe(Type.Integer()),
      got: Type.Array(Type.Integer()),
      lines: Type.Integer(),
    }),
  ),
  connection: Type.Optional(
    Type.Object({ setting: Type.Enum([...CONNECTION_KINDS]), value: Type.String({ description: 'masked' }) }),
  ),
  renewal: Type.Optional(
    Type.Object({ before: Type.Integer({ description: 'position of the session that was to be replaced' }) }),
  ),
  consent: Type.Optional(Type.String({ description: 'the consent under which the device was told' })),
  /**
   * What it waits for: the customer's consent, a report of the device to ride on the answer, the device's word, the proof; null when
   * it has ended.
   */
  waiting_for: Type.Optional(maybe(Type.Enum(['consent', 'press', 'uplink', 'answer', 'proof']))),
})
export type CommandRecord = Static<typeof CommandRecord>

/** A button that is to be pressed, so that an order reaches its meter at once: an entry of a work list. */
export const PressTask = Type.Object({
  command: Type.Integer(),
  kind: Type.Enum([...COMMAND_KINDS]),
  device: Type.String(),
  /** Metering point and zone; null where the meter stands at none. */
  meter: maybe(Type.String()),
  zone: maybe(Type.String()),
  by: Presser,
  since: Instant,
  until: Instant,
})
export type PressTask = Static<typeof PressTask>

/** What became of an order for many: a command for each meter, or why there is none. */
export const MeterOrdersAnswer = Type.Object({
  commands: Type.Array(CommandRecord),
  refused: Type.Array(Type.Object({ device: Type.String(), why: Type.String() })),
})
export type MeterOrdersAnswer = Static<typeof MeterOrdersAnswer>
