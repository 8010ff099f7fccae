import fs, { type FileHandle } from 'node:fs/promises'
import { BlockScanner, readRecords, type ScannedBlock } from './block-scanner.ts'
import type { CorruptStretch, LogRecord } from './event-log.ts'
import { listSegments, segmentName, segmentPath } from './segment-files.ts'

const DEFAULT_BATCH = 4096

/** Where the last read stopped, so that the next one that goes on from there need not walk the segment again. */
export interface ReadingPlace {
  /** First position of the segment, −1 for nowhere. */
  segment: number
  offset: number
  /** Position of the block at the offset. */
  position: number
}

export interface SegmentsToRead {
  readonly dir: string
  readonly logId: Buffer
  /** First position wanted. */
  readonly from: number
  /** First position not wanted any more; everything before it is durable. */
  readonly end: number
  readonly maxRecords?: number
  readonly place: ReadingPlace
  readonly onCorrupt: (stretch: CorruptStretch) => void
}

/** Records of all segments in order, in batches; damage is reported and skipped. */
export async function* readSegments(wanted: SegmentsToRead): AsyncGenerator<readonly LogRecord[]> {
  if (wanted.from >= wanted.end) return
  const segments = await listSegments(wanted.dir)
  const first = Math.max(
    segments.findLastIndex((position) => position <= wanted.from),
    0,
  )
  for (const [i, segment] of segments.entries()) {
    if (i < first || segment >= wanted.end) continue
    const file = await openUnlessTrimmed(segmentPath(wanted.dir, segment))
    if (!file) continue
    try {
      yield* readSegment(wanted, file, segment, Math.min(wanted.end, segments[i + 1] ?? wanted.end))
    } finally {
      await file.close()
    }
  }
}

/** @param end first position that is not in this segment or not wanted */
async function* readSegment(
  wanted: SegmentsToRead,
  file: FileHandle,
  segment: number,
  end: number,
): AsyncGenerator<readonly LogRecord[]> {
  const { place, from } = wanted
  const max = wanted.maxRecords ?? DEFAULT_BATCH
  const known = place.segment === segment && place.position <= from
  const scanner = new BlockScanner(file, wanted.logId, known ? place.offset : 0)
  let expected = known ? place.position : segment
  const batch: LogRecord[] = []
  while (expected < end) {
    const at = scanner.offset
    const block = await nextOrResync(scanner, expected)
    const position = Math.min(block?.header.position ?? end, end)
    const offset = block?.offset ?? (await file.stat()).size
    if (position > expected || offset > at) {
      const stretch = { segment: segmentName(segment), offset: at, bytes: offset - at }
      wanted.onCorrupt({ ...stretch, position: expected, records: position - expected })
    }
    if (!block || position === end) break
    Object.assign(place, { segment, offset, position })
    expected = position + block.header.records
    if (expected <= from) continue
    readRecords(block, from, batch)
    while (batch.length >= max) yield batch.splice(0, max)
  }
  if (batch.length > 0) yield batch
}

async function nextOrResync(scanner: BlockScanner, expected: number): Promise<ScannedBlock | undefined> {
  const block = await scanner.next()
  return block && block.header.position >= expected ? block : scanner.resync(expected)
}

async function openUnlessTrimmed(file: string): Promise<FileHandle | undefined> {
  return fs.open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
