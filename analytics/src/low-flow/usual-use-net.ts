import { FEATURES, RECENT_FROM } from './customer-memory.ts'
import { type Mixture, PARTS } from './mixture.ts'

/** Layers of the model of usual use: two hidden ones, then three numbers for each part of the mixture. */
export const HIDDEN = 32
export const OUTPUTS = 3 * PARTS
export const LAYERS: readonly (readonly [inputs: number, outputs: number])[] = [
  [FEATURES, HIDDEN],
  [HIDDEN, HIDDEN],
  [HIDDEN, OUTPUTS],
]
export const WEIGHTS = LAYERS.reduce((sum, [inputs, outputs]) => sum + inputs * outputs + outputs, 0)

const LEAST_WIDTH = 0.04

/** What foretells the next floor of a customer. */
export interface UsualUse {
  /**
   * @param features  FEATURES numbers as of CustomerMemory.describe
   * @param recent    false: as if the blocks just before were not known
   * @param into      overwritten
   */
  predict(features: Float32Array, recent: boolean, into: Mixture): void
}

/**
 * The learned model of usual use: features of a customer's past and of its peers → distribution of the next floor. Forward pass
 * only, in plain numbers: one row takes microseconds, which a tensor library needs a thousand rows for. Training is elsewhere and
 * uses the same layout: per layer the matrix [inputs][outputs], then the biases; tanh between layers.
 */
export class UsualUseNet implements UsualUse {
  /** WEIGHTS numbers, layer by layer. */
  readonly weights: Float32Array
  readonly #a = new Float64Array(HIDDEN)
  readonly #b = new Float64Array(HIDDEN)
  readonly #out = new Float64Array(OUTPUTS)
  readonly #features = new Float32Array(FEATURES)

  /** @throws RangeError when the number of weights is not WEIGHTS */
  constructor(weights: Float32Array) {
    if (weights.length !== WEIGHTS) throw new RangeError(`model has ${weights.length} weights, expected ${WEIGHTS}`)
    this.weights = weights
  }

  predict(features: Float32Array, recent: boolean, into: Mixture): void {
    this.#features.set(features)
    if (!recent) this.#features.fill(0, RECENT_FROM)
    let at = this.#layer(0, this.#features, this.#a, 0, true)
    at = this.#layer(1, this.#a, this.#b, at, true)
    this.#layer(2, this.#b, this.#out, at, false)
    const middle = (features[0] as number) * 5
    const width = features[1] as number
    let most = Number.NEGATIVE_INFINITY
    for (let k = 0; k < PARTS; k++) most = Math.max(most, this.#out[k] as number)
    let sum = 0
    for (let k = 0; k < PARTS; k++) {
      const weight = Math.exp((this.#out[k] as number) - most)
      sum += weight
      into.weight[k] = weight
      into.centre[k] = middle + width * (this.#out[PARTS + k] as number)
      into.width[k] = LEAST_WIDTH + width * softplus((this.#out[2 * PARTS + k] as number) - 1)
    }
    for (let k = 0; k < PARTS; k++) into.weight[k] = (into.weight[k] as number) / sum
    into.own = middle
  }

  #layer(number: number, from: Float32Array | Float64Array, to: Float64Array, begin: number, bend: boolean): number {
    const [inputs, outputs] = LAYERS[number] as readonly [number, number]
    const w = this.weights
    const biases = begin + inputs * outputs
    for (let o = 0; o < outputs; o++) to[o] = w[biases + o] as number
    for (let i = 0; i < inputs; i++) {
      const x = from[i] as number
      if (x === 0) continue
      const row = begin + i * outputs
      for (let o = 0; o < outputs; o++) to[o] = (to[o] as number) + x * (w[row + o] as number)
    }
    if (bend) for (let o = 0; o < outputs; o++) to[o] = Math.tanh(to[o] as number)
    return biases + outputs
  }
}

function softplus(x: number): number {
  return x > 20 ? x : Math.log1p(Math.exp(x))
}
