import type { GapBelief } from './register-gap.ts'

/** What inlets and registers say of an uncounted flow q, m³/s, since an hour: log-likelihood pull · q − weight · q²/2. */
export interface LeakBalance {
  /** Unix hours; part of an hour where the begin is known better. */
  readonly begin: number
  /** Hours it stands for. */
  readonly share: number
  readonly pull: number
  readonly weight: number
  /** Flow by either witness alone, m³/s; NaN where it knows nothing. */
  readonly byForecast: number
  readonly byRegisters: number
  /** Standard deviation of the latter, m³/s. */
  readonly registersSigma: number
  readonly logOdds: number
}

/** A begin with what the flows alone say of it. */
export interface FlowEvidence {
  readonly begin: number
  readonly share: number
  readonly pull: number
  readonly weight: number
}

/**
 * Combines flows and registers for every begin.
 * @param prior standard deviation of the flow of a leak before anything is known, m³/s
 */
export function weighBalance(
  flows: readonly FlowEvidence[],
  gapSince: (begin: number) => GapBelief | undefined,
  prior: number,
): LeakBalance[] {
  const variance = prior * prior
  return flows.map(({ begin, share, pull: own, weight: ownWeight }) => {
    const registers = gapSince(begin)
    const pull = own + (registers === undefined ? 0 : registers.flow / registers.variance)
    const weight = ownWeight + (registers === undefined ? 0 : 1 / registers.variance)
    const logOdds =
      pull <= 0
        ? -0.5 * Math.log(1 + variance * weight)
        : (0.5 * pull * pull) / (weight + 1 / variance) - 0.5 * Math.log(1 + variance * weight)
    return {
      begin,
      share,
      pull,
      weight,
      byForecast: ownWeight > 0 ? own / ownWeight : Number.NaN,
      byRegisters: registers?.flow ?? Number.NaN,
      registersSigma: Math.sqrt(registers?.variance ?? Number.NaN),
      logOdds,
    }
  })
}

/** A balance that knows a flow and a begin, as that of a rupture. @param flow m³/s */
export function certainBalance(begin: number, flow: number, logOdds: number): LeakBalance {
  const weight = 1 / (0.1 * flow) ** 2
  return {
    begin,
    share: 1,
    pull: flow * weight,
    weight,
    byForecast: flow,
    byRegisters: Number.NaN,
    registersSigma: Number.NaN,
    logOdds,
  }
}

/** Most probable flow of a leak, m³/s, and its standard deviation. */
export function flowOf({ pull, weight }: LeakBalance): number {
  return pull / Math.max(weight, 1e-9)
}

export function sigmaOf({ weight }: LeakBalance): number {
  return 1 / Math.sqrt(Math.max(weight, 1e-9))
}

export function bestBalance(weighed: readonly LeakBalance[]): LeakBalance | undefined {
  return weighed.reduce<LeakBalance | undefined>(
    (a, b) => (a === undefined || b.logOdds > a.logOdds ? b : a),
    undefined,
  )
}

/** Logarithm of the mean odds over all hours in which a leak may have begun. */
export function totalOdds(weighed: readonly LeakBalance[]): number {
  let sum = 0
  let hours = 0
  for (const { share, logOdds } of weighed) {
    sum += share * Math.exp(Math.min(logOdds, 500))
    hours += share
  }
  return hours === 0 ? Number.NEGATIVE_INFINITY : Math.log(sum / hours)
}
