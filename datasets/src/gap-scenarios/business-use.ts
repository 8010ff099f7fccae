import type { SeededRandom } from '../seeded-random.ts'

/** A commercial or industrial customer. */
export interface Business {
  readonly class: 'commercial' | 'industrial'
  /** m³/h at the reference state when fully at work. */
  readonly flow: number
  readonly opens: number
  readonly closes: number
  readonly restDay: number
  readonly heatingShare: number
  readonly floor: number
  /** The day on which business changes for good, and by how much: real life, no theft. */
  readonly turn: { readonly hour: number; readonly factor: number } | null
}

export function inventBusiness(random: SeededRandom, hours: number, industrial: boolean): Business {
  const flow = industrial ? Math.exp(random.between(2.6, 4)) : Math.exp(random.between(0.5, 2.9))
  const aroundTheClock = random.chance(industrial ? 0.5 : 0.1)
  return {
    class: industrial ? 'industrial' : 'commercial',
    flow,
    opens: aroundTheClock ? 0 : 5 + random.below(6),
    closes: aroundTheClock ? 24 : 16 + random.below(8),
    restDay: random.chance(0.4) ? random.below(7) : -1,
    heatingShare: random.chance(0.5) ? random.between(0.2, 0.8) : 0,
    floor: random.between(0, 0.08),
    turn: random.chance(0.15) ? { hour: random.below(hours), factor: random.between(0.5, 1.5) } : null,
  }
}

/** Use of one hour, m³ at the reference state. */
export function businessUse(
  random: SeededRandom,
  business: Business,
  hour: number,
  local: number,
  weekday: number,
  air: number,
): number {
  const { flow, opens, closes, restDay, heatingShare, floor, turn } = business
  const open = local >= opens && local < closes && weekday !== restDay
  const cold = Math.max(0, Math.min(1.6, (291 - air) / 18))
  const level = open ? 1 - heatingShare + heatingShare * cold : floor * (1 - heatingShare + heatingShare * cold)
  const changed = turn !== null && hour >= turn.hour ? turn.factor : 1
  return flow * level * changed * random.between(0.75, 1.25)
}
