import { THEFT_SIGNALS } from './theft-evidence.ts'

/**
 * Weights of the signals of theft evidence, in their order, after a constant: a logistic law.
 */
const CONSTANT = -5.3
const WEIGHTS: Readonly<Record<(typeof THEFT_SIGNALS)[number], number>> = {
  'drop strength': -0.3,
  'drop share': 0.0,
  'partial drop': 0.6,
  'drop lasts': 2.0,
  'drop days': 4.8,
  'drop to nothing': -0.3,
  'cold strength': -0.3,
  'cold share': 0.6,
  'weekend strength': 0.1,
  'weekend share': 8.5,
  'below its peers': 0.4,
  'low without drop': 0.3,
  business: 1.1,
  'business drop': 1.0,
  'never moves': -0.2,
  'business never moves': 1.8,
  'stands still': -0.1,
}

/** That a meter is robbed, by its own readings only, 0…1. @param signals in the order of THEFT_SIGNALS */
export function theftProbability(signals: Float64Array): number {
  let sum = CONSTANT
  THEFT_SIGNALS.forEach((name, k) => {
    sum += WEIGHTS[name] * (signals[k] as number)
  })
  return 1 / (1 + Math.exp(-sum))
}
