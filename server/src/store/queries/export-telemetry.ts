import { Readable } from 'node:stream'
import type { Database } from '../database.ts'

/**
 * Telemetry in [from, to), long form `time,asset,quantity,value`: time ISO 8601 in UTC, SI, each reading once, not sorted. What
 * devices say of themselves (battery, radio) is left out.
 * @throws StoreError STO_ENGINE before the first byte; a later failure breaks the stream
 */
export async function exportTelemetry(
  database: Database,
  from: number,
  to: number,
  format: 'csv' | 'ndjson',
): Promise<Readable> {
  const rows = await database.stream(
    `SELECT concat(replaceOne(toString(at), ' ', 'T'), 'Z') AS time, asset, quantity, value
     FROM ${database.name}.readings FINAL
     WHERE at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
       AND bitAnd(flags, 2) = 0
     FORMAT ${format === 'csv' ? 'CSV' : 'JSONEachRow'}`,
    { parameters: { from, to }, settings: { do_not_merge_across_partitions_select_final: 1 } },
  )
  if (format === 'ndjson') return rows
  async function* withHead() {
    yield 'time,asset,quantity,value\n'
    yield* rows
  }
  return Readable.from(withHead(), { objectMode: false })
}
