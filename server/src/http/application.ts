import type { Readable } from 'node:stream'
import type {
  Alarm,
  CaseRequest,
  CellCoverage,
  City,
  CoverageAssessment,
  DeviceTwin,
  EdgeEstimate,
  GapLedger,
  GapRevision,
  HostileModel,
  HostileTerminal,
  IsolationPlan,
  KeysHealth,
  Leak,
  LeakClosing,
  MetersHealth,
  Models,
  Penetration,
  PlaceClass,
  PolicyRequest,
  PromoteRequest,
  QuarantineItem,
  ReadingFault,
  Replacement,
  ReplacementOrder,
  SafetyMode,
  SecurityReport,
  Series,
  Shutoff,
  SpreadingProposal,
  StepRequest,
  Strip,
  Suspect,
  SuspectEvidence,
  Suspects,
  TruthFinding,
  ZonePeriod,
  ZoneSummary,
} from '../contract/index.ts'
import type { DeviceManagement } from './management.ts'
import type { OrderApplication } from './order-application.ts'
import type { ReadingApplication } from './reading-application.ts'

/** A place before a meter is installed there. */
export interface PlaceQuery {
  readonly rsrp_dbm: number
  readonly through: readonly Penetration[]
  readonly distance_m?: number | undefined
  readonly floor?: 'ground' | 'upper' | undefined
  readonly place?: PlaceClass | undefined
}

export interface SeriesQuery {
  readonly device: string
  readonly quantity: string
  readonly from: number
  readonly to: number
  readonly points: number
}

export interface GapQuery {
  readonly every: 'day' | 'week' | 'month'
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly zone?: string | undefined
}

export interface HealthQuery {
  readonly zone?: string | undefined
  readonly reason?: string | undefined
  readonly limit: number
}

export interface SuspectQuery {
  readonly zone?: string | undefined
  readonly kind?: string | undefined
  /** Those that are not closed when not said. */
  readonly state?: 'new' | 'field_work' | 'closed' | 'all' | undefined
  readonly limit: number
}

/**
 * What HTTP and WebSocket ask of the running service. Methods throw UsageError (API_*, CMD_*) for what the caller got wrong
 * and StoreError for what is down; routes add nothing but transport.
 */
export interface Application extends OrderApplication, ReadingApplication {
  readonly management: DeviceManagement
  city(): City
  zones(): ZoneSummary[]
  zonePeriods(zone: string, every: 'hour' | 'day' | 'month', from: number, to: number): Promise<ZonePeriod[]>
  strip(hours: number, zone: string | undefined): Strip
  alarms(filter: { state?: string | undefined; zone?: string | undefined }): Alarm[]
  acknowledge(id: string, user: string, note: string | undefined): Promise<Alarm>
  shelve(id: string, user: string, minutes: number, reason: string): Promise<Alarm>
  unshelve(id: string, user: string): Promise<Alarm>
  device(number: string): DeviceTwin
  series(query: SeriesQuery): Promise<Series>
  frames(device: string, limit: number): Promise<QuarantineItem[]>
  geometry(): { readonly etag: string; readonly body: Uint8Array }
  mapState(): Uint8Array
  isolation(edge: string): Promise<IsolationPlan>
  estimate(): { readonly etag: string; readonly body: Uint8Array }
  edgeEstimate(edge: string): EdgeEstimate
  leaks(): readonly Leak[]
  /** @throws UsageError API_NOT_FOUND, API_INPUT, NET_UNKNOWN; (rejects) StoreError LOG_FULL */
  closeLeak(id: string, request: LeakClosing, user: string): Promise<Leak>
  gap(query: GapQuery): Promise<GapLedger>
  gapRevisions(limit: number): GapRevision[]
  suspects(query: SuspectQuery): Suspects
  /** Puts on record what somebody does about a suspect. */
  actOnSuspect(meter: string, request: CaseRequest, user: string): Promise<Suspect>
  suspectEvidence(meter: string): SuspectEvidence
  replacements(by: ReplacementOrder): Replacement[]
  /** Meters whose battery or age makes them due. */
  metersHealth(query: HealthQuery): MetersHealth
  /** Learned models in use, refused, compared. */
  models(): Models
  /** The shadow takes the place of the active model. */
  promoteModel(request: PromoteRequest, user: string): Promise<void>
  shutoffs(): Shutoff[]
  requestShutoff(edge: string, planHash: string, reason: string, user: string): Promise<Shutoff>
  approveShutoff(id: string, user: string): Promise<Shutoff>
  abortShutoff(id: string, user: string): Promise<Shutoff>
  safetyMode(zone: string): SafetyMode
  setSafetyMode(zone: string, mode: SafetyMode, user: string): Promise<SafetyMode>
  readingFaults(zone: string | undefined, kind: string | undefined, limit: number): ReadingFault[]
  coverage(zone: string | undefined): CellCoverage[]
  assessCoverage(query: PlaceQuery): CoverageAssessment
  spreading(pci: number, capacityPerMinute: number): SpreadingProposal
  keysHealth(): KeysHealth
  hostileTerminals(): HostileTerminal[]
  /** The security posture as it stands. */
  securityReport(): Promise<SecurityReport>
  /** The learned model that watches terminals. */
  hostileModel(): HostileModel
  stepTerminal(device: string, request: StepRequest, user: string): Promise<HostileTerminal[]>
  setCipherPolicy(
    device: string,
    policy: PolicyRequest['policy'],
    user: string,
  ): Promise<NonNullable<PolicyRequest['policy']>>
  quarantine(limit: number): Promise<QuarantineItem[]>
  /** Demo only: what really happens in the emulated city; null otherwise. */
  truth(): Promise<unknown[] | null>
  /** Demo only: truth against finding. */
  truthFindings(): Promise<TruthFinding[]>
  exportTelemetry(from: number, to: number, format: 'csv' | 'ndjson'): Promise<Readable>
  /** Each part with `ok` and a word; ready when all that must be are. */
  health(): {
    readonly ready: boolean
    readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>
  }
  metrics(): Promise<string>
}
