import { GAP_SHARE_NAMES, type GapStatement, type ShareInterval } from '../../contract/index.ts'
import type { GapSpan } from '../../ledger/gap-records.ts'
import type { Database } from '../database.ts'

type Row = Omit<GapStatement, 'shares_m3' | 'shares_yuan' | 'known_leaks'> &
  Readonly<Record<string, number | string | null>> & { readonly known_leaks: string }

/** Shares of hours are sums of parts of a day, which may miss the one by a last digit. */
const NEARLY_ALL = 1 - 1e-9

const INSTANT = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`

/**
 * Statements of a span that begin in [from, to), in order of time and zone; each as it was stated last.
 * @param zone all zones when not given
 * @throws StoreError STO_ENGINE
 */
export async function readGapStatements(
  database: Database,
  every: GapSpan,
  zone: string | undefined,
  from: number,
  to: number,
): Promise<GapStatement[]> {
  const rows = await database.rows<Row>(
    `SELECT * EXCEPT (every, from_at, to_at, stated_at, position), toUnixTimestamp64Milli(from_at) AS from,
       toUnixTimestamp64Milli(to_at) AS to, toUnixTimestamp64Milli(g.stated_at) AS stated_at
     FROM ${database.name}.gap_statements AS g FINAL
     WHERE every = {every:String} AND ({zone:String} = '' OR zone = {zone:String})
       AND from_at >= ${INSTANT('from')} AND from_at < ${INSTANT('to')}
     ORDER BY from_at, zone`,
    { parameters: { every, zone: zone ?? '', from, to }, settings: { output_format_json_quote_64bit_integers: 0 } },
  )
  return rows.map((row) => ({
    zone: row.zone,
    from: row.from,
    to: row.to,
    supply_m3: row.supply_m3,
    supply_state: row.gap_m3 === null ? 'not_measured' : row.inlet_coverage > NEARLY_ALL ? 'measured' : 'partly',
    supply_doubt_m3: row.supply_doubt_m3,
    sales_m3: row.sales_m3,
    linepack_change_m3: row.linepack_change_m3,
    own_use_m3: row.own_use_m3,
    // What is `nan` in the database comes as null.
    gap_m3: row.gap_m3,
    gap_rate: row.gap_rate,
    inlet_coverage: row.inlet_coverage,
    meters: row.meters,
    unread_meters: row.unread_meters,
    shares_m3: sharesOf(row, 'm3'),
    known_leaks: row.known_leaks === '' ? [] : (JSON.parse(row.known_leaks) as GapStatement['known_leaks']),
    shares_yuan: sharesOf(row, 'yuan'),
    revision: row.revision,
    stated_at: row.stated_at,
  }))
}

function sharesOf(row: Row, measure: 'm3' | 'yuan'): GapStatement['shares_m3'] {
  if (row.gap_m3 === null) return null
  const of = (share: string): ShareInterval => ({
    p05: Number(row[`${share}_${measure}_p05`] ?? 0),
    p50: Number(row[`${share}_${measure}_p50`] ?? 0),
    p95: Number(row[`${share}_${measure}_p95`] ?? 0),
  })
  return Object.fromEntries(GAP_SHARE_NAMES.map((share) => [share, of(share)])) as GapStatement['shares_m3']
}
