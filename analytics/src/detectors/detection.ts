import type { AppliedReport } from '@gastwin/twin'
import type { RowMemory } from './columns.ts'

/** Assets an alarm can point at. */
export interface AssetRef {
  readonly kind: 'meter' | 'rtu' | 'valve' | 'pipe' | 'node' | 'zone' | 'system'
  readonly id: string
}

/** Rules a detector can fire. Priority, consequence and first action are properties of the rule (see alarm/rules.table.ts). */
export type RuleId =
  | 'zone_mass_balance'
  | 'leak_located'
  | 'pressure_low'
  | 'pressure_high'
  | 'pressure_drop'
  | 'gas_detected'
  | 'prolonged_small_flow'
  | 'night_flow'
  | 'stopped_meter'
  | 'over_flow'
  | 'tamper'
  | 'magnet'
  | 'cover_open'
  | 'reverse_flow'
  | 'battery_low'
  | 'clock_error'
  | 'silence'
  | 'cell_offline'
  | 'radio_poor'
  | 'valve_abnormal'
  | 'closed_by_device'
  | 'register_backwards'
  | 'meter_overage'
  | 'log_full'
  | 'engine_down'
  | 'ingest_overload'
  | 'profile_refused'
  | 'dtls_keys_refused'
  | 'dtls_down'
  | 'hostile_terminal'
  | 'unverified_alarm'

/** Which physical principle the evidence rests on: two *different* kinds make an independent vote. */
export type EvidenceKind =
  | 'flow_balance'
  | 'pressure'
  | 'gas_concentration'
  | 'device_event'
  | 'meter_flow'
  | 'communication'
  | 'platform'

/** One fact a dispatcher can read: a code of the dictionary with its numbers. */
export interface Evidence {
  readonly code: string
  readonly at: number
  readonly asset?: AssetRef
  readonly value?: number
  readonly limit?: number
  /** SI unit of value and limit: 'Pa', 'm3/s', 'm3', 'V', 's', '1', 'dBm', 'Pa/s' … */
  readonly unit?: string
}

/** What a detector believes at one instant. `active: false` says that the condition it reported has ended. */
export interface Detection {
  readonly rule: RuleId
  readonly asset: AssetRef
  readonly zone: string | undefined
  /** Event time, Unix ms: when it could be known. */
  readonly at: number
  /** Best estimate of when it began. */
  readonly since: number
  readonly active: boolean
  readonly value: number
  readonly limit: number
  readonly unit: string
  /** `certain` alone may shut a valve; `strong` needs a second, independent kind of evidence; `weak` never counts. */
  readonly strength: 'certain' | 'strong' | 'weak'
  readonly evidenceKind: EvidenceKind
  readonly evidence: readonly Evidence[]
}

/**
 * A detector consumes applied reports in batches and may be asked at each tick of the service clock.
 * It is deterministic: same reports and ticks, same detections. `save`/`load` carry its memory through a restart
 * (plain JSON, small), except what it knows of every single device: those are its `rows`, of one row per device of the fleet state.
 */
export interface Detector {
  readonly name: string
  readonly rows?: RowMemory
  observe(batch: readonly AppliedReport[], now: number): readonly Detection[]
  /** About once a minute of event time. */
  tick(now: number): readonly Detection[]
  save(): unknown
  load(saved: unknown): void
}
