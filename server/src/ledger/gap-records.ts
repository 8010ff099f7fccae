import type { GapRevision, GapStatement, SuspectFinding } from '../contract/index.ts'

export type GapSpan = 'day' | 'week' | 'month'

/** A statement that goes on record, with what late data changed when it was stated before. */
export interface RecordedStatement {
  readonly every: GapSpan
  readonly statement: GapStatement
  readonly change: GapRevision | null
}

/** A suspicion that goes on record: it is new, or its probability changed much; 0 when nothing speaks for it any more. */
export interface RecordedSuspect {
  readonly suspect: SuspectFinding
  readonly foundAt: number
}
