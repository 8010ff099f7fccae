import { dropBetween, expectedUse, fitUse, type MeterWindows, meterWindows, type UseModel } from './meter-behaviour.ts'
import type { MeterRegister } from './meter-registers.ts'
import { DAY_MS } from './period-grid.ts'
import type { ZoneClock } from './zone-clock.ts'

/** The way in which a meter looks robbed. */
export const THEFT_PATTERNS = ['drop', 'cold', 'weekend', 'low'] as const
export type TheftPattern = (typeof THEFT_PATTERNS)[number]

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
  /** m³ a day that are missing while it shows. */
  readonly perDay: number
  /** Share of the foretold use that is missing. */
  readonly fraction: number
}

export const THEFT_SIGNALS = [
  'drop strength',
  'drop share',
  'drop lasts',
  'drop to nothing',
  'cold strength',
  'cold share',
  'weekend strength',
  'weekend share',
  'below its peers',
  'business',
] as const

const FEWEST_BEFORE = 4
const FEWEST_AFTER = 3
/** Use of one day leans on the day before; a strength counts less for it. */
const MEMORY = 1.5
/** Days of the city's week on which weekend patterns are sought. */
const weekendPart = (from: number, to: number, utcOffset: number) => {
  let part = 0
  for (let at = from; at < to; at += DAY_MS / 4) {
    const day = (Math.floor((at + utcOffset) / DAY_MS) + 4) % 7
    if (day === 0 || day === 6) part += 1
  }
  return part / Math.max(1, Math.ceil((to - from) / (DAY_MS / 4)))
}

/**
 * @param peerUse m³ a day that meters of the same size use in the middle
 * @param utcOffset ms of the city's clock
 */
export function theftEvidence(
  register: MeterRegister,
  clock: ZoneClock,
  peerUse: number,
  utcOffset: number,
): TheftEvidence {
  const windows = meterWindows(register, clock)
  const count = windows.volume.length
  const all = fitUse(windows, () => true)
  const drop = strongestDrop(windows)
  const cold = coldLoss(windows)
  const weekend = weekendLoss(windows, utcOffset)
  const mean = all.steady + all.withClock
  const low = peerUse > 0 ? Math.max(-2, Math.min(3, Math.log((peerUse + 0.05) / (Math.max(0, mean) + 0.05)))) : 0
  const signals = new Float64Array(THEFT_SIGNALS.length)
  const positive = (x: number) => Math.max(0, x)
  signals[0] = Math.log1p(positive(drop.z))
  signals[1] = positive(drop.fraction) * Math.min(1, positive(drop.z) / 3)
  signals[2] = drop.lasts
  signals[3] = drop.toNothing ? 1 : 0
  signals[4] = Math.log1p(positive(cold.z))
  signals[5] = positive(cold.fraction) * Math.min(1, positive(cold.z) / 3)
  signals[6] = Math.log1p(positive(weekend.z))
  signals[7] = positive(weekend.fraction) * Math.min(1, positive(weekend.z) / 3)
  signals[8] = low
  signals[9] = register.home ? 0 : 1
  const kinds = [
    { pattern: 'drop', ...drop },
    { pattern: 'cold', ...cold },
    { pattern: 'weekend', ...weekend },
  ] as const
  const best = kinds.reduce((a, b) => (b.z * positive(b.fraction) > a.z * positive(a.fraction) * 0.8 ? b : a))
  const shown = best.z > 1.5 && best.fraction > 0.08
  return {
    pattern: shown ? best.pattern : 'low',
    since: shown && best.pattern === 'drop' ? windows.time[drop.at] : undefined,
    windows,
    model: shown ? best.model : all,
    shows: shown ? best.shows : () => false,
    signals,
    perDay: shown ? best.perDay : 0,
    fraction: shown ? best.fraction : 0,
  }

  function strongestDrop(w: MeterWindows) {
    let best = {
      z: 0,
      fraction: 0,
      perDay: 0,
      at: count,
      lasts: 0,
      toNothing: false,
      model: all,
      shows: (_: number) => false,
      gain: 0,
    }
    for (let at = FEWEST_BEFORE; at <= count - FEWEST_AFTER; at++) {
      const model = fitUse(w, (k) => k < at)
      const shows = (k: number) => k >= at
      const found = dropBetween(w, model, shows)
      const z = found.z / MEMORY
      // Early begins foretell from little: the strength knows that already.
      if (found.fraction <= 0.05 || z <= best.gain) continue
      let lower = 0
      let seen = 0
      let used = 0
      for (let k = Math.max(at, count - 6); k < count; k++) {
        seen += 1
        if ((w.volume[k] as number) < (1 - found.fraction / 2) * expectedUse(model, w, k)) lower += 1
      }
      for (let k = at; k < count; k++) used += w.volume[k] as number
      best = { ...found, z, at, lasts: lower / Math.max(1, seen) - 0.5, toNothing: used <= 0.15, model, shows, gain: z }
    }
    return best
  }

  function coldLoss(w: MeterWindows) {
    const speed = Float64Array.from(w.clock, (c, k) => c / (w.length[k] as number))
    const sorted = speed.slice().sort()
    const middle = sorted[sorted.length >> 1] ?? 1
    const span = (sorted[Math.floor(sorted.length * 0.9)] ?? 1) - (sorted[Math.floor(sorted.length * 0.1)] ?? 1)
    const model = fitUse(w, (k) => (speed[k] as number) <= middle)
    const shows = (k: number) => (speed[k] as number) > middle + 0.1 * span
    const found = dropBetween(w, model, shows)
    return { ...found, z: span < 0.1 ? 0 : found.z / MEMORY, model, shows }
  }

  function weekendLoss(w: MeterWindows, offset: number) {
    const part = Float64Array.from(w.volume, (_, k) =>
      weekendPart(w.time[k] as number, w.time[k + 1] as number, offset),
    )
    const model = fitUse(w, (k) => (part[k] as number) < 0.5)
    const shows = (k: number) => (part[k] as number) >= 0.5
    const found = dropBetween(w, model, shows)
    return { ...found, z: found.z / MEMORY, model, shows }
  }
}
