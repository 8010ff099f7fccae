import { METER_CLASSES, type Network } from '@gastwin/twin'

const RESIDENTIAL = METER_CLASSES.indexOf('residential')
/** By how much one home's use, and one business' use, differs from one day to the next: relative. */
const HOME = 0.5
const TRADE = 0.2

/** By how much the use of a zone's slowly read meters differs from day to day, by itself. */
export interface UseUnrest {
  /** Relative standard deviation of the use of homes. */
  readonly homes: number
  /** Standard deviation of the use of trade that is read once a day, m³/s. */
  readonly trade: number
}

/**
 * The fewer and the larger the users, the more their sum differs from day to day.
 * @param meters rows of the meters read once a day
 * @param rateOf mean rate of a meter as counted, m³/s; NaN where it is not known
 * @returns by zone; undefined for a zone of which no register is known
 */
export function unrestOf(
  network: Network,
  meters: readonly number[],
  rateOf: (meter: number) => number,
): readonly (UseUnrest | undefined)[] {
  const { zones, meters: columns } = network
  const use = new Float64Array(zones.count)
  const homes = new Float64Array(zones.count)
  const trade = new Float64Array(zones.count)
  for (const meter of meters) {
    const zone = columns.zone[meter] as number
    const rate = rateOf(meter)
    if (zone < 0 || !(rate > 0)) continue
    use[zone] = (use[zone] as number) + rate
    if (columns.class[meter] === RESIDENTIAL) homes[zone] = (homes[zone] as number) + (HOME * rate) ** 2
    else trade[zone] = (trade[zone] as number) + (TRADE * rate) ** 2
  }
  return Array.from(use, (sum, zone) =>
    sum > 0 ? { homes: Math.sqrt(homes[zone] as number) / sum, trade: Math.sqrt(trade[zone] as number) } : undefined,
  )
}
