import type { PriceTable } from '../contract/safety.ts'
import type { LineOrder, PriceTable as WirePrices } from '../protocol/index.ts'
import type { LedgerEntry } from './ledger-snapshot.ts'

const LINE_KINDS: ReadonlySet<string> = new Set<LedgerEntry['kind']>([
  'close',
  'permit',
  'clock',
  'read',
  'price',
  'parameter',
])

/** Whether a concentrator passes such a command on; a month is read by it as values of a date. */
export const isForLine = ({ kind, read }: Pick<LedgerEntry, 'kind' | 'read'>): boolean =>
  LINE_KINDS.has(kind) && read === undefined

/** Prices of the API as they go over the wire. */
export const wirePrices = ({ tiers, from_day, from_at }: PriceTable): WirePrices => ({
  tiers: tiers.map(({ yuan_per_m3: yuan, to_m3: toM3 }) => ({ yuan, toM3 })),
  fromDay: from_day,
  ...(from_at !== undefined && { fromAt: from_at }),
})

/** An entry of the ledger as an order for a line; undefined for one that a line does not carry. */
export function orderOf(
  entry: Pick<LedgerEntry, 'kind' | 'permit' | 'read' | 'setting' | 'prices'>,
): LineOrder | undefined {
  const { kind, setting, prices, permit } = entry
  if (!isForLine(entry)) return undefined
  if (kind === 'parameter') return setting && { kind, ...setting }
  if (kind === 'price') return prices && { kind, prices: wirePrices(prices) }
  if (kind === 'permit' && permit !== undefined) return { kind: 'permit_button', windowS: permit.window_s }
  return kind === 'close' || kind === 'permit' || kind === 'clock' || kind === 'read' ? { kind } : undefined
}
