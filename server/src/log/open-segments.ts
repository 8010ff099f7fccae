import { randomBytes } from 'node:crypto'
import fs, { type FileHandle } from 'node:fs/promises'
import { LOG_ID_BYTES, readBlockHeader } from './block.ts'
import { BlockScanner } from './block-scanner.ts'
import { type DurableMark, readMark } from './durable-mark.ts'
import type { CorruptStretch } from './event-log.ts'
import { listSegments, segmentName, segmentPath } from './segment-files.ts'

/** What the files of a log say before its writer starts. */
export interface FoundLog {
  readonly logId: Buffer
  /** First positions of the segments, ascending; the last one is to be written on. */
  readonly segments: readonly number[]
  /** Length to which the last segment is to be cut; everything behind is the torn rest of an unacknowledged commit. */
  readonly keepBytes: number
  readonly tornBytes: number
  /** Next position. */
  readonly end: number
  readonly corrupt: readonly CorruptStretch[]
}

/**
 * Looks at a log directory: which log it is, where it ends, and what is damaged in its last segment.
 *
 * A tail that cannot be read is torn, and may be cut off, only if it was never durable. If the mark says that records there
 * were durable they have been damaged since: the bytes stay, the loss is reported, and the log goes on behind those positions.
 */
export async function inspectLog(dir: string): Promise<FoundLog> {
  const mark = await readMark(dir)
  const segments = await listSegments(dir)
  const logId = mark?.logId ?? (await findLogId(dir, segments)) ?? randomBytes(LOG_ID_BYTES)
  const last = segments.at(-1)
  if (last === undefined) return startOfLog(logId, mark)
  const file = await fs.open(segmentPath(dir, last), 'r')
  try {
    const size = (await file.stat()).size
    const scanner = new BlockScanner(file, logId, 0)
    const corrupt: CorruptStretch[] = []
    const stretch = (offset: number, until: number, position: number, next: number): void => {
      corrupt.push({ segment: segmentName(last), offset, bytes: until - offset, position, records: next - position })
    }
    let end = last
    for (;;) {
      const at = scanner.offset
      const block = (await scanner.next()) ?? (await scanner.resync(end))
      if (!block) break
      if (block.offset > at || block.header.position > end) stretch(at, block.offset, end, block.header.position)
      end = block.header.position + block.header.records
    }
    const keepBytes = scanner.offset
    if (mark && mark.end > end) {
      stretch(keepBytes, size, end, mark.end)
      return { logId, segments: [...segments, mark.end], keepBytes: 0, tornBytes: 0, end: mark.end, corrupt }
    }
    return { logId, segments, keepBytes, tornBytes: size - keepBytes, end, corrupt }
  } finally {
    await file.close()
  }
}

function startOfLog(logId: Buffer, mark: DurableMark | undefined): FoundLog {
  const end = mark?.end ?? 0
  const lost = { segment: segmentName(0), offset: 0, bytes: 0, position: 0, records: end }
  return { logId, segments: [end], keepBytes: 0, tornBytes: 0, end, corrupt: end > 0 ? [lost] : [] }
}

/** The id in the first block of a segment: what stands at offset 0 was written by the log itself. */
async function findLogId(dir: string, segments: readonly number[]): Promise<Buffer | undefined> {
  for (const segment of segments.toReversed()) {
    const file: FileHandle = await fs.open(segmentPath(dir, segment), 'r')
    const head = Buffer.alloc(64)
    await file.read(head, 0, head.length, 0).finally(() => file.close())
    const header = readBlockHeader(head, 0)
    if (header) return Buffer.from(header.logId)
  }
  return undefined
}
