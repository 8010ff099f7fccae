import type { WeighedSuspicion } from './explain-gap.ts'
import { BYPASSED, OVERSIZED, UNKNOWN_BUSINESS, UNKNOWN_HOME } from './gap-losses.ts'
import type { GapAssumptions } from './gap-options.ts'
import { faultProbability } from './meter-suspects.ts'
import type { MixturePart } from './normal-mixture.ts'
import { ownUse } from './suspect-facts.ts'

/** Gain of one meter beside the others of its age, standard deviation (assumption; class 1.5 allows ± 1.5 % when it is bought). */
const METER_SCATTER = 0.008
/** How well the use before a register stood still foretells the use after it. */
const STOPPED_DOUBT = 0.3
/** A law of no width has no quantiles: a litre a day. */
const LEAST_DEVIATION = 1e-3

/** Why a meter misses gas: as the cause that adds most to what is expected. */
export type MissedCause = 'stopped' | 'too_large' | 'worn'

/** What a sound meter of the right size would count more, m³ a day. */
export interface MissedVolume {
  readonly parts: readonly MixturePart[]
  readonly cause: MissedCause
}

/**
 * The law of what a meter misses: it stands still through a fault of its own, is too large for its load, or has aged. A register that
 * was led past is no part of it: its replacement would be led past too.
 */
export function missedVolume(one: WeighedSuspicion, { ageing }: Pick<GapAssumptions, 'ageing'>): MissedVolume {
  const { register } = one.meter
  const use = ownUse(one)
  const stopped = faultProbability(one) * (1 - BYPASSED)
  const still = stoppedUse(one)
  const aged = ageing[0] * register.age * use
  const scatter = use * Math.hypot(ageing[1] * register.age, METER_SCATTER)
  const tooLarge = register.home
    ? 0
    : one.utilisation < OVERSIZED.lowUtilisation
      ? OVERSIZED.often
      : Number.isNaN(one.utilisation)
        ? 0
        : OVERSIZED.seldom
  const [loss, doubt] = OVERSIZED.loss
  const parts = [
    part((1 - stopped) * (1 - tooLarge), aged, scatter),
    part((1 - stopped) * tooLarge, aged + loss * use, Math.hypot(scatter, doubt * use)),
    part(stopped, still.mean, still.deviation),
  ].filter(({ weight }) => weight > 0)
  const causes = [
    ['stopped', stopped * still.mean],
    ['too_large', (1 - stopped) * tooLarge * loss * use],
    ['worn', (1 - stopped) * aged],
  ] as const
  return { parts, cause: causes.reduce((most, cause) => (cause[1] > most[1] ? cause : most))[0] }
}

/** m³ a day behind a register that stands still; behind one that never moved, what others of its size use. */
function stoppedUse({ standing, peerUse, meter }: WeighedSuspicion): { mean: number; deviation: number } {
  if (standing === undefined) return { mean: 0, deviation: 0 }
  if (standing.since !== undefined) return { mean: standing.usedPerDay, deviation: STOPPED_DOUBT * standing.usedPerDay }
  const { mean, deviation } = meter.register.home ? UNKNOWN_HOME : UNKNOWN_BUSINESS
  return { mean: mean * peerUse, deviation: deviation * peerUse }
}

const part = (weight: number, mean: number, deviation: number): MixturePart => ({
  weight,
  mean,
  deviation: Math.max(LEAST_DEVIATION, deviation),
})
