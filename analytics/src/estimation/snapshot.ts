/**
 * What is known of one instant. All arrays may be reused by the caller after the call that takes them.
 */
export interface Snapshot {
  /** Unix ms. */
  readonly at: number
  /** Float64Array[sensors]: Pa absolute or kg/s; NaN where nothing was measured. */
  readonly measured: Float64Array
  /** Samples behind each measured value when it is a mean of several; 1 when missing. */
  readonly samples?: number
  /** Float64Array[nodes], kg/s out of each node: the best guess from registers, profiles and metered customers. */
  readonly withdrawal: Float64Array
  /** Float64Array[nodes], kg/s: standard deviation of each node's own part of the error; 0 where nothing can be taken. */
  readonly withdrawalSigma: Float64Array
  /**
   * Standard deviation of the error that all withdrawals of a zone have in common, as a share of `commonPart`; the weather, the
   * hour of the evening meal. Float64Array[zones + 1], the last for nodes without zone; none when missing.
   */
  readonly commonSigma?: Float64Array
  /** Float64Array[nodes], kg/s: what of the withdrawal follows the common error; all of it when missing. */
  readonly commonPart?: Float64Array
  /** Float64Array[sources], Pa absolute: prior of the source pressures; the document's when missing. */
  readonly sourcePressure?: Float64Array
  /** Standard deviation of each source pressure about its prior, Pa; 1 % of it when missing. */
  readonly sourceSigma?: Float64Array
  /** Float64Array[edges], Pa absolute: set pressures of regulators; the document's when missing. */
  readonly outletPressure?: Float64Array
  /** Standard deviation of what a regulator holds about its set pressure, as a share of it; 0.01 when missing. */
  readonly outletSigma?: number
  /** 1 open, 0 closed, by edge; the document's positions when missing. */
  readonly valveOpen?: Uint8Array
}
