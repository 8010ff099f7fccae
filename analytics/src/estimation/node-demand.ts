import { METER_CLASSES, METER_KINDS, type Network, referenceDensity } from '@gastwin/twin'

const RESIDENTIAL = METER_CLASSES.indexOf('residential')
const GAS = METER_KINDS.indexOf('gas')
/** Standard deviation of one household's use within an hour, as a share of what its profile says. */
const ONE_HOUSEHOLD = 1.6
/** Lower bound for a node of any number of households. */
const MANY_HOUSEHOLDS = 0.08
/** Standard deviation of a metered customer's flow between two readings, as a share of it. */
const METERED = 0.03
/** And of one whose meter has not been heard, as a share of its usual use. */
const UNHEARD = 0.7

/** What registers and profiles say about withdrawals; kg/s, arrays reused by the next call. */
export interface NodeDemandEstimate {
  /** Float64Array[nodes]. */
  readonly withdrawal: Float64Array
  /** Own part of the error, one standard deviation. */
  readonly withdrawalSigma: Float64Array
  /** The part that follows the zone's profile. */
  readonly commonPart: Float64Array
}

/**
 * Withdrawals at nodes from meters: households by their daily use times their zone's profile, commercial and industrial customers by
 * what their meters say.
 */
export class NodeDemand {
  readonly #network: Network
  readonly #density: number
  readonly #withdrawal: Float64Array
  readonly #sigma: Float64Array
  readonly #common: Float64Array

  constructor(network: Network) {
    this.#network = network
    this.#density = referenceDensity(network.document.fluid)
    this.#withdrawal = new Float64Array(network.nodes.count)
    this.#sigma = new Float64Array(network.nodes.count)
    this.#common = new Float64Array(network.nodes.count)
  }

  /**
   * @param dailyUse  Float64Array[meters], m³ at the reference state a day, from registers
   * @param profile   Float64Array[zones + 1]: present residential use of each zone over its mean of the day, the last for no zone
   * @param metered   Float64Array[meters], m³/s at the reference state where a meter reports its flow, NaN elsewhere
   */
  at(dailyUse: Float64Array, profile: Float64Array, metered: Float64Array): NodeDemandEstimate {
    const { meters } = this.#network
    this.#withdrawal.fill(0)
    this.#sigma.fill(0)
    this.#common.fill(0)
    for (let meter = 0; meter < meters.count; meter++) {
      const node = meters.node[meter] as number
      if (node < 0 || meters.kind[meter] !== GAS) continue
      const usual = ((dailyUse[meter] as number) / 86_400) * this.#density
      const zone = meters.zone[meter] as number
      const flow = (metered[meter] as number) * this.#density
      if (!Number.isNaN(flow)) this.#add(node, flow, METERED * flow, 0)
      else if (meters.class[meter] === RESIDENTIAL) {
        const level = profile[zone < 0 ? profile.length - 1 : zone] as number
        this.#add(node, usual * level, ONE_HOUSEHOLD * usual * level, usual * level)
      } else this.#add(node, usual, UNHEARD * usual, 0)
    }
    for (let node = 0; node < this.#sigma.length; node++)
      this.#sigma[node] = Math.hypot(
        Math.sqrt(this.#sigma[node] as number),
        MANY_HOUSEHOLDS * (this.#common[node] as number),
      )
    return { withdrawal: this.#withdrawal, withdrawalSigma: this.#sigma, commonPart: this.#common }
  }

  #add(node: number, flow: number, sigma: number, common: number): void {
    this.#withdrawal[node] = (this.#withdrawal[node] as number) + flow
    this.#sigma[node] = (this.#sigma[node] as number) + sigma * sigma
    this.#common[node] = (this.#common[node] as number) + common
  }
}
