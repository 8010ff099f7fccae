import type { LeakPlaces } from './leak-places.ts'

/** A Gaussian over a leak's flow before or without pressures; same unit as the pattern's flow. */
export interface FlowBelief {
  readonly mean: number
  readonly variance: number
}

export interface PlacePosterior {
  /** Float64Array[places], sums to 1. */
  readonly probability: Float64Array
  /** Logarithm of how much better the pressures fit with a leak somewhere than without. */
  readonly logEvidence: number
  /** Flow of the leak: mixture over places, quantiles. */
  readonly flow: { readonly p05: number; readonly p50: number; readonly p95: number }
}

/**
 * Place and flow of a leak from what its pressures say and what its zone's balance says.
 *
 * @param pull    Float64Array[places] and
 * @param weight  Float64Array[places]: log-likelihood of flow q at a place is pull · q − weight · q²/2
 * @param temper  factor on both, ≤ 1: errors of the model that no covariance knows
 */
export function placePosterior(
  places: LeakPlaces,
  candidates: Int32Array,
  pull: Float64Array,
  weight: Float64Array,
  balance: FlowBelief,
  temper: number,
): PlacePosterior {
  const log = new Float64Array(candidates.length)
  const mean = new Float64Array(candidates.length)
  const sigma = new Float64Array(candidates.length)
  const { mean: mu, variance } = balance
  const before = logNormalTail(mu / Math.sqrt(variance))
  let metres = 0
  let highest = Number.NEGATIVE_INFINITY
  candidates.forEach((x, i) => {
    const precision = temper * (weight[x] as number) + 1 / variance
    const m = (temper * (pull[x] as number) + mu / variance) / precision
    mean[i] = m
    sigma[i] = 1 / Math.sqrt(precision)
    const length = places.metres[x] as number
    metres += length
    log[i] =
      Math.log(length) +
      0.5 * m * m * precision -
      (0.5 * mu * mu) / variance -
      0.5 * Math.log(variance * precision) +
      logNormalTail(m * Math.sqrt(precision)) -
      before
    highest = Math.max(highest, log[i] as number)
  })
  let sum = 0
  for (let i = 0; i < log.length; i++) sum += Math.exp((log[i] as number) - highest)
  const probability = new Float64Array(places.count)
  candidates.forEach((x, i) => {
    probability[x] = Math.exp((log[i] as number) - highest) / sum
  })
  let found: PlacePosterior['flow'] | undefined
  const quantile = (p: number): number => {
    let low = 0
    let high = 0
    candidates.forEach((x, i) => {
      if ((probability[x] as number) > 1e-9) high = Math.max(high, (mean[i] as number) + 6 * (sigma[i] as number))
    })
    for (let k = 0; k < 50; k++) {
      const middle = (low + high) / 2
      let below = 0
      candidates.forEach((x, i) => {
        const w = probability[x] as number
        if (w <= 1e-9) return
        const s = sigma[i] as number
        const m = mean[i] as number
        const tail = normalTail(m / s)
        below += (w * (tail - normalTail((m - middle) / s))) / Math.max(tail, 1e-12)
      })
      if (below < p) low = middle
      else high = middle
    }
    return (low + high) / 2
  }
  return {
    probability,
    logEvidence: highest + Math.log(sum) - Math.log(Math.max(metres, 1e-9)),
    // Worked out when somebody asks: most posteriors only tell their evidence.
    get flow() {
      found ??= { p05: quantile(0.05), p50: quantile(0.5), p95: quantile(0.95) }
      return found
    },
  }
}

/** Probability that a standard normal variable is above −z. @source Abramowitz and Stegun 7.1.26 */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const erfc =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x)
  return z >= 0 ? 1 - erfc / 2 : erfc / 2
}

function logNormalTail(z: number): number {
  // Below −5 the asymptote is closer than the approximation.
  return z > -5 ? Math.log(Math.max(normalTail(z), 1e-12)) : -0.5 * z * z - Math.log(-z * Math.sqrt(2 * Math.PI))
}
