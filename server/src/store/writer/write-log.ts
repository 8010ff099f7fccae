import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { LogRecord, ReadOptions } from '../../log/event-log.ts'
import { BatchRows } from './batch-rows.ts'
import type { BatchStore, WriterMark } from './batch-store.ts'
import type { RecordToRows } from './record-rows.ts'

/** The log as the writer sees it; positions are the log's own. */
export interface RecordSource {
  /** First position still kept. */
  begin(): Promise<number>
  /** Next position after the last durable record. */
  end(): Promise<number>
  read(from: number, options?: ReadOptions): AsyncIterable<readonly LogRecord[]>
}

export interface WriterLimits {
  /** A batch is closed when it has so many rows or bytes … */
  readonly rows: number
  readonly bytes: number
  /** … or when the log has no more and its first record waited so long, ms. */
  readonly lingerMs: number
  /** How often to look whether the log has more, ms. */
  readonly pollMs: number
  /** First and longest pause before an insert is tried again, ms. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

export const WRITER_LIMITS: WriterLimits = {
  rows: 100_000,
  bytes: 16 * 1024 * 1024,
  lingerMs: 500,
  pollMs: 20,
  firstPauseMs: 200,
  longestPauseMs: 5_000,
}

export interface WriterProgress {
  /** `down`: the database refuses; the same batch is tried again until it takes it. */
  readonly state: 'ok' | 'down'
  /** Next position of the log whose rows are not known to be stored: everything before is. */
  readonly stored: number
  /** What the log's positions are shifted by in the database. */
  readonly base: number
  /** Since the writer began. */
  readonly rows: number
  readonly batches: number
  /** The last refusal, empty when there was none since. */
  readonly error: string
}

export interface WriterJob {
  /** Name of the log: its identity, so that another log does not continue its marks. */
  readonly log: string
  readonly source: RecordSource
  readonly store: BatchStore
  /** Asked again for every batch, so that a directory can be exchanged. */
  readonly toRows: () => RecordToRows
  readonly limits: WriterLimits
  readonly signal: AbortSignal
  readonly onProgress: (progress: WriterProgress) => void
}

const READ_AT_ONCE = 1024

/**
 * Tails the log into the database until the signal comes. One batch is inserted while the next is built; at most these two are
 * in memory. Every batch is noted first, and inserted until the database has taken it.
 */
export async function writeLog(job: WriterJob): Promise<void> {
  const { log, source, store, signal, limits } = job
  let progress: WriterProgress = { state: 'ok', stored: 0, base: 0, rows: 0, batches: 0, error: '' }
  const tell = (change: Partial<WriterProgress>) => {
    progress = { ...progress, ...change }
    job.onProgress(progress)
  }
  const persist = <T>(work: () => Promise<T>) =>
    untilDone(work, limits, signal, (error) => tell({ state: 'down', error }))
  const mark = await persist(() => store.open(log))
  if (mark === undefined) return
  const { base } = mark
  const end = await source.end()
  const error =
    mark.to - base > end
      ? `the log ends at ${end}, the database has it up to ${mark.to - base}: is it an older copy?`
      : ''
  tell({ state: error === '' ? 'ok' : 'down', base, stored: Math.max(0, mark.from - base), error })

  let building: Promise<BatchRows | undefined> | undefined
  let next = mark.to - base
  if (mark.to > mark.from) building = gather(job, base, mark.from - base, mark.to - base)
  else next = Math.max(next, await source.begin())
  building ??= gather(job, base, next)
  while (!signal.aborted) {
    const batch = await building
    if (batch === undefined) return
    const ahead = gather(job, base, batch.to - base)
    ahead.catch(() => {}) // Seen when it is awaited, after the batch before it.
    const isReplay = batch.from === mark.from && mark.to > mark.from && progress.batches === 0
    const noted: WriterMark = { base, from: batch.from, to: batch.to }
    if (!isReplay) await persist(() => store.note(log, noted))
    if (!signal.aborted) await persist(() => store.insert(log, batch))
    // A batch cut short by the signal is noted, and inserted again by the next start.
    if (signal.aborted) {
      await ahead
      return
    }
    const { rows, batches } = progress
    tell({ state: 'ok', stored: batch.to - base, rows: rows + batch.rows, batches: batches + 1, error: '' })
    building = ahead
  }
}

/** Builds the rows of [from, until), or of what fits the limits; undefined when the signal came first. */
async function gather(job: WriterJob, base: number, from: number, until?: number): Promise<BatchRows | undefined> {
  const { source, limits, signal } = job
  const toRows = job.toRows()
  const batch = new BatchRows(base + from)
  let next = from
  let firstAt = 0
  const isFull = () => batch.rows >= limits.rows || batch.byteLength >= limits.bytes
  while (!signal.aborted) {
    const end = Math.min(until ?? Number.POSITIVE_INFINITY, await source.end())
    if (next < end) {
      next = await fill()
      batch.reach(base + next)
    }
    if (until === undefined ? isFull() : next >= until) return batch
    if (next > from) {
      firstAt ||= Date.now()
      if (until === undefined && Date.now() - firstAt >= limits.lingerMs) return batch
    }
    await pause(limits.pollMs, undefined, { signal }).catch(() => undefined)
  }
  return undefined

  async function fill(): Promise<number> {
    let reached = next
    // Positions of damaged stretches are skipped by the log: what it no longer has cannot be waited for.
    const end = Math.min(until ?? Number.POSITIVE_INFINITY, await source.end())
    for await (const records of source.read(next, { maxRecords: READ_AT_ONCE })) {
      for (const record of records) {
        if (until !== undefined && record.position >= until) return until
        toRows(record, base + record.position, batch)
        reached = record.position + 1
      }
      await turn() // Between stretches the sockets of the batch before must move on.
      if (signal.aborted || (until === undefined && isFull())) return reached
    }
    return Math.max(reached, end)
  }
}

/** Repeats `work` with growing pauses until it succeeds; undefined when the signal came first. */
async function untilDone<T>(
  work: () => Promise<T>,
  limits: WriterLimits,
  signal: AbortSignal,
  onFailure: (message: string) => void,
): Promise<T | undefined> {
  for (let wait = limits.firstPauseMs; !signal.aborted; wait = Math.min(wait * 2, limits.longestPauseMs)) {
    try {
      return await work()
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error))
      await pause(wait, undefined, { signal }).catch(() => undefined)
    }
  }
  return undefined
}
