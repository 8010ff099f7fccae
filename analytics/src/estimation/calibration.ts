/**
 * A Gaussian over parameters with the covariance S (I − Vᵀ diag(k) V) S: standard deviations S before anything was known, and few
 * directions V (orthonormal rows) along which measurements took the share k of the variance away.
 */
export interface LowRankGaussian {
  /** Number of parameters. */
  readonly size: number
  readonly rank: number
  readonly mean: Float64Array
  /** Standard deviations before. */
  readonly deviation: Float64Array
  /** Float64Array[rank · size], row by row. */
  readonly directions: Float64Array
  /** Float64Array[rank], 0 … 1. */
  readonly known: Float64Array
}

export interface SuspectedDiameter {
  /** Edge number. */
  readonly edge: number
  /** Factor of its resistance against the document's, by the other diameter. */
  readonly factor: number
  /** Inner diameter that fits, m. */
  readonly diameterM: number
  readonly probability: number
}

export interface LeftOut {
  /** Row of the sensor. */
  readonly sensor: number
  readonly reason: 'stuck' | 'drift' | 'spread'
  /** Size of the disagreement in its own standard deviations. */
  readonly score: number
}

/** What history says about the network: factors of resistance, errors of instruments, wrong diameters, bad sensors. */
export interface Calibration {
  /** `converged`; `settling` when the last round still moved; `stalled` when no snapshot could be solved. */
  readonly status: 'converged' | 'settling' | 'stalled'
  /** Gauss–Newton rounds. */
  readonly rounds: number
  /** Snapshots used. */
  readonly used: number
  /** Float64Array[edges]: factor of each pipe's friction loss against the document's; posterior median. */
  readonly resistanceFactor: Float64Array
  /** Float64Array[edges]: standard deviation of the logarithm of the factor. */
  readonly resistanceSigma: Float64Array
  /** Float64Array[sensors]: Pa of pressures, relative gain of flows; measured = true + offset, or true · (1 + gain). */
  readonly offsets: Float64Array
  readonly offsetSigma: Float64Array
  /** Float64Array[nodes]: factor of each node's withdrawal against what the snapshots said, lasting over all of them. */
  readonly withdrawalFactor: Float64Array
  readonly withdrawalFactorSigma: Float64Array
  /** Joint posterior of (log resistance factor of each edge, offset of each sensor). */
  readonly posterior: LowRankGaussian
  readonly suspectedDiameters: readonly SuspectedDiameter[]
  readonly leftOut: readonly LeftOut[]
  /** How each source behaves: pressure = atRest − droop · flow ± sigma. Pa, Pa per kg/s, Pa. */
  readonly sources: readonly { readonly atRest: number; readonly droop: number; readonly sigma: number }[]
  /** Root mean square of normalised residuals (near 1 when the model of errors is right). */
  readonly normalisedResidual: number
  /** Float64Array[sensors]: the same for each sensor against what all others say; NaN where it was never compared. */
  readonly sensorResidual: Float64Array
}

export interface CalibrationOptions {
  /** Bound of the relative error of roughness; 0.3 when missing. */
  readonly roughnessError?: number
  /** Any other relative error of a pipe's resistance (true bore, fittings), one standard deviation; 0.02 when missing. */
  readonly resistanceError?: number
  /** Share of pipes that may have a wrong nominal diameter; 0.02 when missing, 0 looks for none. */
  readonly wrongDiameterShare?: number
  /** Inner diameters that exist, m; those of the network when missing. */
  readonly diameters?: readonly number[]
  /** Standard deviation of a lasting error of each node's withdrawal, as a share of it; 0.1 when missing. */
  readonly lastingDemandError?: number
  /** Gauss–Newton rounds at most; 6 when missing. */
  readonly rounds?: number
}
