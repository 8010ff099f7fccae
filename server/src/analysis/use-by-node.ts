import { METER_CLASSES, METER_KINDS, type Network } from '@gastwin/twin'

const RESIDENTIAL = METER_CLASSES.indexOf('residential')
const GAS = METER_KINDS.indexOf('gas')
const HOUR = 3_600_000
/** A register tells the mean of its past; so long ago counts half. */
const MEMORY_MS = 72 * HOUR
/** Businesses are read every few minutes and tell it within hours: what they used last is what they use. */
const RECENT_MS = 3 * HOUR
/** One home's use within an hour varies as much as this about its mean. */
const HOME_VARIES = 1.1
const BUSINESS_VARIES = 0.1

/** What leaves each node, guessed from registers: homes by their mean and what their zone takes now, businesses by their last use. */
export class UseByNode {
  readonly #network: Network
  readonly #lastAt: Float64Array
  readonly #lastIndex: Float64Array
  /** m³/s by the register, NaN before the second reading. */
  readonly #rate: Float32Array
  readonly homes: Float64Array
  readonly business: Float64Array
  readonly variance: Float64Array

  constructor(network: Network) {
    const { meters, nodes } = network
    this.#network = network
    this.#lastAt = new Float64Array(meters.count)
    this.#lastIndex = new Float64Array(meters.count)
    this.#rate = new Float32Array(meters.count).fill(Number.NaN)
    this.homes = new Float64Array(nodes.count)
    this.business = new Float64Array(nodes.count)
    this.variance = new Float64Array(nodes.count)
  }

  /** @param meter row of the meter. @param at Unix ms. @param index m³ */
  takeRegister(meter: number, at: number, index: number): void {
    const before = this.#lastAt[meter] ?? 0
    if (at <= before) return
    const advance = index - (this.#lastIndex[meter] ?? 0)
    this.#lastAt[meter] = at
    this.#lastIndex[meter] = index
    // A register that went back is a new meter or a fault; its next advance counts again.
    if (before === 0 || advance < 0) return
    const span = at - before
    const rate = advance / (span / 1000)
    const known = this.#rate[meter] ?? Number.NaN
    const business = this.#network.meters.class[meter] !== RESIDENTIAL
    const share = Number.isNaN(known) || business ? 1 : 1 - 0.5 ** (span / MEMORY_MS)
    this.#rate[meter] = Number.isNaN(known) ? rate : known + share * (rate - known)
  }

  /**
   * Sums over the meters of each node: `homes` and `business`, m³/s, and `variance` of the sum of both within an hour. Homes whose
   * use is not known yet count as the mean of those that are.
   * @returns share of the gas meters whose use is known
   */
  sum(now: number): number {
    const { meters } = this.#network
    this.homes.fill(0)
    this.business.fill(0)
    this.variance.fill(0)
    const usual = this.#meanOfHomes()
    let known = 0
    let count = 0
    for (let meter = 0; meter < meters.count; meter++) {
      const node = meters.node[meter] ?? -1
      if (node < 0 || meters.kind[meter] !== GAS) continue
      count += 1
      const home = meters.class[meter] === RESIDENTIAL
      const told = this.#rate[meter] ?? Number.NaN
      const rate = Number.isNaN(told) && home ? usual : told
      if (Number.isNaN(rate)) continue
      if (!Number.isNaN(told)) known += 1
      const column = home ? this.homes : this.business
      column[node] = (column[node] ?? 0) + rate
      const recent = !home && now - (this.#lastAt[meter] ?? 0) < RECENT_MS
      const sigma = rate * (recent ? BUSINESS_VARIES : HOME_VARIES)
      this.variance[node] = (this.variance[node] ?? 0) + sigma * sigma
    }
    return count === 0 ? 0 : known / count
  }

  #meanOfHomes(): number {
    const { meters } = this.#network
    let sum = 0
    let known = 0
    for (let meter = 0; meter < meters.count; meter++) {
      const rate = this.#rate[meter] ?? Number.NaN
      if (meters.class[meter] !== RESIDENTIAL || meters.kind[meter] !== GAS || Number.isNaN(rate)) continue
      sum += rate
      known += 1
    }
    return known === 0 ? Number.NaN : sum / known
  }
}
