import type { Network } from '@gastwin/twin'

/** Hours between looks at the registers. */
const EVERY_H = 6

/** How the use of a zone's homes is shared among its nodes: by their number, then by what their registers count. */
export class HomeShares {
  readonly #network: Network
  readonly #homes: readonly number[]
  readonly #rates: Float64Array
  #weights: Float64Array
  #hour = Number.NEGATIVE_INFINITY

  /** @param homes rows of the meters of homes. @param homesAt Float64Array[nodes] */
  constructor(network: Network, homes: readonly number[], homesAt: Float64Array) {
    this.#network = network
    this.#homes = homes
    this.#rates = new Float64Array(network.meters.count).fill(Number.NaN)
    this.#weights = homesAt.slice()
  }

  /** Float64Array[nodes], in any unit. */
  get weights(): Float64Array {
    return this.#weights
  }

  /**
   * Looks at the registers when it is time.
   * @param rateOf mean rate of a meter as counted; NaN where it is not known
   * @returns whether it looked
   */
  update(hour: number, rateOf: (meter: number) => number): boolean {
    if (hour - this.#hour < EVERY_H) return false
    this.#hour = hour
    const { meters } = this.#network
    const weights = new Float64Array(this.#network.nodes.count)
    let sum = 0
    let known = 0
    for (const meter of this.#homes) {
      const rate = rateOf(meter)
      this.#rates[meter] = rate
      if (Number.isNaN(rate)) continue
      sum += rate
      known += 1
    }
    const usual = known === 0 ? 1 : sum / known
    for (const meter of this.#homes) {
      const node = meters.node[meter] as number
      const rate = this.#rates[meter] as number
      weights[node] = (weights[node] as number) + (Number.isNaN(rate) ? usual : rate)
    }
    this.#weights = weights
    return true
  }
}
