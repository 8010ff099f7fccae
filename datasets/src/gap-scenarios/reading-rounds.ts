import type { SeededRandom } from '../seeded-random.ts'
import type { TrueMeter } from './scenario-meter.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** Times at which a meter ought to be read and whether the reading came, Unix ms, in order. */
export interface ReadingRound {
  readonly scheduled: Float64Array
  readonly arrived: Uint8Array
}

/** Homes once a day or week at the meter's own time, businesses every hour; some fall silent for days. */
export function inventRound(
  random: SeededRandom,
  meter: TrueMeter,
  home: boolean,
  begin: number,
  end: number,
): ReadingRound {
  const every = home ? (meter.weekly ? 7 * DAY_MS : DAY_MS) : HOUR_MS
  const offset = home ? meter.readAt + (meter.weekly ? DAY_MS * random.below(7) : 0) : 0
  const clock = random.normal(0, 120_000)
  const scheduled: number[] = []
  for (let at = begin + offset; at <= end; at += every)
    scheduled.push(Math.round((home ? at + clock + random.normal(0, 40_000) : at) / 1000) * 1000)
  const arrived = new Uint8Array(scheduled.length).fill(1)
  const silences = random.chance(home ? 0.07 : 0.1) ? 1 + random.below(2) : 0
  for (let i = 0; i < silences; i++) {
    const from = random.between(begin + 8 * DAY_MS, end)
    const to = from + DAY_MS * (1 + random.between(0, 12) * random.next()) * (home ? 1 : 0.15)
    scheduled.forEach((at, k) => {
      if (at >= from && at < to) arrived[k] = 0
    })
  }
  const lossy = home ? 0.008 : 0.01
  for (let k = home ? 1 : 3; k < scheduled.length; k++) if (random.chance(lossy)) arrived[k] = 0
  return { scheduled: Float64Array.from(scheduled), arrived }
}
