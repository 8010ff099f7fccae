import { THEFT_SIGNALS } from './theft-evidence.ts'

/**
 * Weights of the signals of theft evidence, in their order, after a constant: a logistic law.
 */
const CONSTANT = -5.3
const WEIGHTS: Readonly<Record<(typeof THEFT_SIGNALS)[number], number>> = {
  'drop strength': -0.2,
  'drop share': -0.5,
  'partial drop': 0.8,
  'drop lasts': 1.4,
  'drop days': 2.8,
  'drop to nothing': -0.4,
  'cold strength': -0.2,
  'cold share': 0.5,
  'weekend strength': 0.5,
  'weekend share': 7.1,
  'below its peers': 0.2,
  'low without drop': 0.4,
  business: 1.3,
  'business drop': 1.3,
  'never moves': 0.3,
  'business never moves': 1.3,
  'plain halves': 0.7,
  'plain largest': 0.1,
  'plain lately': 0.8,
  swings: 0.5,
  'stands still': -1.9,
}

/** That a meter is robbed, by its own readings only, 0…1. @param signals in the order of THEFT_SIGNALS */
export function theftProbability(signals: Float64Array): number {
  let sum = CONSTANT
  THEFT_SIGNALS.forEach((name, k) => {
    sum += WEIGHTS[name] * (signals[k] as number)
  })
  return 1 / (1 + Math.exp(-sum))
}
