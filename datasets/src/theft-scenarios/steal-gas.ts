import type { SeededRandom } from '../seeded-random.ts'

export const THEFT_WAYS = ['hose', 'branch', 'magnet_at_night', 'turned_meter', 'only_in_winter', 'slowed'] as const

/** How a customer steals: acts of people with pipes and magnets, not formulas on series. */
export interface Theft {
  readonly way: (typeof THEFT_WAYS)[number]
  readonly firstDay: number
  /** Taken past the meter, m³ in all. */
  readonly taken: number
}

/**
 * Lets a customer steal, in place: the first days are honest, thieves pause, fear inspections, forget.
 * @param meter  m³ a day; what the meter shows afterwards
 */
export function stealGas(meter: Float32Array, degreeDays: Float64Array, random: SeededRandom): Theft {
  const way = THEFT_WAYS[random.below(THEFT_WAYS.length)] as Theft['way']
  const days = meter.length
  const firstDay = random.chance(0.3) ? 0 : random.below(Math.max(1, Math.floor(days * 0.7)))
  const diameter = random.between(0.25, 0.95)
  const nights = random.between(0.3, 0.8)
  const cold = random.between(3, 12)
  const readingDay = random.below(30)
  let active = true
  let slowing = 1
  let taken = 0
  for (let d = firstDay; d < days; d++) {
    if (random.chance(active ? 0.02 : 0.15)) active = !active
    const use = meter[d] as number
    let past = 0
    switch (way) {
      case 'hose': // fitted instead of the meter, put back some days before the reader comes
        past = (d + readingDay) % 30 < 25 ? 1 : 0
        break
      case 'branch': // a pipe beside the meter: a share that depends on the pipes' widths and on how much is drawn
        past = Math.min(0.97, diameter * (0.9 + 0.2 * random.next()))
        break
      case 'magnet_at_night':
        past = random.chance(0.8) ? nights * random.between(0.7, 1.1) : 0
        break
      case 'turned_meter': // what it counts backwards cancels what it counted; the register never shows less than nothing
        past = (d + readingDay) % 30 < 12 ? 1 : 0
        break
      case 'only_in_winter':
        past = (degreeDays[d] as number) > cold ? diameter : 0
        break
      case 'slowed': // gears filed, a hole in the membrane: worse from week to week
        slowing = Math.max(0.15, slowing * (1 - random.between(0, 0.03)))
        past = 1 - slowing
        break
    }
    if (!active && way !== 'branch' && way !== 'slowed') past = 0
    const gone = use * Math.min(1, Math.max(0, past))
    meter[d] = use - gone
    taken += gone
  }
  return { way, firstDay, taken }
}
