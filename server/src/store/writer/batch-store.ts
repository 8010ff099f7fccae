import type { Database } from '../database.ts'
import type { BatchRows } from './batch-rows.ts'
import { TABLE_NAMES, WRITTEN_TABLES } from './text-rows.ts'

/** How far a log is in the database. All positions are those of the database: the log's own plus `base`. */
export interface WriterMark {
  readonly base: number
  /** The last batch noted; its rows may or may not be complete. */
  readonly from: number
  readonly to: number
}

/** The database as the writer sees it. */
export interface BatchStore {
  /** Where this log stands; a log that is not known yet begins after everything that is stored. */
  open(log: string): Promise<WriterMark>
  /** Notes a batch before its rows. */
  note(log: string, mark: WriterMark): Promise<void>
  /** Inserts the rows of a batch; repeating it changes nothing. */
  insert(log: string, batch: BatchRows): Promise<void>
}

interface MarkRow {
  readonly log: string
  readonly base: string | number
  readonly from_position: string | number
  readonly to_position: string | number
}

const INSERT_TIMEOUT_S = 120
/**
 * Batches come in bulk and one at a time: collapsing rows before they are written and parsing in pieces only costs (a sixth of the
 * CPU per row, measured); repeated rows inside a batch are settled by the engine's FINAL like all others.
 */
const BULK = { async_insert: 0, optimize_on_insert: 0, input_format_parallel_parsing: 0 }

/** @param cluster whether tables are distributed: then an insert waits for the shards */
export function batchStore(database: Database, cluster: boolean): BatchStore {
  const settings = cluster ? { distributed_foreground_insert: 1 } : {}
  const marks = `${database.name}.writer_batches`
  const note = (log: string, mark: WriterMark) =>
    database.run(
      `INSERT INTO ${marks} (log, base, from_position, to_position)
       SELECT {log:String}, {base:UInt64}, {from:UInt64}, {to:UInt64}`,
      { parameters: { log, base: mark.base, from: mark.from, to: mark.to }, settings },
    )
  return {
    async open(log) {
      const rows = await database.rows<MarkRow>(`SELECT log, base, from_position, to_position FROM ${marks} FINAL`)
      const own = rows.find((row) => row.log === log)
      if (own !== undefined)
        return { base: Number(own.base), from: Number(own.from_position), to: Number(own.to_position) }
      const base = Math.max(0, ...rows.map((row) => Number(row.to_position)))
      const mark = { base, from: base, to: base }
      await note(log, mark)
      return mark
    },
    note,
    async insert(log, batch) {
      await Promise.all(
        TABLE_NAMES.filter((name) => batch.table(name).rows > 0).map((name) =>
          database.insertText(name, WRITTEN_TABLES[name], batch.table(name).bytes(), {
            timeoutS: INSERT_TIMEOUT_S,
            settings: { ...BULK, ...settings, insert_deduplication_token: `${log}:${name}:${batch.from}-${batch.to}` },
          }),
        ),
      )
    },
  }
}
