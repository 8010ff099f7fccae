import type { GapAssumptions, GapTariff, MeterPrices } from '@gastwin/analytics'
import type {
  GapRevision,
  GapStatement,
  LedgerReason,
  MetersHealth,
  Models,
  Replacement,
  SuspectEvidence,
  SuspectFinding,
} from '../contract/index.ts'
import type { KnownFitting } from '../devices/fitting.ts'
import type { HeatedPoints } from '../devices/heated-points.ts'
import type { KnownPoints } from '../devices/point-book.ts'
import type { ProfileHistory } from '../profiles/profile-epoch.ts'
import type { TrustFacts } from '../trust/trust-book.ts'
import type { GapSpan, RecordedStatement, RecordedSuspect } from './gap-records.ts'

/** How many meters to replace are named, in each order. */
export const REPLACEMENTS = 20

/** What the ledger's thread is started with. */
export interface LedgerOrder {
  /** The network document; the thread reads it itself. */
  readonly network: string
  readonly logDirectory: string
  /** Keys of devices are derived from it; empty when no frames are encrypted. */
  readonly masterKey: Uint8Array
  /** Where in the log vendor profiles changed; grows while the service runs. */
  readonly profiles?: ProfileHistory
  /** Sessions, policies and steps so far. */
  readonly trust?: TrustFacts
  /** Which meters came in the place of others; grows while the service runs. */
  readonly fittings?: readonly KnownFitting[]
  /** Metering points beside the network document; grows while the service runs. */
  readonly points?: readonly KnownPoints[]
  /** What the archive of premises says of heating when the thread begins; changes come in the log. */
  readonly heated?: HeatedPoints
  readonly tariff: GapTariff
  readonly meterPrices: MeterPrices
  /** What the utility knows of its place; nothing for the assumptions. */
  readonly assumptions?: Partial<GapAssumptions>
  /** Folder of the operator's learned models; null or nothing for none. */
  readonly modelsDir?: string | null
}

/** What people may look at of a suspect, beside the suspicion itself. */
export type EvidenceBody = Pick<SuspectEvidence, 'days' | 'events'>

/** Everything that was stated at one time. */
export interface GapStated {
  readonly type: 'stated'
  /** Service clock, Unix ms. */
  readonly at: number
  /** What the data is too short for; null when nothing is. */
  readonly why: string | null
  readonly reason: LedgerReason | null
  readonly dataFrom: number
  readonly dataTo: number
  readonly readings: number
  readonly tookMs: number
  readonly statements: Readonly<Record<GapSpan, readonly GapStatement[]>>
  /** Newest first, all that are remembered. */
  readonly revisions: readonly GapRevision[]
  /** Most probable first, and how many there are beyond the ones that are listed. */
  readonly suspects: readonly SuspectFinding[]
  readonly suspectsInAll: number
  /** By meter. */
  readonly evidence: ReadonlyMap<string, EvidenceBody>
  /** The first ones by m³ and the first ones by yuan, each meter once. */
  readonly replacements: readonly Replacement[]
  /** When a meter was first found, by `meter/kind`. */
  readonly found: ReadonlyMap<string, number>
  readonly statementsToRecord: readonly RecordedStatement[]
  readonly suspectsToRecord: readonly RecordedSuspect[]
}

/** The learned models were loaded, refused, or have scored. */
export interface ModelsTold {
  readonly type: 'models'
  readonly models: Models
}

/** What comes of stating the gap. */
export type LedgerAnswer =
  | GapStated
  | { readonly type: 'waiting'; readonly why: string; readonly reason: LedgerReason }
  | { readonly type: 'failed'; readonly why: string }

/** Batteries and ages, as of an hour. */
export interface HealthTold {
  readonly type: 'health'
  readonly health: MetersHealth
}

export type FromLedger = LedgerAnswer | ModelsTold | HealthTold

export interface ToLedger {
  readonly type: 'stop'
}
