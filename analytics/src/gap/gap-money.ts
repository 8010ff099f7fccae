import type { WeighedSuspicion } from './explain-gap.ts'
import { GAP_SHARES, type GapPeriod, type GapShare, isStated, type ShareEstimate } from './gap-period.ts'
import { ownUse } from './suspect-facts.ts'

/** What a m³ is worth, yuan. */
export interface GapTariff {
  /** Prices of homes by yearly use: the price of the m³ above `fromM3` a year. */
  readonly tiers: readonly { readonly fromM3: number; readonly price: number }[]
  readonly business: number
  /** What the utility pays for gas: the worth of a leak. */
  readonly purchase: number
}

/**
 * Three yearly tiers of one utility's defaults; business and purchase price are assumptions.
 * @source tiers 0–400, 400–1 680, above at 2.99 / 3.44 / 4.34 yuan per m³
 */
export const GAP_TARIFF: GapTariff = {
  tiers: [
    { fromM3: 0, price: 2.99 },
    { fromM3: 400, price: 3.44 },
    { fromM3: 1680, price: 4.34 },
  ],
  business: 4.34,
  purchase: 2.4,
}

/** Price of one m³ more of a customer. @param perYear m³ a year */
export function marginalPrice(tariff: GapTariff, home: boolean, perYear: number): number {
  if (!home) return tariff.business
  return tariff.tiers.reduce(
    (price, tier) => (perYear >= tier.fromM3 ? tier.price : price),
    tariff.tiers[0]?.price ?? 0,
  )
}

const DAY_MS = 86_400_000
const MONTH_DAYS = 365.25 / 12

/** Yuan a month that each share of a zone's gap costs. */
export interface GapCost {
  readonly zone: string
  readonly yuan_per_month: Readonly<Record<GapShare, ShareEstimate>>
}

/** Yuan per m³ of each share. A leak costs what the gas cost; what passed a customer unpaid, what he would have paid. */
const pricesOf = (tariff: GapTariff, sale: number): Readonly<Record<GapShare, number>> => ({
  leak: tariff.purchase,
  theft: sale,
  meter_bias: sale,
  temperature_pressure: sale,
  timing: 0,
  unread: 0,
  unexplained: 0,
})

/**
 * Yuan that each share of one period costs; time and unread registers cost nothing, they are billed later.
 * @param sale yuan per m³ that the zone's customers pay for one more
 */
export function sharesYuan(
  shares: NonNullable<GapPeriod['shares']>,
  tariff: GapTariff,
  sale = tariff.tiers[0]?.price ?? 0,
): Readonly<Record<GapShare, ShareEstimate>> {
  const prices = pricesOf(tariff, sale)
  return Object.fromEntries(
    GAP_SHARES.map((share) => {
      const { p05, p50, p95 } = shares[share]
      const price = prices[share]
      // A negative share of no price costs 0, not −0.
      return [share, { p05: p05 * price + 0, p50: p50 * price + 0, p95: p95 * price + 0 }]
    }),
  ) as Record<GapShare, ShareEstimate>
}

/**
 * What the gap of each zone costs in a month of days like those of the periods; zones whose supply nobody measured are left out.
 * @param salePrice yuan per m³ that the zone's customers pay for one more, by zone
 */
export function gapCosts(
  periods: readonly GapPeriod[],
  tariff: GapTariff,
  salePrice: ReadonlyMap<string, number>,
): GapCost[] {
  const zones = [...new Set(periods.filter(isStated).map((period) => period.zone))]
  return zones.map((zone) => {
    const own = periods.filter(isStated).filter((period) => period.zone === zone)
    const days = own.reduce((sum, { from, to }) => sum + (to - from) / DAY_MS, 0)
    const yuan = own.map(({ shares }) => sharesYuan(shares, tariff, salePrice.get(zone)))
    const cost = (share: GapShare): ShareEstimate => {
      const of = (quantile: keyof ShareEstimate) =>
        (yuan.reduce((sum, period) => sum + period[share][quantile], 0) / days) * MONTH_DAYS
      // Doubts of one cause lean the same way in all periods: their bounds are summed.
      return { p05: of('p05'), p50: of('p50'), p95: of('p95') }
    }
    return {
      zone,
      yuan_per_month: Object.fromEntries(GAP_SHARES.map((share) => [share, cost(share)])) as Record<
        GapShare,
        ShareEstimate
      >,
    }
  })
}

/** Yuan per m³ more, by zone: each customer's own tier, weighted by what he uses. */
export function salePrices(found: readonly WeighedSuspicion[], tariff: GapTariff): Map<string, number> {
  const sums = new Map<string, { yuan: number; m3: number }>()
  for (const one of found) {
    const { register } = one.meter
    const use = ownUse(one)
    const sum = sums.get(one.zone.id) ?? { yuan: 0, m3: 0 }
    sum.yuan += use * marginalPrice(tariff, register.home, use * 365.25)
    sum.m3 += use
    sums.set(one.zone.id, sum)
  }
  return new Map([...sums].filter(([, { m3 }]) => m3 > 0).map(([zone, { yuan, m3 }]) => [zone, yuan / m3]))
}
