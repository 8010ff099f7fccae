import type { Malformed, Report } from '@gastwin/twin'
import type { LogRecord } from '../../log/event-log.ts'
import { ProfileBook } from '../../profiles/profile-book.ts'
import type { ProfileHistory } from '../../profiles/profile-epoch.ts'
import { type FrameSource, type RefusedReport, readFrame } from '../../trust/read-frame.ts'
import { TrustBook, type TrustFacts } from '../../trust/trust-book.ts'

/** Reads datagrams of the log as the pipeline read them: with profiles, keys and policies of their own time. */
export interface FrameDecoder {
  /** @param position of the record in the log */
  decode(source: FrameSource, position: number): Report | Malformed | RefusedReport
  /** Every platform event of the log, in its turn. */
  take(record: LogRecord): void
  /** Before reading goes on elsewhere than at the next record. */
  moveTo(log: Parameters<ProfileBook['moveTo']>[0], position: number): Promise<boolean>
}

/**
 * @param rootKey device keys are derived from it; empty: encrypted frames are `no-key`
 * @param history where profiles changed, and @param facts which sessions and steps there are; without them a log is read from its begin
 */
export function frameDecoder(rootKey: Uint8Array, history?: ProfileHistory, facts?: TrustFacts): FrameDecoder {
  const trust = new TrustBook(rootKey, facts)
  const book = new ProfileBook((device) => trust.keyOf(device), history ?? [])
  return {
    decode: (source, position) => {
      trust.at = position
      return readFrame(source, book.lookup, trust)
    },
    take: (record) => {
      book.take(record)
      trust.take(record)
    },
    moveTo: (log, position) => book.moveTo(log, position),
  }
}
