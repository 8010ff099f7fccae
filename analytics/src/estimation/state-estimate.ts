/** The state of the network at one instant. Arrays belong to the estimator and hold until its next estimate: copy what must last. */
export interface StateEstimate {
  /** `unsolved` when the network has no solution near what was measured: everything but `at` is then that of the last one. */
  readonly status: 'estimated' | 'unsolved'
  /** Unix ms. */
  readonly at: number
  /** Pa absolute by node; NaN where no source reaches. */
  readonly pressure: Float64Array
  /** kg/s by edge, positive from → to. */
  readonly massFlow: Float64Array
  /** kg/s by node: what is taken out. */
  readonly withdrawal: Float64Array
  /** One standard deviation of pressures (Pa) and flows (kg/s), with the measurements and without any. */
  readonly pressureSigma: Float64Array
  readonly flowSigma: Float64Array
  readonly pressurePriorSigma: Float64Array
  readonly flowPriorSigma: Float64Array
  /** True when the standard deviations were worked out for this very instant, false when they are those of a similar one. */
  readonly spreadIsFresh: boolean
  /** By sensor: what it should read, fixed error included; NaN where no gas is. */
  readonly expected: Float64Array
  /**
   * By sensor: reading less what all other sensors say it should be, Pa or kg/s, and that difference in its standard deviations; NaN
   * without a reading. Sensors left out are compared too.
   */
  readonly disagreement: Float64Array
  readonly normalised: Float64Array
  /** Σ of squared normalised innovations and their number: near each other when the model of errors is right. */
  readonly chiSquare: number
  readonly measurements: number
  /** Times the equations were linearised anew and solved for this estimate. */
  readonly linearisations: number
  readonly solves: number
}

export interface EstimateOptions {
  /** Uint8Array[sensors]: 1 for sensors that are not believed. */
  readonly leftOut?: Uint8Array
  /** When to work out standard deviations anew: when the state is another (`linearised`, the default), always, or never. */
  readonly spread?: 'linearised' | 'always' | 'never'
}
