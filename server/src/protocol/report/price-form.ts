import { UsageError } from '@gastwin/twin'
import type { PriceTable } from './line-order.ts'

/** Steps of a price, yuan. */
const PRICE_STEP = 10_000
const U32 = 0xffff_ffff
const MOST_TIERS = 8
const MOST_DAY = 28

/**
 * A price table as the unsigned numbers of 32 bits that our own forms carry: from when (0 at once, 1 to 28 a day of the month, else
 * Unix s), then for each step its price in 0.0001 yuan and the m³ at which it ends, the last without.
 * @throws UsageError PRT_ENCODE when a number has no place
 */
export function priceForm({ tiers, fromDay, fromAt }: PriceTable): number[] {
  const from = fromAt === undefined ? (fromDay ?? 0) : Math.round(fromAt / 1000)
  const numbers = [from]
  tiers.forEach(({ yuan, toM3 }, i) => {
    numbers.push(Math.round(yuan * PRICE_STEP))
    if (i < tiers.length - 1) numbers.push(toM3 ?? 0)
  })
  if (tiers.length < 1 || tiers.length > MOST_TIERS || numbers.some((n) => !(n >= 0 && n <= U32)))
    throw new UsageError('PRT_ENCODE', `prices have 1 to ${MOST_TIERS} steps of numbers that fit 32 bits`)
  return numbers
}

/** Mirror of `priceForm`; undefined when the numbers are no table: the steps must rise. */
export function pricesOfForm(numbers: readonly number[]): PriceTable | undefined {
  const [from, ...rest] = numbers
  if (from === undefined || rest.length % 2 === 0 || rest.length > 2 * MOST_TIERS - 1) return undefined
  if (numbers.some((n) => !(n >= 0 && n <= U32))) return undefined
  const tiers: { yuan: number; toM3: number | null }[] = []
  let before = 0
  for (let i = 0; i < rest.length; i += 2) {
    const toM3 = rest[i + 1] ?? null
    if (toM3 !== null && toM3 <= before) return undefined
    before = toM3 ?? before
    tiers.push({ yuan: (rest[i] ?? 0) / PRICE_STEP, toM3 })
  }
  if (from > MOST_DAY) return { tiers, fromDay: null, fromAt: from * 1000 }
  return { tiers, fromDay: from === 0 ? null : from }
}
