import type { Alarm, EventRecord } from './alarm.ts'
import type { AlarmRecord } from './alarm-record.ts'

/** An alarm record as plain JSON: NaN and Map do not survive JSON, so they are written as null and pairs. */
export type SavedAlarmRecord = Omit<AlarmRecord, 'raisedAt' | 'members'> & {
  readonly raisedAt: number | null
  readonly members: readonly (readonly [meter: string, cell: number])[] | null
}

export interface SavedAlarmBook {
  readonly version: 1
  readonly records: readonly SavedAlarmRecord[]
  readonly history: readonly Alarm[]
  readonly events: readonly EventRecord[]
  readonly flood: { readonly raised: readonly number[]; readonly flood: boolean }
}

export function savedRecord(record: AlarmRecord): SavedAlarmRecord {
  return {
    ...record,
    evidence: [...record.evidence],
    kinds: [...record.kinds],
    raisedAt: Number.isNaN(record.raisedAt) ? null : record.raisedAt,
    members: record.members === null ? null : [...record.members],
  }
}

export function unsavedRecord(saved: SavedAlarmRecord): AlarmRecord {
  return {
    ...saved,
    evidence: [...saved.evidence],
    kinds: [...saved.kinds],
    raisedAt: saved.raisedAt ?? Number.NaN,
    members: saved.members === null ? null : new Map(saved.members),
  }
}
