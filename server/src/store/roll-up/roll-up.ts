import type { Database } from '../database.ts'
import { LONGEST_MS, SPANS, type Span, startOf } from './spans.ts'

/** Positions that one pass takes, so that catching up after a long time does not need all memory at once. */
const STRETCH = 1_000_000
const TIMEOUT_S = 600

/** Aggregates of an hour come from the readings that count, those of longer spans from the next shorter one. */
const FROM_READINGS = `argMax(r.zone, at), min(value), max(value), avg(value), argMin(value, at), argMax(value, at),
  min(at), max(at), count()`
const FROM_ROLL_UP = `argMax(r.zone, last_at), min(r.min), max(r.max), sum(r.avg * samples) / sum(samples),
  argMin(r.first, first_at), argMax(r.last, last_at), min(first_at), max(last_at), sum(samples)`
const SOURCE: Readonly<Record<Span, { readonly table: string; readonly time: string; readonly columns: string }>> = {
  hour: { table: 'readings', time: 'at', columns: FROM_READINGS },
  day: { table: 'readings_hour', time: 'start', columns: FROM_ROLL_UP },
  month: { table: 'readings_day', time: 'start', columns: FROM_ROLL_UP },
}

/**
 * Computes hours, days and months again for every (quantity, device) that got readings at positions before `upto` since the last
 * pass. They are a function of the readings that count, so a pass may be repeated, and a reading that came twice is in them once.
 *
 * @param upto first position of the database whose rows may not be complete
 * @param timeZone IANA name: days and months are the city's
 * @returns position up to which roll-ups are complete
 * @throws StoreError STO_ENGINE
 */
export async function rollUp(database: Database, upto: number, timeZone: string, cluster: boolean): Promise<number> {
  const db = database.name
  const [mark] = await database.rows<{ upto: string | number }>(`SELECT max(upto) AS upto FROM ${db}.roll_up_marks`)
  let from = Number(mark?.upto ?? 0)
  while (from < upto) {
    const to = Math.min(upto, from + STRETCH)
    await rollUpStretch(database, from, to, timeZone, cluster)
    await database.run(`INSERT INTO ${db}.roll_up_marks (name, upto) SELECT 'readings', {upto:UInt64}`, {
      parameters: { upto: to },
    })
    from = to
  }
  return from
}

async function rollUpStretch(
  database: Database,
  from: number,
  to: number,
  tz: string,
  cluster: boolean,
): Promise<void> {
  const db = database.name
  const touched = `${db}.readings WHERE position >= {from:UInt64} AND position < {to:UInt64}`
  const [range] = await database.rows<{ low: string | number; high: string | number; rows: string | number }>(
    `SELECT toUnixTimestamp64Milli(min(at)) AS low, toUnixTimestamp64Milli(max(at)) AS high, count() AS rows FROM ${touched}`,
    { parameters: { from, to }, timeoutS: TIMEOUT_S },
  )
  if (range === undefined || Number(range.rows) === 0) return
  for (const span of SPANS) {
    const { table, time, columns } = SOURCE[span]
    await database.run(
      `INSERT INTO ${db}.readings_${span}
         (quantity, device, start, zone, min, max, avg, first, last, first_at, last_at, samples, revision)
       SELECT quantity, device, ${startOf(span, `r.${time}`)} AS period, ${columns}, {to:UInt64}
       FROM ${db}.${table} AS r FINAL
       WHERE r.${time} >= fromUnixTimestamp64Milli({low:Int64}, 'UTC')
         AND r.${time} <= fromUnixTimestamp64Milli({high:Int64}, 'UTC')
         AND (quantity, device, ${startOf(span, `r.${time}`)}) ${cluster ? 'GLOBAL IN' : 'IN'} (
           SELECT DISTINCT quantity, device, ${startOf(span, 'at')} FROM ${touched})
       GROUP BY quantity, device, period`,
      {
        parameters: {
          from,
          to,
          tz,
          low: Number(range.low) - LONGEST_MS[span],
          high: Number(range.high) + LONGEST_MS[span],
        },
        timeoutS: TIMEOUT_S,
        settings: { do_not_merge_across_partitions_select_final: 1, max_bytes_before_external_group_by: '1000000000' },
      },
    )
  }
}
