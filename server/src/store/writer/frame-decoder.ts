import type { Malformed, Report } from '@gastwin/twin'
import { deviceKeys } from '../../identity/device-keys.ts'
import type { LogRecord } from '../../log/event-log.ts'
import { ProfileBook } from '../../profiles/profile-book.ts'
import type { ProfileHistory } from '../../profiles/profile-epoch.ts'
import { decodeReport } from '../../protocol/index.ts'

/** Reads payloads of the log as the pipeline read them: with the profiles of their own time. */
export interface FrameDecoder {
  decode(contentFormat: number, payload: Uint8Array): Report | Malformed
  /** Every platform event of the log, in its turn. */
  take(record: LogRecord): void
  /** Before reading goes on elsewhere than at the next record. */
  moveTo(log: Parameters<ProfileBook['moveTo']>[0], position: number): Promise<boolean>
}

/**
 * @param masterKey device keys are derived from it; empty: encrypted frames are `no-key`
 * @param history where profiles changed; without it a log is read from its begin
 */
export function frameDecoder(masterKey: Uint8Array, history?: ProfileHistory): FrameDecoder {
  const book = new ProfileBook(deviceKeys(masterKey), history ?? [])
  return {
    decode: (contentFormat, payload) => decodeReport(contentFormat, payload, book.lookup),
    take: (record) => book.take(record),
    moveTo: (log, position) => book.moveTo(log, position),
  }
}
