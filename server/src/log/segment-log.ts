import fs from 'node:fs'
import path from 'node:path'
import { InvariantError, StoreError } from '@gastwin/twin'
import { RECORD_HEADER_BYTES } from './block.ts'
import { CommitGroup } from './commit-group.ts'
import { DurableMarkWriter, encodeMark, MARK_NAME } from './durable-mark.ts'
import type { CorruptStretch, EventLog, LogEntry, LogHealth, LogRecord, ReadOptions } from './event-log.ts'
import { type FoundLog, inspectLog } from './open-segments.ts'
import { type ReadingPlace, readSegments } from './read-segments.ts'
import { type LogFiles, segmentPath, systemFiles } from './segment-files.ts'
import { SegmentWriter } from './segment-writer.ts'
import { lockForWriting } from './writer-lock.ts'

export interface SegmentLogOptions {
  /** Size at which a segment is closed, bytes; default 256 MiB. */
  readonly segmentBytes?: number
  /** Largest group commit, bytes; default 4 MiB. */
  readonly groupBytes?: number
  /** Bytes that may wait for the disk before `append` is refused; default 64 MiB. */
  readonly maxPendingBytes?: number
  /** First pause before a refused disk is tried again, ms; doubles up to 5 s. Default 250. */
  readonly retryMs?: number
  /** Called when the disk begins to refuse and when it takes bytes again. */
  readonly onStateChange?: (health: LogHealth) => void
  readonly files?: LogFiles
}

const LARGEST_BODY = 16 * 1024 * 1024
const LONGEST_PAUSE_MS = 5_000
const PROBE_BYTES = 64 * 1024
const MOST_STRETCHES = 1_000

/**
 * Opens, and if need be repairs or creates, the log in a directory.
 * @throws StoreError LOG_LOCKED when another process writes it; system errors when the directory cannot be used
 */
export async function openSegmentLog(dir: string, options: SegmentLogOptions = {}): Promise<EventLog> {
  const files = options.files ?? systemFiles
  await fs.promises.mkdir(dir, { recursive: true })
  const unlock = await lockForWriting(dir)
  try {
    const found = await inspectLog(dir)
    const segmentBytes = options.segmentBytes ?? 256 * 1024 * 1024
    const writer = await SegmentWriter.open(dir, files, segmentBytes, found.segments.at(-1) ?? 0, found.keepBytes)
    const mark = await fs.promises.open(path.join(dir, MARK_NAME), fs.constants.O_RDWR | fs.constants.O_CREAT, 0o640)
    await mark.write(encodeMark(found), 0, undefined, 0)
    await mark.sync()
    const release = async () => {
      await mark.close()
      await unlock()
    }
    return new SegmentLog(dir, options, found, writer, new DurableMarkWriter(mark.fd, found.logId, found.end), release)
  } catch (error) {
    await unlock()
    throw error
  }
}

class SegmentLog implements EventLog {
  readonly #dir: string
  readonly #options: SegmentLogOptions
  readonly #groupBytes: number
  readonly #maxPendingBytes: number
  readonly #logId: Buffer
  readonly #segments: number[]
  readonly #writer: SegmentWriter
  readonly #mark: DurableMarkWriter
  readonly #release: () => Promise<void>
  readonly #corrupt: CorruptStretch[]
  readonly #tornBytes: number
  readonly #place: ReadingPlace = { segment: -1, offset: 0, position: 0 }

  #filling = new CommitGroup()
  #queue: CommitGroup[] = []
  #spare: CommitGroup[] = []
  #committing: Promise<void> | undefined
  #end: number
  #next: number
  #pendingBytes = 0
  #commits = 0
  #committedBytes = 0
  #refusals = 0
  #lastRefusal = ''
  #full = false
  #closed = false
  #retry: NodeJS.Timeout | undefined
  #restoring: Promise<void> | undefined

  constructor(
    dir: string,
    options: SegmentLogOptions,
    found: FoundLog,
    writer: SegmentWriter,
    mark: DurableMarkWriter,
    release: () => Promise<void>,
  ) {
    this.#dir = dir
    this.#options = options
    this.#groupBytes = options.groupBytes ?? 4 * 1024 * 1024
    this.#maxPendingBytes = options.maxPendingBytes ?? 64 * 1024 * 1024
    this.#logId = found.logId
    this.#segments = [...found.segments]
    this.#corrupt = [...found.corrupt]
    this.#tornBytes = found.tornBytes
    this.#writer = writer
    this.#mark = mark
    this.#release = release
    this.#end = found.end
    this.#next = found.end
  }

  get begin(): number {
    return this.#segments[0] ?? 0
  }

  get end(): number {
    return this.#end
  }

  append(entries: readonly LogEntry[]): Promise<number> {
    if (this.#closed) return Promise.reject(new StoreError('LOG_CLOSED', 'the log is closed', { dir: this.#dir }))
    if (this.#full) return Promise.reject(this.#fullError())
    let bytes = 0
    for (const entry of entries) {
      if (entry.body.length > LARGEST_BODY) {
        const message = `a log entry of ${entry.body.length} bytes is above ${LARGEST_BODY}`
        return Promise.reject(new InvariantError('TWN_INVARIANT', message))
      }
      bytes += RECORD_HEADER_BYTES + entry.body.length
    }
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes > this.#maxPendingBytes) {
      const context = { pendingBytes: this.#pendingBytes, maxPendingBytes: this.#maxPendingBytes }
      return Promise.reject(new StoreError('LOG_FULL', 'too much is waiting for the disk', context))
    }
    if (entries.length === 0) return Promise.resolve(this.#next)
    const position = this.#next
    this.#pendingBytes += bytes
    this.#next += entries.length
    // An append that fits into one commit is not spread over two, so that it is refused or durable as a whole.
    if (this.#filling.bytes + bytes > this.#groupBytes) this.#sealFilling()
    for (const entry of entries) {
      if (this.#filling.bytes + RECORD_HEADER_BYTES + entry.body.length > this.#groupBytes) this.#sealFilling()
      this.#filling.add(entry)
    }
    return new Promise((resolve, reject) => {
      this.#filling.wait({ position, resolve, reject })
      // A microtask later, so that appends of the same turn share the first commit too.
      this.#committing ??= Promise.resolve().then(() => this.#commitAll())
    })
  }

  read(from: number, options: ReadOptions = {}): AsyncIterable<readonly LogRecord[]> {
    return readSegments({
      ...options,
      dir: this.#dir,
      logId: this.#logId,
      from,
      end: this.#end,
      place: this.#place,
      onCorrupt: (stretch) => this.#reportCorrupt(stretch),
    })
  }

  health(): LogHealth {
    return {
      state: this.#full ? 'full' : 'ok',
      lastRefusal: this.#lastRefusal,
      refusals: this.#refusals,
      corrupt: [...this.#corrupt],
      tornBytes: this.#tornBytes,
      commits: this.#commits,
      committedBytes: this.#committedBytes,
      pendingRecords: this.#next - this.#end,
      pendingBytes: this.#pendingBytes,
      segments: this.#segments.length,
    }
  }

  async trim(before: number): Promise<void> {
    let removed = false
    for (let next = this.#segments[1]; next !== undefined && next <= before; next = this.#segments[1]) {
      const segment = this.#segments.shift() ?? 0
      await fs.promises.rm(segmentPath(this.#dir, segment), { force: true })
      removed = true
    }
    if (removed) await (this.#options.files ?? systemFiles).syncDirectory(this.#dir)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#retry)
    await this.#committing
    await this.#restoring
    await this.#mark.settled()
    await this.#writer.close(this.#full)
    await this.#release()
  }

  #sealFilling(): void {
    if (this.#filling.records === 0) return
    this.#queue.push(this.#filling)
    this.#filling = this.#spare.pop() ?? new CommitGroup()
  }

  async #commitAll(): Promise<void> {
    for (;;) {
      if (this.#queue.length === 0) this.#sealFilling()
      const group = this.#queue.shift()
      if (!group) break
      try {
        await this.#commit(group)
      } catch (cause) {
        this.#refuse(group, cause)
        break
      }
    }
    this.#committing = undefined
  }

  async #commit(group: CommitGroup): Promise<void> {
    const block = group.seal(this.#end, this.#logId)
    if (this.#writer.isFullFor(block.length)) {
      await this.#writer.rotate(this.#end)
      this.#segments.push(this.#end)
    }
    await this.#writer.write(block)
    this.#commits++
    this.#committedBytes += block.length
    this.#end += group.records
    this.#pendingBytes -= group.entryBytes
    this.#mark.advance(this.#end)
    group.resolve()
    if (this.#spare.length < 2) this.#spare.push(group.reset())
  }

  #refuse(group: CommitGroup, cause: unknown): void {
    this.#full = true
    this.#refusals++
    this.#lastRefusal = systemCode(cause)
    const refused = [group, ...this.#queue, this.#filling]
    this.#queue = []
    this.#filling = new CommitGroup()
    this.#pendingBytes = 0
    this.#next = this.#end
    const error = this.#fullError(cause)
    for (const each of refused) each.reject(error)
    this.#options.onStateChange?.(this.health())
    this.#retryAfter(this.#options.retryMs ?? 250)
  }

  #retryAfter(pause: number): void {
    if (this.#closed) return
    this.#retry = setTimeout(() => {
      this.#restoring = this.#writer.restore(PROBE_BYTES).then(
        () => {
          this.#full = false
          this.#options.onStateChange?.(this.health())
        },
        (cause) => {
          this.#lastRefusal = systemCode(cause)
          this.#retryAfter(Math.min(pause * 2, LONGEST_PAUSE_MS))
        },
      )
    }, pause)
    this.#retry.unref()
  }

  #fullError(cause?: unknown): StoreError {
    return new StoreError('LOG_FULL', `the log cannot be extended: ${this.#lastRefusal}`, { dir: this.#dir }, cause)
  }

  #reportCorrupt(stretch: CorruptStretch): void {
    const known = this.#corrupt.some((c) => c.segment === stretch.segment && c.offset === stretch.offset)
    if (!known && this.#corrupt.length < MOST_STRETCHES) this.#corrupt.push(stretch)
  }
}

function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
}
