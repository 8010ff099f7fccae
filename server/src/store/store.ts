import type { Readable } from 'node:stream'
import type { StoreError } from '@gastwin/twin'
import type { Observable } from 'rxjs'
import type { GapStatement, QuarantineItem, Series, ZonePeriod } from '../contract/index.ts'
import type { KnownFitting } from '../devices/fitting.ts'
import type { KnownPoints } from '../devices/point-book.ts'
import type { GapSpan } from '../ledger/gap-records.ts'
import type { ProfileHistory } from '../profiles/profile-epoch.ts'
import type { TrustFacts } from '../trust/trust-book.ts'
import type { DeviceLogLine } from './queries/read-device-log.ts'
import type { LatestReading, StoredEvent } from './queries/read-records.ts'
import type { SeriesRequest } from './queries/read-series.ts'
import type { Span } from './roll-up/spans.ts'
import type { DeviceColumns } from './writer/device-directory.ts'

export interface StoreOptions {
  /** A ClickHouse server, or null for the embedded engine. */
  readonly server: { readonly url: string; readonly username: string; readonly password: string } | null
  /** Data directory of the embedded engine; not used with a server. */
  readonly directory: string
  readonly database: string
  /** Cluster name: replicated and distributed tables are made. Null for one server. */
  readonly cluster: string | null
  /** Directory of the event log the writer tails. */
  readonly logDirectory: string
  readonly devices: DeviceColumns
  /** Device keys are derived from it; empty when no frames are encrypted. */
  readonly masterKey: Uint8Array
  /** Where in the log vendor profiles changed. */
  readonly profiles?: ProfileHistory
  /** Sessions, policies and steps so far. */
  readonly trust?: TrustFacts
  /** Which meters came in the place of others. */
  readonly fittings?: readonly KnownFitting[]
  /** Metering points beside the network document; grows while the service runs. */
  readonly points?: readonly KnownPoints[]
  /** IANA name of the city's civil time: days and months are cut by it. */
  readonly timeZone: string
  /** Shortest pause between roll-up passes, ms; default 30 000. */
  readonly rollUpEveryMs?: number
}

export interface StoreStatus {
  /** `starting` until the database answered first and has this program's shape; `down` while it refuses. */
  readonly state: 'starting' | 'ok' | 'down'
  /** Next position of the log that is not known to be stored: the log must keep everything from here. */
  readonly stored: number
  /** Rows and batches since the start. */
  readonly rows: number
  readonly batches: number
  /** Database position up to which hours, days and months are complete; −1 before the first pass. */
  readonly rolledUp: number
  /** Why it is down, or what the last roll-up complained of; undefined when all is well. */
  readonly error: StoreError | undefined
}

/** History: what the log says, in a database that may be away for a day without anybody else noticing. */
export interface Store {
  readonly status: StoreStatus
  readonly status$: Observable<StoreStatus>
  /** Resolves when the database first answers and has this program's shape. @throws StoreError STO_ENGINE, STO_MIGRATION */
  ready(): Promise<void>
  /** Resolves when everything before this log position is stored. */
  settled(position: number): Promise<void>
  /** Brings roll-ups up to what is stored, at once. */
  rollUp(): Promise<void>
  /** Devices that rows are given assets and zones from; for records that are not stored yet. */
  setDevices(devices: DeviceColumns): void
  series(request: SeriesRequest): Promise<Series>
  latest(device: number): Promise<LatestReading[]>
  quarantine(limit: number): Promise<QuarantineItem[]>
  frames(device: number, limit: number): Promise<QuarantineItem[]>
  /** What devices of one point sent and what the platform did about them, in [from, to), newest first. */
  deviceLog(devices: readonly number[], from: number, to: number, limit: number): Promise<DeviceLogLine[]>
  zonePeriods(zone: string, span: Span, from: number, to: number): Promise<ZonePeriod[]>
  /** Statements of the gap that begin in [from, to), each as it was stated last; of all zones when none is named. */
  gapStatements(every: GapSpan, zone: string | undefined, from: number, to: number): Promise<GapStatement[]>
  events(type: string, from: number, to: number, limit: number): Promise<StoredEvent[]>
  /** Telemetry `time,asset,quantity,value`, from ≤ time < to. */
  exportTelemetry(from: number, to: number, format: 'csv' | 'ndjson'): Promise<Readable>
  close(): Promise<void>
}
