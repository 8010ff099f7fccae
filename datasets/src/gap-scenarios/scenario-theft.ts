import type { SeededRandom } from '../seeded-random.ts'

/** How gas is kept from a meter. */
export const THEFT_KINDS = ['fraction', 'all', 'night', 'cold', 'weekend'] as const
export type TheftKind = (typeof THEFT_KINDS)[number]

export interface Theft {
  readonly kind: TheftKind
  /** First hour of the scenario with theft; below 0 when it began before the data. */
  readonly fromHour: number
  /** Of the use while it is on. */
  readonly fraction: number
  /** K: below it a thief of heating steals. */
  readonly coldBelow: number
}

export function inventTheft(random: SeededRandom, hours: number, heats: boolean): Theft {
  const draw = random.next()
  const kind: TheftKind =
    draw < 0.45 ? 'fraction' : draw < 0.6 ? 'all' : draw < 0.75 ? 'night' : draw < 0.9 && heats ? 'cold' : 'weekend'
  return {
    kind,
    fromHour: random.chance(0.35) ? -1 : Math.floor(random.between(0.15, 0.9) * hours),
    fraction: kind === 'fraction' ? random.between(0.2, 0.9) : kind === 'all' ? 1 : random.between(0.7, 1),
    coldBelow: random.between(276, 284),
  }
}

/** Share of an hour's use that passes by the meter, 0…1. */
export function stolenShare(theft: Theft, hour: number, local: number, weekday: number, air: number): number {
  if (hour < theft.fromHour) return 0
  switch (theft.kind) {
    case 'fraction':
    case 'all':
      return theft.fraction
    case 'night':
      return local >= 21 || local < 6 ? theft.fraction : 0
    case 'cold':
      return air < theft.coldBelow ? theft.fraction : 0
    case 'weekend':
      return weekday === 0 || weekday === 6 ? theft.fraction : 0
  }
}
