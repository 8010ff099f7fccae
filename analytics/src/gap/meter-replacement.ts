import type { Network } from '@gastwin/twin'
import type { WeighedSuspicion } from './explain-gap.ts'
import { GAP_TARIFF, type GapTariff, marginalPrice } from './gap-money.ts'
import { GAP_ASSUMPTIONS, type GapAssumptions } from './gap-options.ts'
import { type MissedCause, missedVolume } from './missed-volume.ts'
import { mixtureMean, mixtureQuantile } from './normal-mixture.ts'
import { METER_PRICES, type MeterPrices, replacementPrice } from './replacement-prices.ts'
import { ownUse } from './suspect-facts.ts'

/** A meter worth replacing. */
export interface MeterReplacement {
  readonly meter: string
  readonly zone: string
  /** m³ a year that a sound meter of the right size would count more: expected, and the 90 % interval. */
  readonly won_m3_per_year: number
  readonly won_m3_p05: number
  readonly won_m3_p95: number
  /** What the customer would pay for them. */
  readonly won_yuan_per_year: number
  /** Price of the exchange, and whether it is an assumption of the program. */
  readonly yuan: number
  readonly yuan_assumed: boolean
  readonly m3_per_yuan: number
  readonly yuan_per_yuan: number
  readonly reason: MissedCause
  /** Past the ten years of a small meter at a home. */
  readonly over_age: boolean
  readonly age_years: number
}

/** What the first meters are to win most of, for each yuan of the exchange: gas that is counted, or money. */
export type ReplacementOrder = 'm3' | 'yuan'

export interface ReplacementOptions {
  readonly prices?: MeterPrices
  readonly tariff?: GapTariff
  readonly assumptions?: Partial<GapAssumptions>
}

const DAYS_A_YEAR = 365.25
const LIFE_YEARS = 10
const SMALL_M3H = 6

/**
 * The meters whose replacement wins most for its cost: those that stand still, are too large for their load, or worn. Use is taken as
 * that of the data all the year round. Meters of a class without a price, and those that win nothing, are left out.
 * @param most how many to name: the first ones by m³ and the first ones by yuan, each meter once
 */
export function meterReplacements(
  network: Network,
  found: readonly WeighedSuspicion[],
  most: number,
  { prices = METER_PRICES, tariff = GAP_TARIFF, assumptions = {} }: ReplacementOptions = {},
): MeterReplacement[] {
  const known = { ...GAP_ASSUMPTIONS, ...assumptions }
  const worth = found.flatMap((one) => {
    const { register } = one.meter
    const price = replacementPrice(prices, register)
    const { parts, cause } = missedVolume(one, known)
    const won = mixtureMean(parts) * DAYS_A_YEAR
    if (price === undefined || !(won > 0)) return []
    const wonYuan = won * marginalPrice(tariff, register.home, ownUse(one) * DAYS_A_YEAR + won)
    const meter = network.meters.idOf(register.meter)
    const { yuan, assumed } = price
    return [
      { one, meter, parts, cause, won, wonYuan, yuan, assumed, m3_per_yuan: won / yuan, yuan_per_yuan: wonYuan / yuan },
    ]
  })
  return firstByEither(worth, most).map(({ one, parts, cause, won, wonYuan, assumed, ...row }) => {
    const { register } = one.meter
    return {
      ...row,
      zone: one.zone.id,
      won_m3_per_year: won,
      won_m3_p05: mixtureQuantile(parts, 0.05) * DAYS_A_YEAR,
      won_m3_p95: mixtureQuantile(parts, 0.95) * DAYS_A_YEAR,
      won_yuan_per_year: wonYuan,
      yuan_assumed: assumed,
      reason: cause,
      over_age: register.home && register.age > LIFE_YEARS && register.nominalM3H <= SMALL_M3H,
      age_years: register.age,
    }
  })
}

type Ranked = Pick<MeterReplacement, 'meter' | 'm3_per_yuan' | 'yuan_per_yuan'>

/** The first of a list to replace. @param most how many to name */
export function replaceFirst<T extends Ranked>(list: readonly T[], by: ReplacementOrder, most: number): T[] {
  const ratio = by === 'm3' ? 'm3_per_yuan' : 'yuan_per_yuan'
  return list.toSorted((a, b) => b[ratio] - a[ratio] || a.meter.localeCompare(b.meter)).slice(0, most)
}

/** Those that may be asked for, whatever the order: each once. */
export function firstByEither<T extends Ranked>(list: readonly T[], most: number): T[] {
  return [...new Set([...replaceFirst(list, 'm3', most), ...replaceFirst(list, 'yuan', most)])]
}
