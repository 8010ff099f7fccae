import type { LossComponent } from './gap-model.ts'
import { isLeak, type KnownLeak, LEAK_WORTH } from './known-leak.ts'
import { hoursOf } from './known-leak-hours.ts'
import { DAY_MS, type PeriodGrid } from './period-grid.ts'
import type { StandingRegister } from './stopped-meters.ts'

/**
 * The leak watch has seen the same inlets and registers as the ledger: its size is taken as one of two looks at the same thing, so that
 * the variance of a size counts twice. (Covariance intersection of equal weights: safe whatever the two have in common.)
 */
const SHARED_DATA = Math.SQRT2
/** A size is never surer than this share of itself: leaks grow, and breathe with the pressure. */
const LEAST_DOUBT = 0.15
/** A rupture is over in minutes or hours, and its flow sinks with the pressure. */
const RUPTURE_DOUBT = 0.5
/** Nobody knows the size of a flow that was not found. */
const UNFOUND_DOUBT = 0.6
/** A generic leak that begins so near to a finding is the same thing. */
const SAME_MS = 4 * DAY_MS
/**
 * What the watch finds within so long of a stopped register, and so many times larger or smaller than that counted, is that register:
 * to the zone's flows both look alike, and the days of a leak, all equal, would fit better than those foretold of a register.
 */
const STOPPED_MS = 1.5 * DAY_MS
const STOPPED_ALIKE = 2
/** p95 − p05 of a normal law, standard deviations. */
const NINETY = 3.29

/**
 * Losses that findings speak of: they may exist beside the zone's unknown leaks.
 * @param z place of the zone in the block
 * @param stopped registers of the zone that stand still
 */
export function knownLeakLosses(
  leaks: readonly KnownLeak[],
  z: number,
  grid: PeriodGrid,
  stopped: readonly StandingRegister[],
): LossComponent[] {
  return leaks.flatMap((leak): LossComponent[] => {
    const pattern = hoursOf(leak, grid, DAY_MS).map((hours) => hours * 3600 * leak.flow.p50)
    if (!pattern.some((volume) => volume > 0)) return []
    const { exists, theft, unexplained } = LEAK_WORTH[leak.standing]
    const told = (leak.flow.p95 - leak.flow.p05) / NINETY / leak.flow.p50
    const least = !isLeak(leak) ? UNFOUND_DOUBT : leak.kind === 'rupture' ? RUPTURE_DOUBT : LEAST_DOUBT
    return [
      {
        zone: z,
        meter: -1,
        known: leak.id,
        share: 'leak',
        mayBe: [
          { share: 'theft', probability: theft },
          { share: 'unexplained', probability: unexplained },
        ],
        pattern,
        mean: 1,
        deviation: Math.max(least, SHARED_DATA * told),
        probability: isStoppedMeter(leak, stopped) ? 0 : exists,
      },
    ]
  })
}

/** Whether nobody has seen the leak and a register stopped counting about as much at the time when the leak began: to the zone's flows both look alike. */
export function isStoppedMeter({ from, flow, standing }: KnownLeak, stopped: readonly StandingRegister[]): boolean {
  if (standing !== 'found') return false
  return stopped.some(({ since, usedPerDay }) => {
    const share = usedPerDay / (flow.p50 * 86_400)
    return (
      since !== undefined && Math.abs(since - from) <= STOPPED_MS && share > 1 / STOPPED_ALIKE && share < STOPPED_ALIKE
    )
  })
}

/** Odds of a leak that nobody told of and that begins at a time, against those where nobody looked. @param at Unix ms */
export function searchedOdds(leaks: readonly KnownLeak[], at: number): number {
  return leaks.reduce(
    (odds, { from, standing }) => (Math.abs(from - at) <= SAME_MS ? odds * LEAK_WORTH[standing].searched : odds),
    1,
  )
}
