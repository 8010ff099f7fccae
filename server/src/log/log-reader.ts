import { setTimeout as pause } from 'node:timers/promises'
import { readMark } from './durable-mark.ts'
import type { CorruptStretch, LogRecord, ReadOptions } from './event-log.ts'
import { type ReadingPlace, readSegments } from './read-segments.ts'
import { listSegments } from './segment-files.ts'

export interface FollowOptions extends ReadOptions {
  /** Ends the iteration. */
  readonly signal: AbortSignal
  /** How often to look for more when everything was read, ms; default 20. */
  readonly pollMs?: number
}

/** Reads a log from another thread or process while its writer lives, or after it is gone. Sees durable records only. */
export interface LogReader {
  /** First position still kept, at this moment. */
  begin(): Promise<number>
  /** Next position after the last durable record, at this moment. */
  end(): Promise<number>
  /** As `EventLog.read`. */
  read(from: number, options?: ReadOptions): AsyncIterable<readonly LogRecord[]>
  /** As `read`, then waits for more until the signal comes. */
  follow(from: number, options: FollowOptions): AsyncIterable<readonly LogRecord[]>
  /** Damaged stretches met so far. */
  readonly corrupt: readonly CorruptStretch[]
}

/** Opens the log in a directory for reading; the log need not exist yet. */
export function openLogReader(dir: string): LogReader {
  const place: ReadingPlace = { segment: -1, offset: 0, position: 0 }
  const corrupt: CorruptStretch[] = []
  const onCorrupt = (stretch: CorruptStretch) => {
    if (!corrupt.some((c) => c.segment === stretch.segment && c.offset === stretch.offset)) corrupt.push(stretch)
  }

  async function* read(from: number, options: ReadOptions = {}): AsyncGenerator<readonly LogRecord[]> {
    const mark = await readMark(dir)
    if (mark) yield* readSegments({ ...options, dir, logId: mark.logId, from, end: mark.end, place, onCorrupt })
  }

  async function* follow(from: number, options: FollowOptions): AsyncGenerator<readonly LogRecord[]> {
    let next = from
    while (!options.signal.aborted) {
      const end = (await readMark(dir))?.end ?? 0
      if (end <= next) {
        await pause(options.pollMs ?? 20, undefined, { signal: options.signal }).catch(() => undefined)
        continue
      }
      for await (const batch of read(next, options)) {
        next = (batch.at(-1)?.position ?? next) + 1
        yield batch
        if (options.signal.aborted) return
      }
      next = Math.max(next, end)
    }
  }

  return {
    begin: async () => (await listSegments(dir))[0] ?? 0,
    end: async () => (await readMark(dir))?.end ?? 0,
    read,
    follow,
    corrupt,
  }
}
