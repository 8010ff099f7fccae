import { sortForMedian } from './median.ts'

/** Events of a meter that speak of tampering. */
export type TamperEvent = 'magnet' | 'cover_open' | 'reverse_flow' | 'valve_closed_flow' | 'tamper'

/** What the network knows about a meter, beside its own course. */
export interface MeterFacts {
  /** Probability of theft that the course alone gives, 0 … 1. */
  readonly score: number
  /** Day of the meter's drop and its size in m³ a day (standard state), from sizeDrop; null without a clear drop. */
  readonly drop: { readonly day: number; readonly lostPerDay: number } | null
  /** The zone's gap of each day, m³ (standard state), what is explained otherwise taken out; NaN where unknown. */
  readonly zoneGap: ArrayLike<number> | null
  /** Events with the day on which they came. */
  readonly events: readonly { readonly kind: TamperEvent; readonly day: number }[]
  /** The day the judgement is made on. */
  readonly today: number
}

export interface NetworkSuspicion {
  /** Probability with the network's facts weighed in. */
  readonly probability: number
  /** Log odds that each fact adds. */
  readonly evidence: readonly {
    readonly fact: 'course' | 'zone_rises_with_drop' | TamperEvent
    readonly log_odds: number
  }[]
}

/**
 * Log odds of theft against its being something else, once such an event has been seen. Assumed, not measured: a
 * magnet or gas through a closed valve is hard to explain otherwise, a cover is also opened by a fitter.
 */
export const EVENT_LOG_ODDS: Readonly<Record<TamperEvent, number>> = {
  magnet: 2.5,
  reverse_flow: 2.5,
  valve_closed_flow: 3,
  tamper: 1.5,
  cover_open: 1,
}
const WINDOW_DAYS = 21
const MOST_FROM_ZONE = 3
const EVENT_HALF_LIFE_DAYS = 60

/**
 * Weighs a learned score together with what the network knows: the zone's gap rising by the size of the meter's drop
 * on the same day, and events of the meter. Facts are taken for independent given theft or none.
 */
export function weighNetworkEvidence(facts: MeterFacts): NetworkSuspicion {
  const score = Math.min(1 - 1e-6, Math.max(1e-6, facts.score))
  const evidence: { fact: 'course' | 'zone_rises_with_drop' | TamperEvent; log_odds: number }[] = [
    { fact: 'course', log_odds: Math.log(score / (1 - score)) },
  ]
  if (facts.drop !== null && facts.zoneGap !== null) {
    const ratio = zoneRatio(facts.zoneGap, facts.drop.day, facts.drop.lostPerDay)
    if (ratio !== 0) evidence.push({ fact: 'zone_rises_with_drop', log_odds: ratio })
  }
  const latest = new Map<TamperEvent, number>()
  for (const { kind, day } of facts.events)
    if (day <= facts.today) latest.set(kind, Math.max(day, latest.get(kind) ?? Number.NEGATIVE_INFINITY))
  for (const [kind, day] of latest) {
    const age = facts.today - day
    evidence.push({ fact: kind, log_odds: EVENT_LOG_ODDS[kind] * 0.5 ** (age / EVENT_HALF_LIFE_DAYS) })
  }
  const odds = evidence.reduce((sum, { log_odds }) => sum + log_odds, 0)
  return { probability: 1 / (1 + Math.exp(-odds)), evidence }
}

/**
 * Log likelihood ratio of the zone's gap having risen by the meter's loss on its day, against not having risen; bounded,
 * for other customers and leaks move the gap too. 0 when the zone is too noisy, or too little of it is known, to tell.
 * @param gap         m³ a day, one value a day
 * @param lostPerDay  m³ a day, > 0
 */
function zoneRatio(gap: ArrayLike<number>, day: number, lostPerDay: number): number {
  const part = (from: number, to: number): Float64Array => {
    const seen: number[] = []
    for (let d = Math.max(0, from); d < Math.min(gap.length, to); d++)
      if (Number.isFinite(gap[d] as number)) seen.push(gap[d] as number)
    return Float64Array.from(seen)
  }
  const before = part(day - WINDOW_DAYS, day)
  const after = part(day, day + WINDOW_DAYS)
  if (before.length < 5 || after.length < 5 || !(lostPerDay > 0)) return 0
  const rise = sortForMedian(after.slice()) - sortForMedian(before.slice())
  const spread = Math.max(robustSpread(before), robustSpread(after), lostPerDay * 0.05)
  // A median of n scattered values is off by about 1.25 spreads / √n; days of a gap are not independent: one in two counts.
  const error = 1.25 * spread * Math.sqrt(2 / before.length + 2 / after.length)
  const ratio = (rise * lostPerDay - lostPerDay ** 2 / 2) / error ** 2
  return Math.max(-MOST_FROM_ZONE, Math.min(MOST_FROM_ZONE, ratio))
}

function robustSpread(values: Float64Array): number {
  const middle = sortForMedian(values.slice())
  return 1.4826 * sortForMedian(values.map((value) => Math.abs(value - middle)))
}
