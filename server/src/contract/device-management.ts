import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'
import { DeviceSummary } from './devices.ts'
import { COMMAND_PARAMETERS } from './parameters.table.ts'
import { CommandPriority, CommandRecord, DeviceOrder } from './safety.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Number14 = Type.String({ pattern: '^[0-9]{1,14}$' })
const Reason = Type.String({ minLength: 3, maxLength: 500 })

/** What a list of devices can be narrowed to; several hold together. */
export const DEVICE_CONDITIONS = [
  'never_heard',
  'silent',
  'events',
  'low_battery',
  'weak_radio',
  'valve_closed',
  'valve_abnormal',
  'clock_off',
] as const
export const DeviceCondition = Type.Enum(DEVICE_CONDITIONS)
export type DeviceCondition = Static<typeof DeviceCondition>

/** A line of the list of devices. */
export const DeviceRow = Type.Interface([DeviceSummary], {
  /** Number of the device that stands there; another than `number` when the meter was changed. */
  device: Type.String(),
  valve: Type.String(),
  battery_volt: maybe(Type.Number()),
  rsrp_dbm: maybe(Type.Number()),
  sinr_db: maybe(Type.Number()),
  good_coverage: maybe(Type.Boolean()),
  clock_error_s: maybe(Type.Number()),
  silent: Type.Boolean({ description: 'heard once, and not for one and a half of its intervals' }),
  profile: maybe(Type.String()),
  index_m3: maybe(Type.Number()),
  events: Type.Array(Type.String()),
  life: maybe(Type.String()),
  group: maybe(Type.String()),
  tags: Type.Array(Type.String()),
})
export type DeviceRow = Static<typeof DeviceRow>

/** What devices can be filtered by, with how many there are of each; marks are `tag:T`, `group:G`, `life:L`. */
export const DeviceFacets = Type.Object({
  profiles: Type.Array(Type.String()),
  marks: Type.Array(Type.Object({ mark: Type.String(), devices: Type.Integer() })),
})
export type DeviceFacets = Static<typeof DeviceFacets>

export const ArchiveTable = Type.Enum(['devices', 'premises', 'customers'])
export type ArchiveTable = Static<typeof ArchiveTable>

/** Cells of a row of the archive by column; personal ones masked unless they were revealed. */
export const ArchiveCells = Type.Record(Type.String(), Type.String())
export type ArchiveCells = Static<typeof ArchiveCells>

export const ArchiveEdit = Type.Object({ cells: ArchiveCells, reason: Reason })
export type ArchiveEdit = Static<typeof ArchiveEdit>

/** What an import did, or would do. One mistake anywhere and nothing is taken. */
export const ImportOutcome = Type.Object({
  applied: Type.Boolean(),
  rows: Type.Integer(),
  added: Type.Integer(),
  changed: Type.Integer(),
  faults_in_all: Type.Integer(),
  /** The first hundred rows that change, by line of the file; personal values masked. */
  changes: Type.Array(
    Type.Object({
      row: Type.Integer(),
      key: Type.String(),
      is_new: Type.Boolean(),
      cells: Type.Array(Type.Object({ column: Type.String(), before: Type.String(), after: Type.String() })),
    }),
  ),
  /** The first hundred, by line of the file and heading of the column. */
  faults: Type.Array(
    Type.Object({
      row: Type.Integer(),
      column: Type.String(),
      code: Type.String(),
      value: Type.String(),
      words: Type.String(),
    }),
  ),
})
export type ImportOutcome = Static<typeof ImportOutcome>

/** A metering point that came beside the network document, in the words of the document's `meters`. */
export const PointView = Type.Object({
  id: Type.String(),
  node: Type.String({ description: 'empty for a meter of another medium without a node' }),
  zone: Type.Optional(maybe(Type.String())),
  kind: Type.Enum(['gas', 'water', 'heat', 'electricity']),
  size: Type.Optional(maybe(Type.String())),
  class: Type.Optional(maybe(Type.Enum(['residential', 'commercial', 'industrial']))),
  installed_year: Type.Optional(maybe(Type.Integer())),
  corrector: Type.Optional(maybe(Type.Boolean())),
  placement: Type.Optional(maybe(Type.Enum(['indoor', 'outdoor', 'stairwell']))),
  read_schedule: Type.Optional(maybe(Type.String())),
  protected: Type.Optional(maybe(Type.String())),
  profile: Type.Optional(maybe(Type.String())),
  lon: Type.Optional(maybe(Type.Number())),
  lat: Type.Optional(maybe(Type.Number())),
})
export type PointView = Static<typeof PointView>

export const POINT_IMPORT_STATES = ['in_force', 'settling', 'gone'] as const

/** A table of points as it was taken. */
export const PointImportView = Type.Object({
  id: Type.String(),
  at: maybe(Instant),
  user: maybe(Type.String()),
  file: maybe(Type.String()),
  points: Type.Integer(),
  /** How many of them the network has now: a later document may have lost their node or zone. */
  in_force: Type.Integer(),
  first: maybe(Type.String({ description: 'number of the first point of the table' })),
  last: maybe(Type.String()),
  /** `settling`: estimate and gap do not know them yet; `gone`: the document lost the place of all of them. */
  state: Type.Enum([...POINT_IMPORT_STATES]),
})
export type PointImportView = Static<typeof PointImportView>

export const FittingView = Type.Object({
  point: Type.String(),
  device: Type.String(),
  before: Type.String(),
  fitted_at: Instant,
  quantity: Type.String(),
  old_end_m3: Type.Number(),
  new_begin_m3: Type.Number(),
  offset_m3: Type.Number({ description: 'register of the point minus register of the meter' }),
  by: Type.String(),
  reason: Type.String(),
})
export type FittingView = Static<typeof FittingView>

/** A meter is put in the place of another, or first of all at a point that waited for one. */
export const FitRequest = Type.Object({
  point: Number14,
  device: Number14,
  /** When it was fitted; now when not said. */
  fitted_at: Type.Optional(Instant),
  /** Register of the meter that leaves, at its end; its last reading when nobody could read it. */
  old_end_m3: Type.Optional(Type.Number({ minimum: 0, maximum: 1e12 })),
  /** Register of the meter that comes, at its begin. */
  new_begin_m3: Type.Number({ minimum: 0, maximum: 1e12 }),
  reason: Reason,
})
export type FitRequest = Static<typeof FitRequest>

/** What people know of a device: its archive, where it stands, who uses it. */
export const DeviceCard = Type.Object({
  number: Type.String(),
  /** The point at which it stands; null when it stands nowhere. */
  point: maybe(Type.String()),
  /** The device that stands at the point now. */
  device: maybe(Type.String()),
  archive: maybe(ArchiveCells),
  premises: maybe(ArchiveCells),
  customers: Type.Array(ArchiveCells),
  /** Oldest first. */
  fittings: Type.Array(FittingView),
  /** What the device said that it runs, and what it ran before. */
  firmware: maybe(Type.Object({ version: Type.String(), since: Instant, before: maybe(Type.String()) })),
})
export type DeviceCard = Static<typeof DeviceCard>

export const RevealRequest = Type.Object({ reason: Reason })

/** A frame as it came, taken apart. */
export const ExplainedFrame = Type.Object({
  id: Type.String(),
  received_at: Instant,
  source: Type.String(),
  outcome: Type.String(),
  bytes_hex: Type.String(),
  format: Type.String(),
  fields: Type.Array(
    Type.Object({
      offset: Type.Integer(),
      hex: Type.String(),
      name: Type.String(),
      meaning: Type.String(),
    }),
  ),
  problem: maybe(Type.String()),
})
export type ExplainedFrame = Static<typeof ExplainedFrame>

export const DeviceLogLine = Type.Object({
  position: Type.Integer(),
  at: Instant,
  /** A frame of the device, an event it told, a line of its own log, or something the platform did. */
  source: Type.Enum(['device', 'event', 'terminal', 'platform']),
  what: Type.String(),
  detail: Type.String(),
  bytes: Type.Integer(),
})
export type DeviceLogLine = Static<typeof DeviceLogLine>

export const DelegationScope = Type.Object({
  zones: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 100 })),
  marks: Type.Optional(Type.Array(Type.String({ pattern: '^(tag|group):.{1,40}$' }), { maxItems: 100 })),
  devices: Type.Optional(Type.Array(Number14, { maxItems: 10_000 })),
})
export type DelegationScope = Static<typeof DelegationScope>
const DelegatedRole = Type.Enum(['viewer', 'dispatcher', 'safety'])

export const DelegationRequest = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 64 }),
  role: DelegatedRole,
  scope: DelegationScope,
  expires_in_s: Type.Integer({ minimum: 60, maximum: 157_680_000 }),
  reason: Reason,
})
export type DelegationRequest = Static<typeof DelegationRequest>

/** The right of another application to deal with some devices. */
export const DelegationView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: DelegatedRole,
  scope: DelegationScope,
  granted_by: Type.String(),
  granted_at: Instant,
  expires_at: Instant,
  revoked_at: maybe(Instant),
  revoked_by: maybe(Type.String()),
  reason: Type.String(),
})
export type DelegationView = Static<typeof DelegationView>
/** … with its key, which is told this once. */
export const GrantedDelegation = Type.Interface([DelegationView], { key: Type.String() })
export type GrantedDelegation = Static<typeof GrantedDelegation>

/** Which devices: the same words as in the list of devices. */
/** Meters when no kind is said; concentrators have no profile and no conditions. */
export const CampaignFilter = Type.Object({
  kind: Type.Optional(Type.Enum(['meter', 'concentrator'])),
  zone: Type.Optional(Type.String({ maxLength: 200 })),
  query: Type.Optional(Type.String({ maxLength: 64 })),
  profile: Type.Optional(Type.String({ maxLength: 100 })),
  mark: Type.Optional(Type.String({ maxLength: 50 })),
  conditions: Type.Optional(Type.Array(DeviceCondition, { maxItems: 8 })),
  devices: Type.Optional(Type.Array(Number14, { maxItems: 20_000 })),
})
export type CampaignFilter = Static<typeof CampaignFilter>

export const CampaignRequest = Type.Object({
  name: Type.String({ minLength: 3, maxLength: 100 }),
  filter: CampaignFilter,
  /** A setting and its value, the number of a firmware image, or an order: one of the three. */
  parameter: Type.Optional(Type.Enum([...COMMAND_PARAMETERS])),
  value: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
  firmware: Type.Optional(Type.Integer({ minimum: 1 })),
  order: Type.Optional(DeviceOrder),
  priority: Type.Optional(CommandPriority),
  canary: Type.Integer({ minimum: 1, maximum: 5_000 }),
  wave: Type.Integer({ minimum: 1, maximum: 5_000 }),
  /** Share of a wave that may fail, 0…1. */
  stop_rate: Type.Number({ minimum: 0, maximum: 1 }),
  expires_in_s: Type.Optional(Type.Integer({ minimum: 60, maximum: 2_592_000 })),
  per_cell: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000 })),
  /** Devices the filter found when the operator looked; refused when it finds others by now. */
  expected_devices: Type.Integer({ minimum: 1 }),
  reason: Reason,
})
export type CampaignRequest = Static<typeof CampaignRequest>

const Counts = { confirmed: Type.Integer(), failed: Type.Integer(), cancelled: Type.Integer() }

export const CampaignView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** What it gives: a setting, an image, or the plan of a radio cell. */
  setting: maybe(Type.Object({ parameter: Type.Enum([...COMMAND_PARAMETERS]), value: Type.Integer() })),
  firmware: maybe(Type.Object({ image: Type.Integer(), version: Type.String() })),
  /** A connection's value masked. */
  order: maybe(Type.Pick(CommandRecord, ['kind', 'read', 'log', 'prices', 'connection'])),
  spreading: maybe(Type.Object({ pci: Type.Integer() })),
  rollback_of: maybe(Type.String()),
  approved_by: maybe(Type.String()),
  priority: CommandPriority,
  filter: Type.String(),
  targets: Type.Integer(),
  canary: Type.Integer(),
  wave: Type.Integer(),
  stop_rate: Type.Number(),
  per_cell: Type.Integer(),
  reason: Type.String(),
  by: Type.String(),
  created_at: Instant,
  updated_at: Instant,
  /** `proposed`: it reaches so many that a second person must agree. */
  state: Type.Enum(['proposed', 'running', 'paused', 'stopped', 'cancelled', 'done']),
  /** 0 is the canary. */
  at_wave: Type.Integer(),
  waves: Type.Integer(),
  ending: maybe(Type.String({ description: 'a code, perhaps `:` and a detail' })),
  /** The wave under way. */
  progress: Type.Object({
    targets: Type.Integer(),
    waiting: Type.Integer(),
    queued: Type.Integer(),
    sent: Type.Integer(),
    ...Counts,
  }),
  /** Waves that are over. */
  past: Type.Object(Counts),
})
export type CampaignView = Static<typeof CampaignView>

export const CampaignChange = Type.Object({ state: Type.Enum(['paused', 'running', 'cancelled']), reason: Reason })
export type CampaignChange = Static<typeof CampaignChange>

export const CampaignApproval = Type.Object({ reason: Reason })

const CarefulSteps = {
  canary: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000 })),
  wave: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000 })),
  stop_rate: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
}

/** The devices that a firmware campaign changed go back to what they ran before; the steps are that campaign's when not said. */
export const RollbackRequest = Type.Object({
  /** The image to go back to; needed when they came from more than one version. */
  firmware: Type.Optional(Type.Integer({ minimum: 1 })),
  ...CarefulSteps,
  reason: Reason,
})
export type RollbackRequest = Static<typeof RollbackRequest>

/** The plan of a radio cell, as a campaign: base time, k and x of each of its daily meters. */
export const SpreadingRequest = Type.Object({
  capacity_per_minute: Type.Integer({ minimum: 1, maximum: 10_000 }),
  /** Meters of the plan that the operator saw; refused when there are others by now. */
  expected_meters: Type.Integer({ minimum: 1 }),
  ...CarefulSteps,
  reason: Reason,
})
export type SpreadingRequest = Static<typeof SpreadingRequest>

/** Devices that a filter finds, for a campaign that is being written. */
export const CampaignPreview = Type.Object({
  devices: Type.Integer(),
  sample: Type.Array(Type.String()),
  second_person: Type.Boolean({ description: 'so many wait until somebody else agrees' }),
})
export type CampaignPreview = Static<typeof CampaignPreview>
