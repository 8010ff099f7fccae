import type { Malformed, Meter, Report } from '@gastwin/twin'
import type { KnownFitting } from '../../devices/fitting.ts'
import { MeterBook } from '../../devices/meter-book.ts'
import type { KnownPoints } from '../../devices/point-book.ts'
import type { LogRecord } from '../../log/event-log.ts'
import { ProfileBook } from '../../profiles/profile-book.ts'
import type { ProfileHistory } from '../../profiles/profile-epoch.ts'
import { type FrameSource, type RefusedReport, readFrame } from '../../trust/read-frame.ts'
import { TrustBook, type TrustFacts } from '../../trust/trust-book.ts'

/** Reads datagrams of the log as the pipeline read them: with profiles, keys and policies of their own time. */
export interface FrameDecoder {
  /** @param position of the record in the log */
  decode(source: FrameSource, position: number): Report | Malformed | RefusedReport
  /** The report as its point of the network hears it; undefined when its device was taken away. See MeterBook. */
  atPoint(report: Report, record: LogRecord): Report | undefined
  /** Every platform event of the log, in its turn. @returns metering points that come with it */
  take(record: LogRecord): readonly Meter[]
  /** Before reading goes on elsewhere than at the next record. */
  moveTo(log: Parameters<ProfileBook['moveTo']>[0], position: number): Promise<boolean>
}

/**
 * @param rootKey device keys are derived from it; empty: encrypted frames are `no-key`
 * @param history where profiles changed, @param facts which sessions and steps there are, @param fittings of meters
 * @param points beside the network document; without
 *   them a log is read from its begin
 */
export function frameDecoder(
  rootKey: Uint8Array,
  history?: ProfileHistory,
  facts?: TrustFacts,
  fittings?: readonly KnownFitting[],
  points?: readonly KnownPoints[],
): FrameDecoder {
  const trust = new TrustBook(rootKey, facts)
  const book = new ProfileBook((device) => trust.keyOf(device), history ?? [])
  const meters = new MeterBook(fittings, points)
  for (const { point, device, since } of fittings ?? []) trust.fitted(point, device, since)
  return {
    decode: (source, position) => {
      trust.at = position
      return readFrame(source, book.lookup, trust)
    },
    atPoint: (report, record) => meters.atPoint(report, record.position, record.receivedAt),
    take: (record) => {
      book.take(record)
      trust.take(record)
      return meters.take(record)
    },
    moveTo: (log, position) => book.moveTo(log, position),
  }
}
