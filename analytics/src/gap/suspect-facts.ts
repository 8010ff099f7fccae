import type { Network } from '@gastwin/twin'
import type { WeighedSuspicion } from './explain-gap.ts'

/** Something that speaks for or against a suspicion: a code with its value, so that everybody finds his own words. */
export interface SuspicionFact {
  readonly code: string
  readonly value: number | null
  /** '1' of shares and standard deviations, 'm3/day', 'a' of years. */
  readonly unit: string
  /** Unix ms: since when, or when last. */
  readonly at: number | null
}

export const TAMPER_CODES = ['tamper', 'magnet', 'cover', 'reverse_flow', 'valve_closed_but_flowing'] as const
export type TamperCode = (typeof TAMPER_CODES)[number]

/** What a meter noticed by itself, or what its valve and its register say against each other. */
export interface TamperEvent {
  readonly code: TamperCode
  /** Unix ms. */
  readonly at: number
}

/** How much likelier such an event is at a robbed meter than at a sound one (assumption). */
const TAMPER_ODDS: Readonly<Record<TamperCode, number>> = {
  tamper: 15,
  magnet: 40,
  cover: 4,
  reverse_flow: 15,
  valve_closed_but_flowing: 40,
}

/** A probability with what events say; each kind counts once, because a magnet left on is told every day. */
export function withTamper(probability: number, events: readonly TamperEvent[]): number {
  const odds = [...new Set(events.map(({ code }) => code))].reduce((product, code) => product * TAMPER_ODDS[code], 1)
  return (probability * odds) / (1 - probability + probability * odds)
}

/** Of robbed meters, so many in a thousand lie below rank r as r to this power; of sound ones r (see `modelOdds`). */
const RANK_POWER = 5
/** How much of the model's word is news beside the meter's other signals, which are made of the same days. */
const NEWS = 0.8

/**
 * How much likelier a rank is at a robbed meter than at a sound one: ranks of sound ones are even, those of robbed ones pile up at the
 * top as r^(power − 1) · power.
 * @param rank share of the meters that the learned model finds less suspicious, 0 … 1
 */
const modelOdds = (rank: number): number => (RANK_POWER * Math.max(0.1, rank) ** (RANK_POWER - 1)) ** NEWS

/** A probability with what a learned model says of the meter's course of days. @param rank 0 … 1 */
export function withModel(probability: number, rank: number): number {
  const odds = modelOdds(rank)
  return (probability * odds) / (1 - probability + probability * odds)
}

/** One fact a kind of event: how often, and when last. */
export function tamperFacts(events: readonly TamperEvent[]): SuspicionFact[] {
  return TAMPER_CODES.flatMap((code): SuspicionFact[] => {
    const own = events.filter((event) => event.code === code)
    if (own.length === 0) return []
    return [
      fact(
        code,
        own.length,
        '1',
        own.reduce((last, { at }) => Math.max(last, at), 0),
      ),
    ]
  })
}

export function standingFacts(network: Network, one: WeighedSuspicion): SuspicionFact[] {
  const { standing } = one
  const still =
    standing?.since === undefined
      ? [fact('never_moved')]
      : [fact('stands_still', null, '1', standing.since), fact('own_use', standing.usedPerDay, 'm3/day')]
  return [...still, peerUse(one), ...zoneFacts(one), ...ageOf(network, one)]
}

export function oversizedFacts(network: Network, one: WeighedSuspicion): SuspicionFact[] {
  return [fact('utilisation', one.utilisation), fact('own_use', ownUse(one), 'm3/day'), ...ageOf(network, one)]
}

const PATTERN_CODES = { drop: 'drop', cold: 'cold_drop', weekend: 'weekend_drop' } as const

/** The rank, when a model gave one. */
export const modelFacts = (rank: number | undefined): SuspicionFact[] =>
  rank === undefined ? [] : [fact('model_score', rank)]

export function theftFacts(network: Network, one: WeighedSuspicion): SuspicionFact[] {
  const { theft, standing } = one
  const neverMoved = standing !== undefined && standing.since === undefined
  const own =
    theft.pattern === 'low'
      ? [...(neverMoved ? [fact('never_moved')] : [fact('own_use', ownUse(one), 'm3/day')]), peerUse(one)]
      : theft.pattern === 'idle'
        ? [fact('idle_days', theft.idleShare ?? null, '1', theft.since ?? null), fact('own_use', ownUse(one), 'm3/day')]
        : [
            fact(PATTERN_CODES[theft.pattern], theft.fraction, '1', theft.since ?? null),
            fact('strength', theft.strength),
          ]
  return [...own, ...zoneFacts(one), ...ageOf(network, one)]
}

/** Whether the zone's balance misses gas on the days on which the meter is suspected to have counted too little. */
function zoneFacts({ loss, theftProbability: alone }: WeighedSuspicion): SuspicionFact[] {
  if (loss === undefined) return []
  if (loss.probability > 1.3 * alone) return [fact('zone_misses_gas', loss.probability)]
  if (loss.probability < 0.7 * alone) return [fact('zone_misses_nothing', loss.probability)]
  return [fact('zone_says_nothing', loss.probability)]
}

function ageOf(network: Network, { meter: { register } }: WeighedSuspicion): SuspicionFact[] {
  return (network.meters.installedYear[register.meter] ?? 0) > 0 ? [fact('age_years', register.age, 'a')] : []
}

const peerUse = ({ peerUse: use }: WeighedSuspicion): SuspicionFact => fact('peer_use', use, 'm3/day')

/** m³ a day by its register, over all its readings. */
export function ownUse({ meter: { register } }: WeighedSuspicion): number {
  const last = register.time.length - 1
  const days = ((register.time[last] as number) - (register.time[0] as number)) / 86_400_000
  return days > 0 ? (register.total[last] as number) / days : 0
}

const fact = (code: string, value: number | null = null, unit = '1', at: number | null = null): SuspicionFact => ({
  code,
  value,
  unit,
  at,
})
