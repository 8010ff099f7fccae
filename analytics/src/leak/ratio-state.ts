/** Hours of the day that have numbers of their own. */
export const HOURS = 24
/** Where the numbers of a ratio stand: what each hour has besides, what a weekend's hour has, how steeply each hour follows the others, … */
export const REST = 1 * HOURS
export const STEEP = 2 * HOURS
/** … how the zone follows the others, … */
export const SLOPE = 3 * HOURS
/** … its level, … */
export const LEVEL = SLOPE + 1
/** … the error of business' expected use, of today's trade, … */
export const BUSINESS = SLOPE + 2
export const TRADE = SLOPE + 3
/** … and how much more it heats than the others. */
export const HEAT = SLOPE + 4
export const SIZE = SLOPE + 5
/** Over how many hours neighbouring hours are alike. */
const ALIKE_H = 2.5

/** What is known of a ratio before it was seen; standard deviations. */
export interface RatioPrior {
  /** How use follows the others' from day to day. */
  readonly slope: number
  readonly slopeSigma: number
  /** What an hour of the day has besides, and what a weekend's hour has. */
  readonly hourly: number
  readonly weekend: number
  /** By how much an hour of the day follows the others differently, and by how much the zone heats differently. */
  readonly steep: number
  readonly heat: number
  /** What lasts for days, as homes that are away for a week. */
  readonly level: number
}

/** Covariance of all numbers before anything was seen, row by row. */
export function covarianceOf({ slopeSigma, hourly, weekend, steep, heat, level }: RatioPrior): Float64Array {
  const out = new Float64Array(SIZE * SIZE)
  for (const [first, sigma] of [
    [0, hourly],
    [REST, weekend],
    [STEEP, steep],
  ] as const)
    for (let i = 0; i < HOURS; i++)
      for (let j = 0; j < HOURS; j++) {
        const apart = Math.sin((Math.PI * (i - j)) / HOURS) * (HOURS / (Math.PI * ALIKE_H))
        out[(first + i) * SIZE + first + j] = sigma ** 2 * (Math.exp(-0.5 * apart * apart) + (i === j ? 0.05 : 0))
      }
  for (const [place, sigma] of [
    [SLOPE, slopeSigma],
    [LEVEL, level],
    [TRADE, 1],
    [HEAT, heat],
  ] as const)
    out[place * SIZE + place] = sigma ** 2
  return out
}
