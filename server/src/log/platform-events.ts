import type { Alarm, ZonePeriod } from '@gastwin/analytics'
import type { ConcentratorAct, Meter, Shutoff } from '@gastwin/twin'
import type { ClosedLeak } from '../analysis/closed-leaks.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { SafetyMode } from '../contract/index.ts'
import type { ArchiveChange } from '../devices/archive.ts'
import type { Campaign } from '../devices/campaign.ts'
import type { CampaignTargets } from '../devices/campaign-book.ts'
import type { Consent } from '../devices/consent-book.ts'
import type { KeptDelegation } from '../devices/delegation.ts'
import type { FirmwareImage } from '../devices/firmware-image.ts'
import type { Fitting } from '../devices/fitting.ts'
import type { Invitation } from '../devices/invitation-book.ts'
import type { CaseAct } from '../ledger/case-book.ts'
import type { RecordedStatement, RecordedSuspect } from '../ledger/gap-records.ts'
import type { SaidLeak } from '../ledger/known-leaks.ts'
import type { StatusProfile, VendorProfile } from '../protocol/index.ts'
import type { TrustEvent } from '../trust/trust-events.ts'
import { type EventLog, type LogEntry, type LogRecord, PLATFORM_EVENT_ENTRY } from './event-log.ts'

/** What the platform itself writes into the log (kind 2, JSON). Operator's acts are read back at a start; the rest is history. */
export type PlatformEvent =
  | TrustEvent
  | {
      readonly type: 'alarm_ack'
      readonly at: number
      readonly id: string
      readonly user: string
      readonly note: string | null
    }
  | {
      readonly type: 'alarm_shelve'
      readonly at: number
      readonly id: string
      readonly user: string
      readonly minutes: number
      readonly reason: string
    }
  | { readonly type: 'alarm_unshelve'; readonly at: number; readonly id: string; readonly user: string }
  | {
      readonly type: 'safety_mode'
      readonly at: number
      readonly zone: string
      readonly mode: SafetyMode
      readonly user: string
    }
  | { readonly type: 'command'; readonly at: number; readonly device: number; readonly command: LedgerEntry }
  | {
      readonly type: 'concentrator_act'
      readonly at: number
      readonly zone: string | null
      readonly device: number
      readonly act: ConcentratorAct
      readonly user: string
    }
  | { readonly type: 'shutoff'; readonly at: number; readonly zone: string | null; readonly shutoff: Shutoff }
  | { readonly type: 'alarm'; readonly at: number; readonly zone: string | null; readonly alarm: Alarm }
  | {
      readonly type: 'zone_period'
      readonly at: number
      readonly span: 'hour' | 'day' | 'month'
      readonly period: ZonePeriod
    }
  | {
      readonly type: 'gap_statement'
      readonly at: number
      readonly zone: string
      readonly recorded: RecordedStatement
    }
  | {
      readonly type: 'gap_suspect'
      readonly at: number
      readonly zone: string
      /** Number of the meter, when it has one. */
      readonly device: number
      readonly recorded: RecordedSuspect
    }
  /** Which learned models score from here on. */
  | {
      readonly type: 'models_in_use'
      readonly at: number
      readonly models: readonly { readonly use: string; readonly source: string; readonly sha256: string }[]
    }
  | {
      readonly type: 'model_promoted'
      readonly at: number
      readonly sha256: string
      readonly former: string | null
      readonly user: string
      readonly reason: string
    }
  /** What people did about a suspicion. */
  | {
      readonly type: 'suspect_case'
      readonly at: number
      readonly zone: string
      /** Number of the meter, when it has one. */
      readonly device: number
      readonly act: CaseAct
    }
  /** What the analysis says of a leak that it confirmed, or withdraws. */
  | { readonly type: 'leak_finding'; readonly at: number; readonly zone: string; readonly leak: SaidLeak }
  /** A person has closed a leak, as it stood then. */
  | { readonly type: 'leak_closed'; readonly at: number; readonly zone: string; readonly leak: ClosedLeak }
  /** Part of a set of profiles: meters that have one of them, as packed numbers. */
  | {
      readonly type: 'profile_devices'
      readonly at: number
      readonly set: string
      readonly profile: string
      readonly devices: string
    }
  /** A set of profiles is complete and holds for every record after this one. */
  | {
      readonly type: 'profiles'
      readonly at: number
      readonly set: string
      readonly fallback: StatusProfile
      readonly profiles: readonly VendorProfile[]
    }
  /** Metering points came to the network; they hold for every record after this one. */
  | {
      readonly type: 'points_added'
      readonly at: number
      readonly user: string
      /** Name of the file that they came in, where the caller said it. */
      readonly file?: string
      readonly points: readonly Meter[]
    }
  /** Another meter stands at a point of the network; holds for every record after this one. */
  | { readonly type: 'meter_fitted'; readonly at: number; readonly device: number; readonly fitting: Fitting }
  | {
      readonly type: 'archive'
      readonly at: number
      readonly user: string
      /** The only device it is about, for the log of that device; 0 when there are several. */
      readonly device: number
      readonly change: ArchiveChange
    }
  | { readonly type: 'delegation'; readonly at: number; readonly delegation: KeptDelegation }
  | { readonly type: 'firmware_image'; readonly at: number; readonly image: FirmwareImage }
  | { readonly type: 'consent'; readonly at: number; readonly device: number; readonly consent: Consent }
  | { readonly type: 'invitation'; readonly at: number; readonly device: number; readonly invitation: Invitation }
  | { readonly type: 'campaign_targets'; readonly at: number; readonly part: CampaignTargets }
  | { readonly type: 'campaign'; readonly at: number; readonly campaign: Campaign }

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** An event as an entry of the log. */
export const entryOf = (event: PlatformEvent): LogEntry => ({
  kind: PLATFORM_EVENT_ENTRY,
  receivedAt: event.at,
  body: encoder.encode(JSON.stringify(event)),
})

/** Makes events durable. @throws (rejects) StoreError LOG_FULL */
export async function recordEvents(log: EventLog, events: readonly PlatformEvent[]): Promise<void> {
  if (events.length > 0) await log.append(events.map(entryOf))
}

/** The event of a record; undefined when another program version wrote something else. */
export function readEvent(record: LogRecord): PlatformEvent | undefined {
  try {
    const event: unknown = JSON.parse(decoder.decode(record.body))
    return typeof event === 'object' && event !== null && 'type' in event ? (event as PlatformEvent) : undefined
  } catch {
    return undefined
  }
}
