import type { Report } from '@gastwin/twin'
import { decodeDatagramEntry } from '../log/datagram-entry.ts'
import { DATAGRAM_ENTRY, type LogRecord, PLATFORM_EVENT_ENTRY } from '../log/event-log.ts'
import { type LogReader, openLogReader } from '../log/log-reader.ts'
import { listSegments } from '../log/segment-files.ts'
import type { FrameDecoder } from '../store/writer/frame-decoder.ts'

export interface ReportBatch {
  readonly reports: readonly Report[]
  /** Service clock when each of them was received, Unix ms. */
  readonly received: readonly number[]
  /** Records of the platform's own events. */
  readonly events: readonly LogRecord[]
  /** Service clock when the last of them was received, Unix ms. */
  readonly receivedAt: number
  /** Nothing more is durable: this is the present. */
  readonly present: boolean
}

/** Readable reports of the log, oldest first, from about `keptMs` before its newest record; then those that come. */
export async function* followReports(
  logDirectory: string,
  decoder: FrameDecoder,
  keptMs: number,
  signal: AbortSignal,
): AsyncGenerator<ReportBatch> {
  const reader = openLogReader(logDirectory)
  const from = await beginOfHistory(reader, logDirectory, keptMs)
  await decoder.moveTo(reader, from)
  for await (const records of reader.follow(from, { signal, pollMs: 500, maxRecords: 512 })) {
    const reports: Report[] = []
    const received: number[] = []
    const events: LogRecord[] = []
    for (const record of records) {
      if (record.kind === PLATFORM_EVENT_ENTRY) {
        decoder.take(record)
        events.push(record)
      }
      if (record.kind !== DATAGRAM_ENTRY) continue
      const said = decoder.decode(decodeDatagramEntry(record.body), record.position)
      const report = said.kind === 'malformed' ? undefined : decoder.atPoint(said, record)
      if (report === undefined) continue
      reports.push(report)
      received.push(record.receivedAt)
    }
    const last = records.at(-1)
    if (last === undefined) continue
    yield { reports, received, events, receivedAt: last.receivedAt, present: last.position + 1 >= (await reader.end()) }
  }
}

/** First position of the newest segment that begins before the history that is wanted; the first that is kept otherwise. */
async function beginOfHistory(reader: LogReader, logDirectory: string, keptMs: number): Promise<number> {
  const segments = await listSegments(logDirectory).catch(() => [])
  const newest = segments.length === 0 ? undefined : await firstReceived(reader, segments.at(-1) ?? 0)
  if (newest === undefined) return 0
  for (const segment of segments.toReversed()) {
    const at = await firstReceived(reader, segment)
    if (at !== undefined && at <= newest - keptMs) return segment
  }
  return segments[0] ?? 0
}

async function firstReceived(reader: LogReader, position: number): Promise<number | undefined> {
  for await (const records of reader.read(position, { maxRecords: 1 })) return records[0]?.receivedAt
  return undefined
}
