import type { SeededRandom } from '../seeded-random.ts'

/** One home: what it burns and how its people live. Flows in m³/h at the reference state. */
export interface Household {
  readonly vacant: boolean
  readonly meal: number
  readonly mealHours: readonly [breakfast: number, lunch: number, supper: number]
  readonly eatsIn: readonly [breakfast: number, lunch: number, supper: number]
  readonly shower: number
  readonly showersADay: number
  readonly boiler: {
    readonly perKelvin: number
    readonly wanted: number
    readonly setback: number
    readonly most: number
  } | null
  /** Burns always: pilot lights, a leak behind the meter. */
  readonly standing: number
  /** Hours of absence, [from, to). */
  readonly absences: readonly (readonly [from: number, to: number])[]
}

export function inventHousehold(random: SeededRandom, hours: number, boilerShare: number): Household {
  const absences: [number, number][] = []
  if (random.chance(0.18)) {
    const from = random.below(hours)
    absences.push([from, from + 24 * (2 + random.below(12))])
  }
  const boiler = random.chance(boilerShare)
    ? {
        perKelvin: random.between(0.006, 0.022),
        wanted: random.between(287, 294),
        setback: random.chance(0.5) ? random.between(2, 6) : 0,
        most: random.between(2, 2.8),
      }
    : null
  return {
    vacant: random.chance(0.04),
    meal: random.between(0.06, 0.3),
    mealHours: [random.between(6, 8.5), random.between(11, 13), random.between(17, 20)],
    eatsIn: [random.between(0.2, 0.9), random.between(0.1, 0.8), random.between(0.5, 0.95)],
    shower: random.between(0.1, 0.35),
    showersADay: random.chance(0.8) ? random.between(0.5, 3.5) : 0,
    boiler,
    standing: random.chance(0.09) ? random.between(0.002, 0.03) : 0,
    absences,
  }
}

const SHOWER_HOURS = [1, 0.3, 0.1, 0.1, 0.2, 1, 4, 5, 3, 1.5, 1, 1, 1.5, 1, 0.8, 0.8, 1, 2, 3.5, 5, 7, 7, 5, 2.5]
const SHOWER_SUM = SHOWER_HOURS.reduce((sum, weight) => sum + weight, 0)

/** Use of one hour, m³ at the reference state. @param local hour on the local clock, 0…23. @param air K */
export function householdUse(
  random: SeededRandom,
  home: Household,
  hour: number,
  local: number,
  weekend: boolean,
  air: number,
): { readonly total: number; readonly heating: number } {
  const away = home.absences.some(([from, to]) => hour >= from && hour < to)
  let heating = 0
  if (home.boiler !== null && !home.vacant) {
    const { perKelvin, wanted, setback, most } = home.boiler
    const night = local >= 23 || local < 6
    const target = away ? 281 : wanted - (night ? setback : 0)
    const wake = !away && local === 6 ? 1.6 : 1
    heating = Math.min(most, Math.max(0, perKelvin * wake * (target - 2 - air)) * random.between(0.6, 1.4))
  }
  if (home.vacant || away) return { total: home.standing + heating, heating }
  let use = heating
  home.mealHours.forEach((at, meal) => {
    const likely = (home.eatsIn[meal] ?? 0) * (weekend && meal === 1 ? 1.3 : 1)
    if (Math.floor(at) === local && random.chance(likely)) use += home.meal * random.between(0.4, 1.9)
  })
  const coldWater = 1 + 0.012 * Math.max(-10, 288 - air)
  const showers = (home.showersADay * (SHOWER_HOURS[local] ?? 0)) / SHOWER_SUM
  if (random.chance(Math.min(0.95, showers))) use += home.shower * coldWater * random.between(0.5, 1.6)
  return { total: use + home.standing, heating }
}
