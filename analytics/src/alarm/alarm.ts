import type { AssetRef, Evidence, RuleId } from '../detectors/detection.ts'

export type Priority = 1 | 2 | 3 | 4

/** The states an operator can see and count; the same words as the HTTP contract. */
export type AlarmState = 'active_unacked' | 'active_acked' | 'cleared_unacked' | 'cleared' | 'shelved' | 'suppressed'

/** One alarm as it is shown and stored: field for field the `Alarm` of the HTTP contract. Instants are Unix ms. */
export interface Alarm {
  readonly id: string
  readonly rule: RuleId
  readonly priority: Priority
  readonly state: AlarmState
  readonly asset: AssetRef
  readonly zone: string | null
  readonly lon: number | null
  readonly lat: number | null
  readonly since: number
  readonly raised_at: number
  readonly updated_at: number
  readonly cleared_at: number | null
  readonly value: number
  readonly limit: number
  readonly unit: string
  /** Codes of the console's dictionary; see rules.table.ts. */
  readonly consequence: string
  readonly affected_meters: number | null
  readonly action: string
  readonly evidence: Evidence[]
  /** How often the condition came back within this alarm. */
  readonly occurrences: number
  readonly acked_at: number | null
  readonly acked_by: string | null
  readonly ack_note: string | null
  readonly shelved_until: number | null
  readonly shelved_by: string | null
  readonly shelve_reason: string | null
  readonly suppressed_by: string | null
}

/** Live load of the operator; `active` counts both active states by priority 1…4. */
export interface AlarmKpis {
  readonly active: number[]
  readonly unacked: number
  readonly shelved: number
  readonly suppressed: number
  readonly last_10_min: number
  readonly flood: boolean
}

/** In a flood: alarms that probably share a root, the first of them marked. Priority 1 is never grouped. */
export interface FloodGroup {
  /** Zone id, or null for alarms outside zones. */
  readonly zone: string | null
  /** Id of the alarm whose condition began first. */
  readonly first_out: string
  readonly alarms: readonly string[]
}

/** A detection whose rule asks nothing of the operator: kept as a record, never in the list. */
export interface EventRecord {
  readonly at: number
  readonly rule: RuleId
  readonly asset: AssetRef
  readonly zone: string | null
  readonly active: boolean
  readonly value: number
  readonly limit: number
  readonly unit: string
}

/** What an operator's act came to: refused acts change nothing and say why. */
export type ActOutcome =
  | { readonly done: true; readonly alarm: Alarm }
  | { readonly done: false; readonly code: 'API_NOT_FOUND' | 'API_CONFLICT' | 'API_INPUT'; readonly detail: string }

/** What the book asks of the network about an asset; every answer may be unknown. */
export interface AlarmSurroundings {
  meterClass(meter: string): 'residential' | 'commercial' | 'industrial' | undefined
  position(asset: AssetRef): { readonly lon: number; readonly lat: number } | undefined
  /** Customers behind the asset who suffer if nobody acts. */
  affectedMeters(asset: AssetRef, zone: string | undefined): number | undefined
}
