import type { Readable } from 'node:stream'
import type {
  ActAnswer,
  Alarm,
  CaseRequest,
  CellCoverage,
  City,
  CloseMeterRequest,
  CommandRecord,
  Concentrator,
  ConcentratorMeter,
  ConcentratorSummary,
  ConsentRequest,
  ConsentView,
  CoverageAssessment,
  CustomerAnswer,
  CustomerQuestion,
  DeviceOrderRequest,
  DeviceTwin,
  EdgeEstimate,
  GapLedger,
  GapRevision,
  HostileModel,
  HostileTerminal,
  InvitationRequest,
  InvitationView,
  IsolationPlan,
  KeysHealth,
  Leak,
  LeakClosing,
  MadeInvitation,
  MeterOrdersAnswer,
  MeterOrdersRequest,
  MetersHealth,
  MissingValue,
  Models,
  NetworkRequest,
  Page,
  PermitRequest,
  PLACE_CLASSES,
  PlanRequest,
  PolicyRequest,
  PressTask,
  PromoteRequest,
  QuarantineItem,
  ReadingFault,
  ReadingRates,
  ReadRequest,
  Replacement,
  ReplacementOrder,
  SafetyMode,
  SecurityReport,
  Series,
  SettingRequest,
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

export interface PageQuery {
  readonly cursor?: string | undefined
  readonly limit: number
}

export interface MissingQuery extends PageQuery {
  readonly concentrator?: string | undefined
  readonly meter?: string | undefined
  readonly given_up?: boolean | undefined
}

export interface RatesQuery {
  readonly by: ReadingRates['by']
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly zone?: string | undefined
}

/** A place before a meter is installed there. */
export interface PlaceQuery {
  readonly rsrp_dbm: number
  readonly through: readonly ('none' | 'two_brick_walls' | 'sheet_iron_box' | 'basement')[]
  readonly distance_m?: number | undefined
  readonly floor?: 'ground' | 'upper' | undefined
  readonly place?: (typeof PLACE_CLASSES)[number] | undefined
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
export interface Application {
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
  /** Queues the closing of a meter's own valve for its next report. */
  closeMeter(request: CloseMeterRequest, user: string): Promise<CommandRecord>
  setParameter(request: SettingRequest, user: string): Promise<CommandRecord>
  /** Any other order for a meter. */
  orderDevice(request: DeviceOrderRequest, user: string): Promise<CommandRecord>
  cancelCommand(id: number, user: string): Promise<CommandRecord>
  /** For a time the button at the meter opens its valve, once the customer's consent is on record. */
  permitOpening(request: PermitRequest, user: string): Promise<CommandRecord>
  consents(limit: number, device?: string): ConsentView[]
  recordConsent(request: ConsentRequest, user: string): Promise<ConsentView>
  revokeConsent(id: string, user: string): Promise<ConsentView>
  invitations(limit: number, device?: string): InvitationView[]
  /** Asks the customer. @param isApplication the token is told to it, to nobody else */
  inviteCustomer(request: InvitationRequest, user: string, isApplication: boolean): Promise<MadeInvitation>
  customerQuestion(token: string, address: string): CustomerQuestion
  customerAnswer(token: string, address: string, answer: CustomerAnswer): Promise<CustomerQuestion>
  /** Newest first; of one device, or of all. */
  commands(limit: number, device?: string): CommandRecord[]
  /** Buttons that are to be pressed, the first to expire first; of one device, or of all. */
  presses(limit: number, device?: string): PressTask[]
  readingRates(query: RatesQuery): ReadingRates
  missingReadings(query: MissingQuery): Page<MissingValue>
  readingFaults(zone: string | undefined, kind: string | undefined, limit: number): ReadingFault[]
  coverage(zone: string | undefined): CellCoverage[]
  assessCoverage(query: PlaceQuery): CoverageAssessment
  spreading(pci: number, capacityPerMinute: number): SpreadingProposal
  concentrators(): ConcentratorSummary[]
  concentrator(number: string): Concentrator
  concentratorMeters(number: string, query: PageQuery, onlyMissing: boolean): Page<ConcentratorMeter>
  orderBehind(number: string, request: MeterOrdersRequest, user: string): Promise<MeterOrdersAnswer>
  readThroughConcentrator(number: string, request: ReadRequest, user: string): Promise<ActAnswer>
  planReadings(number: string, request: PlanRequest, user: string): Promise<ActAnswer>
  formNetwork(number: string, request: NetworkRequest, user: string): Promise<ActAnswer>
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
