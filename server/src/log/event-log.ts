/**
 * The event log: the only truth of the system. What is appended is durable before anybody is told so, has one position for
 * ever, and is read back in the order of positions. Everything else (twin state, database) can be built again from it.
 */

/** Entry kinds: a datagram as it came (see `datagram-entry.ts`), and an event of the platform itself as JSON. */
export const DATAGRAM_ENTRY = 1
export const PLATFORM_EVENT_ENTRY = 2

export interface LogEntry {
  /** `DATAGRAM_ENTRY`, `PLATFORM_EVENT_ENTRY`; 0…255. */
  readonly kind: number
  /** When the service received or made it, Unix ms of the service's clock. */
  readonly receivedAt: number
  readonly body: Uint8Array
}

export interface LogRecord extends LogEntry {
  /** Ordinal in the whole log, from 0, without gaps. */
  readonly position: number
}

/** A stretch of a segment that failed its checksum and was skipped. */
export interface CorruptStretch {
  /** File name of the segment. */
  readonly segment: string
  /** Byte offset at which reading failed. */
  readonly offset: number
  /** Bytes skipped up to the next valid block or the end of the segment. */
  readonly bytes: number
  /** Position of the first record that is missing. */
  readonly position: number
  /** How many positions are missing. */
  readonly records: number
}

export interface LogHealth {
  /** `full` while the disk refuses writes: nothing is acknowledged, and the log tries again by itself. */
  readonly state: 'ok' | 'full'
  /** The system's words for the last refused write, e.g. `ENOSPC`; empty when none was refused. */
  readonly lastRefusal: string
  /** Group commits that failed since the log was opened. */
  readonly refusals: number
  /** Stretches found damaged while opening or reading, the first thousand. */
  readonly corrupt: readonly CorruptStretch[]
  /** Bytes of an unfinished group commit that were cut off when the log was opened. */
  readonly tornBytes: number
  /** Group commits (fsyncs) since the log was opened. */
  readonly commits: number
  /** Bytes committed since the log was opened, headers included. */
  readonly committedBytes: number
  /** Records handed in and not yet durable: the backlog that admission control looks at. */
  readonly pendingRecords: number
  readonly pendingBytes: number
  readonly segments: number
}

export interface ReadOptions {
  /** Most records in one batch that is handed out; default 4096. */
  readonly maxRecords?: number
}

export interface EventLog {
  /**
   * Adds entries; bodies are copied before the call returns. The promise carries the position of the first one once **all**
   * are durable. Calls that overlap share one fsync.
   * @throws (rejects) StoreError LOG_FULL when the disk refuses or too much is waiting: none of these entries was acknowledged;
   *   StoreError LOG_CLOSED after `close`.
   */
  append(entries: readonly LogEntry[]): Promise<number>
  /**
   * Records from position `from` (or from `begin`, whichever is later) up to what is durable at the call, in batches.
   * Bodies are views of a larger buffer: copy what is kept. Damaged stretches are skipped and reported in `health()`.
   */
  read(from: number, options?: ReadOptions): AsyncIterable<readonly LogRecord[]>
  /** First position still kept. */
  readonly begin: number
  /** Next position = number of records ever made durable. */
  readonly end: number
  health(): LogHealth
  /** Drops whole old segments whose records all lie before the position. */
  trim(before: number): Promise<void>
  /** Commits what is waiting, then releases the files. */
  close(): Promise<void>
}
