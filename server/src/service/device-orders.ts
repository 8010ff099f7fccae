import { type CityCalendar, UsageError } from '@gastwin/twin'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { DeviceOrder } from '../contract/index.ts'
import type { CampaignOrder } from '../devices/campaign.ts'
import { masked, type PersonalSeal } from '../devices/personal-seal.ts'
import { orderFault } from './line-desk.ts'

/** What a concentrator takes for itself: what it is to read has orders of its own. */
export const CONCENTRATOR_ORDERS: ReadonlySet<string> = new Set(['clock', 'restart', 'renew_key'])

/** Months that a meter keeps (S0-101). */
const MONTHS_KEPT = 12
const SERVER = /^(?:[A-Za-z0-9.-]{1,58}|\[[0-9A-Fa-f:]{2,45}\]):([0-9]{1,5})$/
const APN = /^[A-Za-z0-9.-]{1,63}$/

/**
 * Checks an order and makes it what the ledger and a campaign keep: what must not be read at rest is sealed.
 * @param now service clock, Unix ms
 * @throws UsageError CMD_REFUSED, or API_INPUT where nothing can be sealed
 */
export function keptOrder(order: DeviceOrder, seal: PersonalSeal, calendar: CityCalendar, now: number): CampaignOrder {
  switch (order.kind) {
    case 'read':
      if (order.month === undefined) return { kind: 'read' }
      requireKeptMonth(order.month, calendar, now)
      return { kind: 'read', read: { month: order.month, days: null } }
    case 'log':
      return { kind: 'log', log: { days: order.days, pieces: null, got: [], lines: 0 } }
    case 'price': {
      const fault = orderFault(order) ?? timeFault(order.prices, now)
      if (fault !== undefined) throw new UsageError('CMD_REFUSED', fault)
      return { kind: 'price', prices: order.prices }
    }
    case 'connection': {
      const { setting, value } = order
      const port = Number(SERVER.exec(value)?.[1] ?? 0)
      const fits = setting === 'apn' ? APN.test(value) : port > 0 && port < 65_536
      if (!fits)
        throw new UsageError(
          'CMD_REFUSED',
          setting === 'apn' ? 'an APN is letters, digits, . and -' : 'a server address is host:port',
        )
      if (!seal.canSeal)
        throw new UsageError('API_INPUT', `${setting}: it is stored sealed, which needs a master key of the service`)
      return { kind: 'connection', connection: { setting, value: seal.seal(value) } }
    }
    default:
      return { kind: order.kind }
  }
}

/** What an order is, for the audit: no value that is sealed elsewhere. */
export function orderWords({ kind, prices, read, log, connection }: CampaignOrder): string {
  if (read !== undefined) return `read ${read.month}`
  if (log !== undefined) return `log of ${log.days} days`
  if (connection !== undefined) return `another ${connection.setting}`
  if (prices === undefined) return kind
  const { tiers, from_day, from_at } = prices
  const from =
    from_at === undefined
      ? from_day === null
        ? 'at once'
        : `from day ${from_day}`
      : `from ${new Date(from_at).toISOString()}`
  return `prices ${tiers.map(({ yuan_per_m3, to_m3 }) => `${yuan_per_m3}${to_m3 === null ? '' : ` to ${to_m3}`}`).join(', ')} ${from}`
}

/** A connection as anybody may see it. */
export const shownConnection = (
  connection: NonNullable<LedgerEntry['connection']>,
  seal: PersonalSeal,
): NonNullable<LedgerEntry['connection']> => ({ ...connection, value: masked(seal.open(connection.value) ?? '') })

function requireKeptMonth(month: string, calendar: CityCalendar, now: number): void {
  const local = new Date(now + calendar.offset(now))
  const current = 12 * local.getUTCFullYear() + local.getUTCMonth()
  const [year = 0, number = 1] = month.split('-').map(Number)
  const back = current - (12 * year + number - 1)
  if (back < 0) throw new UsageError('CMD_REFUSED', `${month} has not begun`)
  if (back > MONTHS_KEPT)
    throw new UsageError('CMD_REFUSED', `${month} is ${back} months back: a meter keeps ${MONTHS_KEPT}`)
}

function timeFault(
  { from_day, from_at }: { from_day: number | null; from_at?: number },
  now: number,
): string | undefined {
  if (from_at === undefined) return undefined
  if (from_day !== null) return 'prices hold from a day of the month or from an instant, not both'
  return from_at <= now ? 'the instant from which the prices hold is over' : undefined
}
