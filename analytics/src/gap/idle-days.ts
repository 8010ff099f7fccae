import { fitUse, type MeterWindows } from './meter-behaviour.ts'
import type { TheftEvidence } from './theft-evidence.ts'

/** Days on which a meter counts nothing though it counts on the days around. */
export interface IdleDays {
  /** Of the days outside long pauses. */
  readonly share: number
  /** How often such a spell comes. */
  readonly spells: number
  /** m³ a day in the middle of the days on which it counts. */
  readonly level: number
  readonly isIdle: (window: number) => boolean
}

/** Nobody at home: a longer spell says nothing. */
const LONGEST_SPELL_DAYS = 4.5
const FEWEST_WINDOWS = 14
/** Rarer than this is life: a supper out, a weekend away. */
const LEAST_SHARE = 0.12
const FEWEST_SPELLS = 4
/** Meters whose level is within this factor live alike. */
const ALIKE = 1.6
/** A peer that idles nearly as often counts against the suspicion. */
const NEARLY = 1 / 1.5
/** Part of the thieves who steal by days, against whom so few peers idle as much (assumption), and the most that is believed. */
const BY_DAYS = 0.3
const MOST_ODDS = 40
/** How much of it is news beside the step down that idle days make as well. */
const NEWS = 0.8
/** Days before the first idle one from which its begin can be told. */
const TOLD_AFTER_DAYS = 7

/** @returns undefined when it was read too seldom, or never counted */
export function idleDays({ volume, length }: MeterWindows, resolution: number): IdleDays | undefined {
  const count = volume.length
  if (count < FEWEST_WINDOWS) return undefined
  const still = 0.6 * resolution
  const idle = new Uint8Array(count)
  let [spells, idleSum, livedSum] = [0, 0, 0]
  const lived: number[] = []
  for (let k = 0; k < count; ) {
    if ((volume[k] as number) > still) {
      livedSum += length[k] as number
      lived.push((volume[k] as number) / (length[k] as number))
      k += 1
      continue
    }
    let [end, days] = [k, 0]
    while (end < count && (volume[end] as number) <= still) days += length[end++] as number
    if (days <= LONGEST_SPELL_DAYS) {
      idle.fill(1, k, end)
      idleSum += days
      spells += 1
    }
    k = end
  }
  if (lived.length === 0) return undefined
  lived.sort((a, b) => a - b)
  return {
    share: idleSum / (idleSum + livedSum),
    spells,
    level: lived[lived.length >> 1] as number,
    isIdle: (window) => idle[window] === 1,
  }
}

/**
 * How much likelier such idle days are at a meter that is put out of action now and then than at a sound one: a home that burns as much
 * as its peers on its other days does not live without gas every few days when they never do.
 * @param homes all of its zone, itself among them
 */
export function idleOdds(own: IdleDays, homes: readonly IdleDays[]): number {
  const { share, spells, level } = own
  if (share < LEAST_SHARE || spells < FEWEST_SPELLS) return 1
  let [peers, idle] = [0, 0]
  for (const one of homes) {
    if (one === own || one.level > level * ALIKE || one.level * ALIKE < level) continue
    peers += 1
    if (one.share >= share * NEARLY) idle += 1
  }
  return Math.min(MOST_ODDS, Math.max(1, BY_DAYS / ((idle + 1) / (peers + 2)))) ** NEWS
}

/** The evidence told by idle days, where these tell more than what was seen before. @param odds of `idleOdds` */
export function withIdleDays(theft: TheftEvidence, own: IdleDays, odds: number): TheftEvidence {
  const { windows } = theft
  // The number of standard deviations at which a normal law gives these odds.
  const strength = Math.sqrt(2 * Math.log(odds))
  if (theft.strength * Math.max(0, theft.fraction) > strength) return theft
  let first = 0
  while (!own.isIdle(first)) first += 1
  const before = ((windows.time[first] as number) - (windows.time[0] as number)) / 86_400_000
  const begun = before >= TOLD_AFTER_DAYS
  const after = (windows.time[windows.volume.length] as number) - (windows.time[first] as number)
  let idle = 0
  for (let k = first; k < windows.volume.length; k++) if (own.isIdle(k)) idle += windows.length[k] as number
  const part = begun ? (idle * 86_400_000) / after : own.share
  return {
    ...theft,
    pattern: 'idle',
    since: begun ? windows.time[first] : undefined,
    model: fitUse(windows, (k) => !own.isIdle(k)),
    shows: own.isIdle,
    strength,
    perDay: part * own.level,
    fraction: 1,
    idleShare: part,
  }
}
