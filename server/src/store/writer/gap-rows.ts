import { GAP_SHARE_NAMES, type GapRevision, type GapStatement } from '../../contract/index.ts'
import type { RecordedStatement, RecordedSuspect } from '../../ledger/gap-records.ts'
import type { BatchRows } from './batch-rows.ts'
import { QUANTILES } from './gap-columns.table.ts'
import { numberField, textField } from './text-rows.ts'

const maybe = (value: number | null | undefined) => (value === null || value === undefined ? '\\N' : numberField(value))

/** A gap whose supply was not measured is no number in the database either: `nan`. */
const unstated = (value: number | null | undefined) => numberField(value ?? Number.NaN)

/** Row of one statement, and of what late data changed in it. @param position of the event in the database's numbering */
export function addGapStatement(
  { every, statement, change }: RecordedStatement,
  position: number,
  batch: BatchRows,
): void {
  const s = statement
  const shares = [s.shares_m3, s.shares_yuan].flatMap((of) =>
    GAP_SHARE_NAMES.flatMap((share) => QUANTILES.map((quantile) => unstated(of?.[share][quantile]))),
  )
  const ledger = [s.supply_m3, s.sales_m3, s.linepack_change_m3, s.own_use_m3, s.gap_m3].map(unstated)
  const row = [
    ...[every, textField(s.zone), s.from, s.to, ...ledger, maybe(s.gap_rate), numberField(s.inlet_coverage)],
    ...[s.meters, s.unread_meters, ...shares, s.revision, s.stated_at],
    ...[textField(leaksAsText(s)), maybe(s.supply_doubt_m3), position],
  ]
  batch.table('gap_statements').add(row.join('\t'))
  if (change !== null) addRevision(change, position, batch)
}

/** Records of before leaks were told have none. */
const leaksAsText = ({ known_leaks }: Partial<GapStatement>): string =>
  known_leaks === undefined || known_leaks.length === 0 ? '' : JSON.stringify(known_leaks)

function addRevision(change: GapRevision, position: number, batch: BatchRows): void {
  const { zone, from, to, revision, at, supply_change_m3, sales_change_m3, gap_change_m3, leak_change_m3 } = change
  const changes = [supply_change_m3, sales_change_m3, gap_change_m3, leak_change_m3].map(unstated)
  batch.table('gap_revisions').add([textField(zone), from, to, revision, at, ...changes, position].join('\t'))
}

/** Row of one suspicion as it stands at a time. @param at service clock, Unix ms */
export function addGapSuspect(
  { suspect, foundAt }: RecordedSuspect,
  at: number,
  position: number,
  batch: BatchRows,
): void {
  const { meter, kind, zone, probability, since, m3_per_day: size, yuan_per_month: yuan, facts } = suspect
  const row = [
    ...[textField(meter), kind, at, textField(zone), numberField(probability), foundAt, maybe(since)],
    ...[maybe(size?.p05), maybe(size?.p50), maybe(size?.p95), maybe(yuan), textField(JSON.stringify(facts)), position],
  ]
  batch.table('gap_suspects').add(row.join('\t'))
}
