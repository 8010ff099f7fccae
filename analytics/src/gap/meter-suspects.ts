import type { Network } from '@gastwin/twin'
import type { WeighedSuspicion } from './explain-gap.ts'
import type { ShareEstimate } from './gap-period.ts'
import {
  modelFacts,
  oversizedFacts,
  type SuspicionFact,
  standingFacts,
  type TamperEvent,
  tamperFacts,
  theftFacts,
  withModel,
  withTamper,
} from './suspect-facts.ts'

export type SuspectKind = 'theft' | 'stopped' | 'oversized'

/** A meter to look at, with what speaks against it. */
export interface MeterSuspect {
  readonly meter: string
  readonly zone: string
  readonly kind: SuspectKind
  /** That it is so, 0…1. */
  readonly score: number
  /** Unix ms; null when it has been so since the first reading, or nobody can tell. */
  readonly since: number | null
  /** Not counted, m³ a day at the meter while it lasts; null when the readings do not tell. */
  readonly m3_per_day: ShareEstimate | null
  readonly facts: readonly SuspicionFact[]
}

/** Load over the size's maximum below which a business meter counts as too large. */
const LOW_UTILISATION = 0.25
const NORMAL_90 = 1.645

/**
 * Suspects of all kinds, most likely first.
 * @param least score below which a meter is not listed
 * @param tamper events of meters, by row of the network's table
 * @param ranks by row: share of the meters that a learned model finds less suspicious, 0 … 1
 */
export function meterSuspects(
  network: Network,
  found: readonly WeighedSuspicion[],
  least = 0.02,
  tamper: ReadonlyMap<number, readonly TamperEvent[]> = new Map(),
  ranks: ReadonlyMap<number, number> = new Map(),
): MeterSuspect[] {
  const list: MeterSuspect[] = []
  for (const one of found) {
    const row = one.meter.register.meter
    const base = { meter: network.meters.idOf(row), zone: one.zone.id }
    const events = tamper.get(row) ?? []
    const rank = ranks.get(row)
    const own = theftScore(one)
    const score = withTamper(rank === undefined ? own : withModel(own, rank), events)
    const still = standsStill(one)
    const fault = faultProbability(one)
    if (still && one.standing !== undefined && fault >= least)
      list.push({
        ...base,
        kind: 'stopped',
        score: fault,
        since: one.standing.since ?? null,
        m3_per_day: one.standing.since === undefined ? null : around(one.standing.usedPerDay, 0.3),
        facts: standingFacts(network, one),
      })
    if (score >= least && (!still || events.length > 0))
      list.push({
        ...base,
        kind: 'theft',
        score,
        since: one.theft.since ?? null,
        m3_per_day: theftSize(one),
        facts: [...tamperFacts(events), ...theftFacts(network, one), ...modelFacts(rank)],
      })
    if (one.utilisation < LOW_UTILISATION)
      list.push({
        ...base,
        kind: 'oversized',
        score: 1 - one.utilisation / LOW_UTILISATION,
        since: null,
        m3_per_day: null,
        facts: oversizedFacts(network, one),
      })
  }
  return list.sort((a, b) => b.score - a.score || a.meter.localeCompare(b.meter))
}

/**
 * That a register stands still through a fault or a bypass: what it says itself, raised by a zone that misses gas, lowered only by one
 * that clearly does not.
 */
export function faultProbability({ standing, loss }: WeighedSuspicion): number {
  const own = standing?.probability ?? 0
  if (loss === undefined) return own
  return loss.probability < own / 2 ? loss.probability : Math.max(own, loss.probability)
}

/** A drop that began so long before the register stood still is another matter, ms. */
const SAME_CAUSE_MS = 3 * 86_400_000

/** Whether what is suspected is that the register stands still: broken or led past, which its readings cannot tell. */
function standsStill({ standing, theft }: WeighedSuspicion): boolean {
  if (standing === undefined) return false
  if (standing.since === undefined || theft.pattern !== 'drop' || theft.since === undefined) return true
  return Math.abs(theft.since - standing.since) <= SAME_CAUSE_MS
}

/** That a meter is robbed: by its zone's balance where the loss is large enough to show there, else by its own readings. */
export function theftScore({ loss, theftProbability }: WeighedSuspicion): number {
  return loss === undefined ? theftProbability : loss.probability
}

function theftSize({ theft, loss }: WeighedSuspicion): ShareEstimate | null {
  if (theft.perDay <= 0) return null
  if (loss !== undefined && loss.probability > 0.05)
    return { p05: theft.perDay * loss.p05, p50: theft.perDay * loss.p50, p95: theft.perDay * loss.p95 }
  return around(theft.perDay, 1 / Math.max(1, theft.strength))
}

/** @param deviation share of the value */
function around(value: number, deviation: number): ShareEstimate {
  return { p05: Math.max(0, value * (1 - NORMAL_90 * deviation)), p50: value, p95: value * (1 + NORMAL_90 * deviation) }
}
