import type { Network } from '@gastwin/twin'
import type { WeighedSuspicion } from './explain-gap.ts'
import type { ShareEstimate } from './gap-period.ts'

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
  readonly reason: string
}

/** Load over the size's maximum below which a business meter counts as too large. */
const LOW_UTILISATION = 0.25
const NORMAL_90 = 1.645

/** Suspects of all kinds, most likely first. @param least score below which a meter is not listed */
export function meterSuspects(network: Network, found: readonly WeighedSuspicion[], least = 0.02): MeterSuspect[] {
  const list: MeterSuspect[] = []
  for (const one of found) {
    const meter = network.meters.idOf(one.meter.register.meter)
    const base = { meter, zone: one.zone.id }
    const score = theftScore(one)
    if (one.standing !== undefined && one.standing.probability >= least)
      list.push({
        ...base,
        kind: 'stopped',
        score: one.standing.probability,
        since: one.standing.since ?? null,
        m3_per_day: one.standing.since === undefined ? null : around(one.standing.usedPerDay, 0.3),
        reason: standingReason(one),
      })
    if (score >= least)
      list.push({
        ...base,
        kind: 'theft',
        score,
        since: one.theft.since ?? null,
        m3_per_day: theftSize(one),
        reason: theftReason(one),
      })
    if (one.utilisation < LOW_UTILISATION)
      list.push({
        ...base,
        kind: 'oversized',
        score: 1 - one.utilisation / LOW_UTILISATION,
        since: null,
        m3_per_day: null,
        reason: `its highest hourly flow is ${percent(one.utilisation)} of what its size carries: small flows pass uncounted`,
      })
  }
  return list.sort((a, b) => b.score - a.score || a.meter.localeCompare(b.meter))
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

function standingReason({ standing }: WeighedSuspicion): string {
  if (standing?.since === undefined)
    return 'its register has never moved in the data: empty home, broken meter or bypass'
  return `its register stands still since ${day(standing.since)}; before, ${standing.usedPerDay.toFixed(1)} m³ a day were counted`
}

function theftReason(one: WeighedSuspicion): string {
  const { theft, loss, theftProbability: alone } = one
  const strength = `${theft.strength.toFixed(1)} standard deviations`
  const own =
    theft.pattern === 'drop'
      ? `since ${day(theft.since ?? 0)} it counts ${percent(theft.fraction)} less than its use before and its neighbours' use foretell (${strength})`
      : theft.pattern === 'cold'
        ? `when it is cold it counts ${percent(theft.fraction)} less than its mild days foretell (${strength})`
        : theft.pattern === 'weekend'
          ? `at weekends it counts ${percent(theft.fraction)} less than on other days (${strength})`
          : one.standing !== undefined && one.standing.since === undefined
            ? 'its register has never moved in the data'
            : lowReason(one)
  if (loss === undefined) return own
  const zone =
    loss.probability > 1.3 * alone
      ? "; its zone's balance misses gas on the same days"
      : loss.probability < 0.7 * alone
        ? "; its zone's balance does not miss that gas"
        : "; its zone's balance neither confirms nor denies it"
  return own + zone
}

function lowReason({ meter: { register }, peerUse }: WeighedSuspicion): string {
  const last = register.time.length - 1
  const days = ((register.time[last] as number) - (register.time[0] as number)) / 86_400_000
  const use = days > 0 ? (register.total[last] as number) / days : 0
  return peerUse > 0
    ? `it counts ${use.toFixed(2)} m³ a day, others of its size ${peerUse.toFixed(2)} in the middle`
    : 'nothing but what is usual for its kind'
}

const percent = (part: number) => `${Math.round(100 * part)} %`
const day = (at: number) => new Date(at).toISOString().slice(0, 10)
