import type { SeededRandom } from '../seeded-random.ts'

/** A leak that begins on a day of the data and may be mended. Hours count from hour 0 of the scenario. */
export interface ScenarioLeak {
  readonly zone: number
  readonly fromHour: number
  /** Infinity when nobody mends it. */
  readonly untilHour: number
  /** Share of the zone's mean use once it has grown. */
  readonly size: number
  readonly growsHours: number
}

const LEAST_SIZE = 0.015
const MOST_SIZE = 0.09

/** @param lead hours before the first that has a truth; a leak begins two days after that at the earliest */
export function inventLeak(random: SeededRandom, zone: number, hours: number, lead: number): ScenarioLeak {
  const fromHour = lead + 48 + random.below(Math.max(1, hours - lead - 96))
  const size = Math.exp(random.between(Math.log(LEAST_SIZE), Math.log(MOST_SIZE)))
  const growsHours = random.chance(0.5) ? 1 : random.between(6, 60)
  const stands = 24 * random.between(3, 20)
  return {
    zone,
    fromHour,
    untilHour: random.chance(0.5) ? fromHour + stands : Number.POSITIVE_INFINITY,
    size,
    growsHours,
  }
}

/** Share of the zone's mean use that leaks in an hour. */
export const leakedShare = ({ fromHour, untilHour, size, growsHours }: ScenarioLeak, hour: number): number =>
  hour < fromHour || hour >= untilHour ? 0 : size * Math.min(1, (hour - fromHour + 1) / growsHours)
