import { fitUse, type MeterWindows, meterWindows, type UseModel, weekdaysOf } from './meter-behaviour.ts'
import type { MeterRegister } from './meter-registers.ts'
import type { StandingRegister } from './stopped-meters.ts'
import { coldDrop, lastingDrop, plainDrop, weekendDrop } from './use-drops.ts'
import type { ZoneClock } from './zone-clock.ts'

/** The way in which a meter looks robbed. */
export type TheftPattern = 'drop' | 'cold' | 'weekend' | 'idle' | 'low'

/** What a meter's own readings say for and against theft. */
export interface TheftEvidence {
  readonly pattern: TheftPattern
  /** Unix ms from which it looks so; undefined when it did from the first reading. */
  readonly since: number | undefined
  /** Where the missing use lies: windows that show it, and the use that the others foretell. */
  readonly windows: MeterWindows
  readonly model: UseModel
  readonly shows: (k: number) => boolean
  /** Signals, each about 0 for a sound meter; places in THEFT_SIGNALS. */
  readonly signals: Float64Array
  /** Loss over its standard deviation. */
  readonly strength: number
  /** m³ a day that are missing while it shows. */
  readonly perDay: number
  /** Share of the foretold use that is missing. */
  readonly fraction: number
  /** Of the days, those on which nothing was counted; for the pattern `idle` only. */
  readonly idleShare?: number
}

export const THEFT_SIGNALS = [
  'drop strength',
  'drop share',
  'partial drop',
  'drop lasts',
  'drop days',
  'drop to nothing',
  'cold strength',
  'cold share',
  'weekend strength',
  'weekend share',
  'below its peers',
  'low without drop',
  'business',
  'business drop',
  'never moves',
  'business never moves',
  'stands still',
  'plain halves',
  'plain largest',
  'plain lately',
  'swings',
] as const

/** A pattern weaker than this is none. */
const LEAST_STRENGTH = 1.5
const LEAST_FRACTION = 0.08
/** Strength at which a share is believed in full, and days after which a drop is no holiday. */
const FULL_STRENGTH = 3
const FULL_DAYS = 20

/**
 * @param peerUse m³ a day that meters of the same size use in the middle
 * @param utcOffset ms of the city's clock
 * @param standing when its register stands still at the end
 */
export function theftEvidence(
  register: MeterRegister,
  clock: ZoneClock,
  peerUse: number,
  utcOffset: number,
  standing: StandingRegister | undefined,
): TheftEvidence {
  const cut = meterWindows(register, clock)
  const windows = register.home ? cut : weekdaysOf(cut, utcOffset)
  const plain = plainDrop(windows)
  const all = fitUse(windows, () => true)
  const drop = lastingDrop(windows)
  const cold = coldDrop(windows)
  // A business that is shut at weekends robs nobody.
  const weekend = register.home ? weekendDrop(windows, utcOffset) : { ...cold, z: 0, fraction: 0, perDay: 0 }
  const mean = Math.max(0, all.steady + all.withClock)
  const low = peerUse > 0 ? Math.max(-2, Math.min(3, Math.log((peerUse + 0.05) / (mean + 0.05)))) : 0
  const believed = (z: number) => Math.min(1, Math.max(0, z) / FULL_STRENGTH)
  const share = (one: { readonly z: number; readonly fraction: number }) => Math.max(0, one.fraction) * believed(one.z)
  const strength = (z: number) => Math.log1p(Math.max(0, z))
  const clip = (x: number) => Math.max(-1.5, Math.min(2.5, x))
  const business = register.home ? 0 : 1
  const neverMoves = standing !== undefined && standing.since === undefined ? 1 : 0
  const signals: Record<(typeof THEFT_SIGNALS)[number], number> = {
    'drop strength': strength(drop.z),
    'drop share': share(drop),
    'partial drop': 4 * share(drop) * (1 - Math.min(1, Math.max(0, drop.fraction))),
    'drop lasts': drop.lasts,
    'drop days': Math.min(1, drop.days / FULL_DAYS) * share(drop),
    'drop to nothing': drop.toNothing ? 1 : 0,
    'cold strength': strength(cold.z),
    'cold share': share(cold),
    'weekend strength': strength(weekend.z),
    'weekend share': share(weekend),
    'below its peers': low,
    'low without drop': low * (1 - believed(drop.z)),
    business,
    'business drop': business * share(drop),
    'never moves': neverMoves,
    'business never moves': business * neverMoves,
    'plain halves': clip(plain.halves),
    'plain largest': clip(plain.largest),
    'plain lately': clip(plain.lately),
    swings: mean > 0.02 ? Math.min(3, all.deviation / mean) : 0,
    'stands still': standing?.since === undefined ? 0 : standing.probability,
  }
  const kinds = [
    { pattern: 'drop', ...drop },
    { pattern: 'cold', ...cold },
    { pattern: 'weekend', ...weekend },
  ] as const
  const weight = (one: { readonly z: number; readonly fraction: number }) => one.z * Math.max(0, one.fraction)
  const best = kinds.reduce((a, b) => (weight(b) > 0.8 * weight(a) ? b : a))
  const shown = best.z > LEAST_STRENGTH && best.fraction > LEAST_FRACTION
  return {
    pattern: shown ? best.pattern : 'low',
    since: shown && best.pattern === 'drop' ? windows.time[drop.at] : undefined,
    windows,
    model: shown ? best.model : all,
    shows: shown ? best.shows : () => false,
    signals: Float64Array.from(THEFT_SIGNALS, (name) => signals[name]),
    strength: shown ? best.z : 0,
    perDay: shown ? best.perDay : 0,
    fraction: shown ? best.fraction : 0,
  }
}
