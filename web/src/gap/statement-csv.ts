import { GAP_SHARE_NAMES, type GapStatement } from '@gastwin/server/contract'
import { printOffset } from '../format/time.ts'

/** Spreadsheets take a file for UTF-8 only with this in front. */
const BOM = '\ufeff'
const QUANTILES = ['p05', 'p50', 'p95'] as const

/**
 * The statement of a period as one table: unit in each header, ISO times with the city's offset, decimal points. Gap and shares are
 * empty where the supply was not measured.
 * @param nameOf the name of a zone; @param timeZone of the city
 */
export function statementCsv(
  statements: readonly GapStatement[],
  nameOf: (zone: string) => string,
  timeZone: string,
): string {
  const header = [
    ...[
      'zone',
      'name',
      'from',
      'to',
      'supply_m3',
      'sales_m3',
      'linepack_change_m3',
      'own_use_m3',
      'gap_m3',
      'gap_rate_1',
    ],
    ...['supply_state', 'supply_doubt_m3', 'inlet_coverage_1', 'meters', 'unread_meters'],
    ...GAP_SHARE_NAMES.flatMap((name) => QUANTILES.map((q) => `${name}_${q}_m3`)),
    ...GAP_SHARE_NAMES.flatMap((name) => QUANTILES.map((q) => `${name}_${q}_yuan`)),
    ...['revision', 'stated_at'],
  ]
  const rows = statements.map((s) => [
    ...[s.zone, nameOf(s.zone), isoIn(s.from, timeZone), isoIn(s.to, timeZone)],
    ...[s.supply_m3, s.sales_m3, s.linepack_change_m3, s.own_use_m3, s.gap_m3, s.gap_rate],
    ...[s.supply_state, s.supply_doubt_m3, s.inlet_coverage, s.meters, s.unread_meters],
    ...GAP_SHARE_NAMES.flatMap((name) => QUANTILES.map((q) => s.shares_m3?.[name][q] ?? null)),
    ...GAP_SHARE_NAMES.flatMap((name) => QUANTILES.map((q) => s.shares_yuan?.[name][q] ?? null)),
    ...[s.revision, isoIn(s.stated_at, timeZone)],
  ])
  return csvTable([header, ...rows])
}

/** Rows as spreadsheets take them. */
export const csvTable = (rows: readonly (readonly (string | number | null)[])[]): string =>
  `${BOM + rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(Math.round(value * 1e6) / 1e6)
  // A spreadsheet would run a text that begins like a formula.
  const safe = /^[=+\-@]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** `2026-11-20T00:00:00+08:00` */
export function isoIn(at: number, zone: string): string {
  const offset = printOffset(at, zone).replace('\u2212', '-')
  const minutes = (offset.startsWith('-') ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4)))
  return new Date(at + minutes * 60_000).toISOString().slice(0, 19) + offset
}
