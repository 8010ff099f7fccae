import type { Migration } from './migration.ts'

/**
 * The batch of positions [from_position, to_position) a writer is about to insert, noted before its rows. After any death the same
 * batch is inserted again under the same tokens, so borders never move and each row counts once.
 * One row per log: `base` is what is added to a log's positions, so that a log begun anew continues the numbering of the database.
 */
export const writer: Migration = {
  version: 5,
  name: 'writer',
  sql: `
CREATE TABLE IF NOT EXISTS {local:writer_batches} {on_cluster}
(
  log String,
  base UInt64,
  from_position UInt64,
  to_position UInt64,
  noted_at DateTime('UTC') DEFAULT now()
)
ENGINE = {engine:ReplacingMergeTree(to_position)}
ORDER BY log
SETTINGS {durable};

{distributed:writer_batches:cityHash64(log)}
`,
}
