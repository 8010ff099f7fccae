import type { ModelContainer } from '../models/model-container.ts'
import { FEATURES } from './customer-memory.ts'
import { emptyMixture } from './mixture.ts'
import type { FitReference } from './model-fit.ts'
import { UsualUseNet, WEIGHTS } from './usual-use-net.ts'

const SCHEMA = 'gastwin-usual-use/1'

/** A model of usual use with what it showed at its training. */
export interface UsualUseModel {
  readonly net: UsualUseNet
  readonly reference: FitReference
}

/** A model as the content of a file. @param weights as UsualUseNet takes them */
export const packUsualUse = (weights: Float32Array, reference: FitReference): ModelContainer => ({
  facts: { schema: SCHEMA, features: FEATURES, reference },
  arrays: new Map([['weights', { shape: [weights.length], values: weights }]]),
})

/** @returns a sentence when the content is no model of usual use, is of another program's features, or foretells no chances */
export function unpackUsualUse({ facts, arrays }: ModelContainer): UsualUseModel | string {
  if (facts['schema'] !== SCHEMA) return `it is a ${String(facts['schema'])}, not a model of usual use (${SCHEMA})`
  if (facts['features'] !== FEATURES) return `it was trained on ${String(facts['features'])} features, not ${FEATURES}`
  const weights = arrays.get('weights')?.values
  if (!(weights instanceof Float32Array) || weights.length !== WEIGHTS) return `it does not hold ${WEIGHTS} weights`
  const reference = referenceOf(facts['reference'])
  if (reference === undefined) return 'it does not say how it fared at its training'
  const net = new UsualUseNet(weights)
  return foretells(net) ? { net, reference } : 'what it foretells are no chances'
}

function referenceOf(value: unknown): FitReference | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { places, surprise } = value as Readonly<Record<string, unknown>>
  if (!Array.isArray(places) || places.length !== 10 || typeof surprise !== 'number') return undefined
  return places.every((share) => typeof share === 'number' && share >= 0) ? { places, surprise } : undefined
}

/** Tries some customers: quiet and restless ones, with history and without. */
function foretells(net: UsualUseNet): boolean {
  const into = emptyMixture()
  for (let trial = 0; trial < 8; trial++) {
    const features = Float32Array.from({ length: FEATURES }, (_, i) => Math.sin(trial + 1.7 * i))
    // The second one is a width.
    features[1] = 0.2 + 0.3 * trial
    net.predict(features, trial % 2 === 0, into)
    const numbers = [...into.weight, ...into.centre, ...into.width]
    if (!numbers.every(Number.isFinite) || into.width.some((width) => width <= 0)) return false
  }
  return true
}
