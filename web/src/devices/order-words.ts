import type { DeviceOrder } from '@gastwin/server/contract'
import { zoneOffsetMs } from '../format/time.ts'

/** What can be ordered beside settings, closing and firmware. */
export const ORDER_KINDS = [
  'read',
  'month',
  'log',
  'price',
  'restart',
  'renew_key',
  'clock',
  'apn',
  'server_address',
] as const
export type OrderKind = (typeof ORDER_KINDS)[number]

/** What each kind of device can be told: the service refuses the rest. Valves close by shut-offs. */
export const ORDERS_OF: Readonly<Record<'meter' | 'rtu' | 'valve', readonly OrderKind[]>> = {
  meter: ORDER_KINDS,
  rtu: ['read', 'restart', 'renew_key', 'clock'],
  valve: ['restart', 'renew_key', 'clock'],
}

/** An order as it was typed. */
export interface OrderWords {
  readonly kind: OrderKind
  readonly month: string
  readonly days: string
  readonly address: string
  /** Price and end of each step; the end of the last does not count. */
  readonly tiers: readonly { readonly yuan: string; readonly to: string }[]
  readonly from: 'now' | 'day' | 'at'
  /** Of the month, or `YYYY-MM-DD hh:mm`. */
  readonly when: string
}

export const NO_ORDER: OrderWords = {
  ...{ kind: 'read', month: '', days: '30', address: '', tiers: [{ yuan: '', to: '' }], from: 'now', when: '' },
}
export const MOST_TIERS = 8

/** Another way to the platform is an administrator's affair. */
export const isConnection = (kind: OrderKind): boolean => kind === 'apn' || kind === 'server_address'

/** The order that was typed; undefined until it is whole. @param zone time zone of the city */
export function orderOfWords(words: OrderWords, zone: string): DeviceOrder | undefined {
  const { kind, month, days, address } = words
  switch (kind) {
    case 'read':
      return { kind: 'read' }
    case 'month':
      return /^20\d\d-(0[1-9]|1[0-2])$/.test(month.trim()) ? { kind: 'read', month: month.trim() } : undefined
    case 'log': {
      const number = /^\d{1,2}$/.test(days.trim()) ? Number(days) : 0
      return number >= 1 && number <= 30 ? { kind: 'log', days: number } : undefined
    }
    case 'apn':
      return /^[A-Za-z0-9.-]{1,63}$/.test(address.trim())
        ? { kind: 'connection', setting: 'apn', value: address.trim() }
        : undefined
    case 'server_address':
      return /^[^\s:]{1,58}:\d{1,5}$/.test(address.trim())
        ? { kind: 'connection', setting: 'server_address', value: address.trim() }
        : undefined
    case 'price': {
      const prices = pricesOf(words, zone)
      return prices && { kind: 'price', prices }
    }
    default:
      return { kind }
  }
}

type Prices = Extract<DeviceOrder, { kind: 'price' }>['prices']

function pricesOf({ tiers: typed, from, when }: OrderWords, zone: string): Prices | undefined {
  const tiers: Prices['tiers'] = []
  let before = 0
  for (const [i, { yuan, to }] of typed.entries()) {
    const isLast = i === typed.length - 1
    const end = isLast ? null : Number(to.trim())
    if (!/^\d{1,4}(\.\d{1,4})?$/.test(yuan.trim())) return undefined
    if (end !== null && !(Number.isInteger(end) && end > before && end <= 999_999)) return undefined
    before = end ?? before
    tiers.push({ yuan_per_m3: Number(yuan), to_m3: end })
  }
  if (from === 'now') return { tiers, from_day: null }
  if (from === 'day') {
    const day = /^\d{1,2}$/.test(when.trim()) ? Number(when) : 0
    return day >= 1 && day <= 28 ? { tiers, from_day: day } : undefined
  }
  const at = instantOf(when, zone)
  return at === undefined ? undefined : { tiers, from_day: null, from_at: at }
}

/** `YYYY-MM-DD hh:mm` of the city's clocks as an instant, Unix ms. */
export function instantOf(text: string, zone: string): number | undefined {
  const [, date, clock] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)$/.exec(text.trim()) ?? []
  const local = date === undefined ? Number.NaN : Date.parse(`${date}T${clock}:00Z`)
  if (Number.isNaN(local)) return undefined
  const near = local - zoneOffsetMs(local, zone)
  return local - zoneOffsetMs(near, zone)
}
