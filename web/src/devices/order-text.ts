import type { CommandRecord } from '@gastwin/server/contract'
import { printNumber } from '../format/numbers.ts'
import type { DeviceOrderText } from '../text/en/device-orders.ts'
import { wordFor } from '../text/language.ts'

type Told = Pick<CommandRecord, 'kind' | 'read' | 'log' | 'prices' | 'connection'>

const ORDERS: ReadonlySet<string> = new Set(['read', 'log', 'restart', 'renew_key', 'price', 'connection'])

/** Whether a command is one of those that `POST /commands/orders` gives. */
export const isOrder = ({ kind }: Pick<CommandRecord, 'kind'>): boolean => ORDERS.has(kind)

/** An order in words, and what came of it so far. */
export function orderText({ kind, read, log, prices, connection }: Told, { kinds, told }: DeviceOrderText): string {
  if (read !== undefined)
    return `${kinds['month']} ${read.month}${read.days === null ? '' : ` · ${told.days(printNumber(read.days))}`}`
  if (log !== undefined) {
    const pieces = log.pieces === null ? '' : ` · ${told.pieces(printNumber(log.got.length), printNumber(log.pieces))}`
    const lines = log.lines === 0 ? '' : ` · ${told.lines(printNumber(log.lines))}`
    return `${kinds['log']}, ${told.days(printNumber(log.days))}${pieces}${lines}`
  }
  if (connection !== undefined) return `${wordFor(kinds, connection.setting)} ${connection.value}`
  const steps = prices === undefined ? '' : ` · ${told.steps(printNumber(prices.tiers.length))}`
  return `${wordFor(kinds, kind)}${steps}`
}
