import { GAP_SHARE_NAMES } from '../../contract/index.ts'

export const QUANTILES = ['p05', 'p50', 'p95'] as const
const intervals = (measure: string) =>
  GAP_SHARE_NAMES.flatMap((share) => QUANTILES.map((quantile) => `${share}_${measure}_${quantile}`))

/** Columns of the gap's tables, in the order of their text. */
export const GAP_TABLES = {
  gap_statements: [
    ...['every', 'zone', 'from_at', 'to_at', 'supply_m3', 'sales_m3', 'linepack_change_m3', 'own_use_m3', 'gap_m3'],
    ...['gap_rate', 'inlet_coverage', 'meters', 'unread_meters'],
    ...intervals('m3'),
    ...intervals('yuan'),
    ...['revision', 'stated_at', 'known_leaks', 'supply_doubt_m3', 'position'],
  ],
  gap_revisions: [
    ...['zone', 'from_at', 'to_at', 'revision', 'at', 'supply_change_m3', 'sales_change_m3', 'gap_change_m3'],
    ...['leak_change_m3', 'position'],
  ],
  gap_suspects: [
    ...['meter', 'kind', 'stated_at', 'zone', 'probability', 'found_at', 'since'],
    ...['m3_per_day_p05', 'm3_per_day_p50', 'm3_per_day_p95', 'yuan_per_month', 'facts', 'position'],
  ],
} as const
