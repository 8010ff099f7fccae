import type { Network } from '@gastwin/twin'
import type { WeighedSuspicion } from './explain-gap.ts'
import { GAP_ASSUMPTIONS, type GapAssumptions } from './gap-options.ts'
import { ownUse } from './suspect-facts.ts'

/** Yuan for a meter of a size, put in place: up to and including `nominalM3H` (assumption). */
export type MeterPrices = readonly { readonly nominalM3H: number; readonly yuan: number }[]

export const METER_PRICES: MeterPrices = [
  { nominalM3H: 1.6, yuan: 260 },
  { nominalM3H: 2.5, yuan: 280 },
  { nominalM3H: 4, yuan: 340 },
  { nominalM3H: 10, yuan: 1200 },
  { nominalM3H: 25, yuan: 3000 },
  { nominalM3H: 65, yuan: 9000 },
  { nominalM3H: Number.POSITIVE_INFINITY, yuan: 20_000 },
]

/** A meter worth replacing. */
export interface MeterReplacement {
  readonly meter: string
  readonly zone: string
  /** m³ a year that a sound meter would count more, expected. */
  readonly won_m3_per_year: number
  readonly yuan: number
  readonly m3_per_yuan: number
  readonly reason: ReplacementReason
  /** Past the ten years of a small meter at a home. */
  readonly over_age: boolean
  readonly age_years: number
}

export type ReplacementReason = 'stopped' | 'too_large' | 'worn'

const DAYS_A_YEAR = 365.25
const LIFE_YEARS = 10
const SMALL_M3H = 6
const OVERSIZED_LOSS = 0.07
const LOW_UTILISATION = 0.25

/**
 * Meters by what their replacement wins per yuan: those that stand still, are worn, or too large for their load. Use is taken as that
 * of the data all the year round.
 * @param most how many to list
 */
export function meterReplacements(
  network: Network,
  found: readonly WeighedSuspicion[],
  most = 20,
  prices: MeterPrices = METER_PRICES,
  assumptions: Partial<GapAssumptions> = {},
): MeterReplacement[] {
  const { ageing } = { ...GAP_ASSUMPTIONS, ...assumptions }
  const list = found.map((one): MeterReplacement => {
    const { register } = one.meter
    const use = ownUse(one)
    const stopped =
      one.standing === undefined ? 0 : one.standing.probability * (1 - theftPart(one)) * one.standing.usedPerDay
    const worn = ageing[0] * register.age * use
    const tooLarge = one.utilisation < LOW_UTILISATION ? OVERSIZED_LOSS * use : 0
    const won = (stopped + worn + tooLarge) * DAYS_A_YEAR
    const yuan = prices.find((price) => register.nominalM3H <= price.nominalM3H)?.yuan ?? Number.POSITIVE_INFINITY
    const overAge = register.home && register.age > LIFE_YEARS && register.nominalM3H <= SMALL_M3H
    const reason =
      stopped >= Math.max(worn, tooLarge) && stopped > 0 ? 'stopped' : tooLarge > worn ? 'too_large' : 'worn'
    return {
      meter: network.meters.idOf(register.meter),
      zone: one.zone.id,
      won_m3_per_year: won,
      yuan,
      m3_per_yuan: won / yuan,
      reason,
      over_age: overAge,
      age_years: register.age,
    }
  })
  return list
    .filter(({ won_m3_per_year }) => won_m3_per_year > 0)
    .sort((a, b) => b.m3_per_yuan - a.m3_per_yuan)
    .slice(0, most)
}

/** Of a standing register, that it is bypassed and not broken (assumption). */
function theftPart({ standing }: WeighedSuspicion): number {
  return standing === undefined ? 0 : 0.4
}
