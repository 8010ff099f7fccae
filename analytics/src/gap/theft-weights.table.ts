/**
 * Weights of the signals of theft evidence, in their order, after a constant: a logistic law.
 */
const CONSTANT = -6
const WEIGHTS = [0.6, 3, 1, 0.5, 0.4, 1.5, 0.3, 1.5, 0.15, 0]

/** That a meter is robbed, by its own readings only, 0…1. @param signals in the order of THEFT_SIGNALS */
export function theftProbability(signals: Float64Array): number {
  let sum = CONSTANT
  for (let k = 0; k < WEIGHTS.length; k++) sum += (WEIGHTS[k] as number) * (signals[k] as number)
  return 1 / (1 + Math.exp(-sum))
}
