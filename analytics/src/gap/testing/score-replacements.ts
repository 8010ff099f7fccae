import type { GapExplanation } from '../explain-gap.ts'
import { type MeterReplacement, meterReplacements, replaceFirst } from '../meter-replacement.ts'
import { METER_PRICES, replacementPrice } from '../replacement-prices.ts'
import type { Town } from './town-telemetry.ts'

const DAYS_A_YEAR = 365.25
const MOST = 20

/** Replacements of one town against what its meters truly miss. */
export interface ReplacementScore {
  /** m³ a year for each yuan of the first twenty: as stated, truly, of the best twenty there are, and of the twenty oldest. */
  readonly stated: number
  readonly won: number
  readonly best: number
  readonly oldest: number
  /** For each of the twenty: whether its interval holds the truth. */
  readonly held: readonly number[]
}

export function scoreReplacements({ network, truth }: Town, explained: GapExplanation): ReplacementScore {
  const meters = explained.suspicions.flatMap(({ meter: { register } }) => {
    const meter = network.meters.idOf(register.meter)
    const price = replacementPrice(METER_PRICES, register)
    const won = (truth.missedPerDay.get(meter) ?? 0) * DAYS_A_YEAR
    return price === undefined ? [] : [{ meter, yuan: price.yuan, won, age: register.age }]
  })
  const known = new Map(meters.map((one) => [one.meter, one]))
  const list = replaceFirst(meterReplacements(network, explained.suspicions, MOST), 'm3', MOST)
  const truly = (one: MeterReplacement) => known.get(one.meter)?.won ?? 0
  const yuan = list.reduce((sum, one) => sum + one.yuan, 0)
  return {
    stated: list.reduce((sum, one) => sum + one.won_m3_per_year, 0) / yuan,
    won: list.reduce((sum, one) => sum + truly(one), 0) / yuan,
    best: bestRatio(meters),
    oldest: ratio(meters.toSorted((a, b) => b.age - a.age || a.meter.localeCompare(b.meter)).slice(0, MOST)),
    held: list.map((one) => (truly(one) >= one.won_m3_p05 && truly(one) <= one.won_m3_p95 ? 1 : 0)),
  }
}

interface Priced {
  readonly won: number
  readonly yuan: number
}

const ratio = (chosen: readonly Priced[]) =>
  chosen.reduce((sum, { won }) => sum + won, 0) / chosen.reduce((sum, { yuan }) => sum + yuan, 0)

/** The largest Σ won / Σ yuan that twenty meters reach (Dinkelbach): the twenty of the largest own ratios need not be it. */
function bestRatio(meters: readonly Priced[]): number {
  let best = 0
  for (;;) {
    const worth = ({ won, yuan }: Priced) => won - best * yuan
    const next = ratio(meters.toSorted((a, b) => worth(b) - worth(a)).slice(0, MOST))
    if (!(next > best)) return best
    best = next
  }
}
