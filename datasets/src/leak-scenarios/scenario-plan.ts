import { SeededRandom } from '../seeded-random.ts'

export const STEP_MS = 300_000
export const DAY_MS = 86_400_000

export type LeakGrowth = 'abrupt' | 'growing'

/** A hole to come: its nominal flow is a share of its zone's mean consumption. */
export interface PlannedLeak {
  readonly kind: 'leak' | 'rupture'
  readonly growth: LeakGrowth
  readonly share: number
  /** Days after the begin of the data. */
  readonly day: number
  /** Days after the begin of the data at which it is repaired. */
  readonly until?: number
}

export type DistractorKind = 'stuck' | 'rtu_drift' | 'valve' | 'new_consumer' | 'holiday' | 'cold_snap'
export const DISTRACTORS: readonly DistractorKind[] = [
  'stuck',
  'rtu_drift',
  'valve',
  'new_consumer',
  'holiday',
  'cold_snap',
]

export interface LeakScenarioPlan {
  readonly seed: number
  readonly days: number
  readonly leak: PlannedLeak | null
  readonly distractors: readonly DistractorKind[]
}

/** Sizes of the leaks drawn, as shares of the zone's mean consumption. */
const SHARES = [0.01, 0.02, 0.035, 0.05, 0.08, 0.12, 0.2]

/**
 * A plan drawn from its seed: 12 days, one leak or none, two or three things that are no leak.
 * @param leaky whether there is a leak; ruptures are every eighth of them
 */
export function drawLeakPlan(seed: number, leaky: boolean): LeakScenarioPlan {
  const random = new SeededRandom(seed, 71)
  const rupture = random.chance(0.125)
  const distractors = DISTRACTORS.filter(() => random.chance(leaky ? 0.3 : 0.55))
  const share = rupture ? random.between(0.5, 1.5) : random.pick(SHARES) * random.between(0.9, 1.1)
  return {
    seed,
    days: 12,
    leak: leaky
      ? {
          kind: rupture ? 'rupture' : 'leak',
          growth: !rupture && random.chance(0.3) ? 'growing' : 'abrupt',
          share,
          day: random.between(4.1, rupture ? 11 : 7.5),
        }
      : null,
    distractors,
  }
}
