import type { AssetRef, Detection, Evidence, EvidenceKind, RuleId } from '../detectors/detection.ts'
import type { Alarm, AlarmState, AlarmSurroundings } from './alarm.ts'
import { type AlarmRule, RULES } from './rules.table.ts'

/** How many facts an alarm carries: enough to judge, bounded for the wire. */
const EVIDENCE_KEPT = 8

/** Marks a member or alarm whose radio cell is not known. */
export const NO_CELL = -1

/**
 * What the book remembers of one alarm. Plain JSON but for the two collections. The shown state is derived from these facts
 * (`stateOf`), so that no combination of clear, shelve and suppress can leave a contradictory state behind.
 */
export interface AlarmRecord {
  readonly id: string
  readonly key: string
  readonly rule: RuleId
  readonly asset: AssetRef
  readonly zone: string | null
  since: number
  /** NaN while the on-delay runs: the alarm is not shown yet. */
  raisedAt: number
  updatedAt: number
  clearedAt: number | null
  value: number
  limit: number
  unit: string
  evidence: Evidence[]
  occurrences: number
  /** The condition after the off-delay. */
  active: boolean
  /** Kinds of evidence that hold the condition up; it ends when the last one ends. */
  kinds: EvidenceKind[]
  firstActiveAt: number
  /** When the last kind ended, while the off-delay runs. */
  endedAt: number | null
  acked: { readonly at: number; readonly by: string; readonly note: string | null } | null
  shelved: { readonly until: number; readonly by: string; readonly reason: string } | null
  suppressedBy: string | null
  cell: number
  /** One alarm for many meters: meter id → its radio cell; null for an alarm of one asset. */
  members: Map<string, number> | null
  /** Members when the operator acknowledged. */
  membersAcked: number
}

export function ruleOf(record: AlarmRecord): AlarmRule {
  return RULES[record.rule]
}

export function stateOf(record: AlarmRecord): AlarmState {
  if (record.shelved !== null) return 'shelved'
  if (record.suppressedBy !== null) return record.active ? 'suppressed' : 'cleared'
  if (record.active) return record.acked === null ? 'active_unacked' : 'active_acked'
  return record.acked === null ? 'cleared_unacked' : 'cleared'
}

export function isShown(record: AlarmRecord): boolean {
  return !Number.isNaN(record.raisedAt)
}

/** The radio cell a detection names, or NO_CELL. */
export function cellOf(detection: Detection): number {
  return detection.evidence.find((fact) => fact.code === 'cell')?.value ?? NO_CELL
}

export function recordOf(
  id: string,
  key: string,
  asset: AssetRef,
  detection: Detection,
  grouped: boolean,
): AlarmRecord {
  return {
    id,
    key,
    rule: detection.rule,
    asset,
    zone: detection.zone ?? null,
    since: detection.since,
    raisedAt: Number.NaN,
    updatedAt: detection.at,
    clearedAt: null,
    value: detection.value,
    limit: detection.limit,
    unit: detection.unit,
    evidence: [],
    occurrences: 0,
    active: false,
    kinds: [],
    firstActiveAt: detection.at,
    endedAt: null,
    acked: null,
    shelved: null,
    suppressedBy: null,
    cell: cellOf(detection),
    members: grouped ? new Map() : null,
    membersAcked: 0,
  }
}

/** Whether a value moved far enough past the dead-band to be worth sending again. */
export function movedBeyondDeadBand(record: AlarmRecord, value: number): boolean {
  return Math.abs(value - record.value) > RULES[record.rule].deadBand * Math.abs(record.limit)
}

/** The newest fact of each code and asset, newest last, at most EVIDENCE_KEPT. */
export function mergeEvidence(known: readonly Evidence[], fresh: readonly Evidence[]): Evidence[] {
  const repeats = (old: Evidence) => fresh.some((fact) => fact.code === old.code && fact.asset?.id === old.asset?.id)
  return [...known.filter((old) => !repeats(old)), ...fresh].slice(-EVIDENCE_KEPT)
}

export function alarmOf(record: AlarmRecord, surroundings: AlarmSurroundings): Alarm {
  const rule = ruleOf(record)
  const position = surroundings.position(record.asset)
  return {
    id: record.id,
    rule: record.rule,
    priority: rule.priority,
    state: stateOf(record),
    asset: record.asset,
    zone: record.zone,
    lon: position?.lon ?? null,
    lat: position?.lat ?? null,
    since: record.since,
    raised_at: record.raisedAt,
    updated_at: record.updatedAt,
    cleared_at: record.clearedAt,
    value: record.value,
    limit: record.limit,
    unit: record.unit,
    consequence: rule.consequence,
    affected_meters:
      record.members?.size ?? surroundings.affectedMeters(record.asset, record.zone ?? undefined) ?? null,
    action: rule.action,
    evidence: [...record.evidence],
    occurrences: record.occurrences,
    acked_at: record.acked?.at ?? null,
    acked_by: record.acked?.by ?? null,
    ack_note: record.acked?.note ?? null,
    shelved_until: record.shelved?.until ?? null,
    shelved_by: record.shelved?.by ?? null,
    shelve_reason: record.shelved?.reason ?? null,
    suppressed_by: record.suppressedBy,
  }
}
