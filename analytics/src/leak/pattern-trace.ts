import type { Network } from '@gastwin/twin'
import type { LeakPlaces } from './leak-places.ts'
import type { Innovation, PatternFilter } from './pattern-filter.ts'
import type { Picture } from './pattern-model.ts'

/**
 * What the pressures since a supposed begin say about a leak at every place: sums a and c of the likelihood exp(a q − c q²/2) of its
 * flow q. The filter does not know of the leak; how a leak would have misled it is followed beside it, place by place, so that
 * place and flow follow without another filter for each.
 * @source Willsky and Jones 1976, generalised likelihood ratio with signatures of a jump
 */
export class PatternTrace {
  readonly filter: PatternFilter
  readonly places: LeakPlaces
  readonly pull: Float64Array
  readonly weight: Float64Array
  /** Float64Array[places · parameters]: wrong belief per kg/s of leak. */
  readonly #misled: Float64Array
  readonly #network: Network
  readonly #candidates: Int32Array
  hours = 0

  /** @param filter of the last hour before; the trace keeps and moves it. @param zone only places there, −1 for all */
  constructor(network: Network, filter: PatternFilter, places: LeakPlaces, zone: number) {
    this.#network = network
    this.filter = filter
    this.places = places
    this.pull = new Float64Array(places.count)
    this.weight = new Float64Array(places.count)
    this.#misled = new Float64Array(places.count * filter.size)
    this.#candidates = Int32Array.from(
      Array.from({ length: places.count }, (_, x) => x).filter((x) => zone < 0 || places.zone[x] === zone),
    )
  }

  /** Places looked at. */
  get candidates(): Int32Array {
    return this.#candidates
  }

  /**
   * Takes the picture of one hour.
   * @param largest  the largest flow the leak may have, kg/s: rows may differ by as much as it could do
   */
  take(picture: Picture, inflation: number, largest: number): Innovation {
    const { rows, byLeak, byParameter } = picture
    const n = this.filter.size
    const allowance = this.#allowance(picture, largest)
    const innovation = this.filter.take(picture, inflation, allowance)
    const { used, factor, whitened, gain } = innovation
    const m = used.length
    if (m === 0) return innovation
    const nodes = this.#network.nodes.count
    const { from, to } = this.#network.edges
    const gamma = new Float64Array(m)
    for (const x of this.#candidates) {
      const pipe = this.places.pipe[x] as number
      const share = this.places.share[x] as number
      const a = from[pipe] as number
      const b = to[pipe] as number
      const misled = this.#misled.subarray(x * n, (x + 1) * n)
      let pull = 0
      let weight = 0
      for (let i = 0; i < m; i++) {
        const r = used[i] as number
        let value = (1 - share) * (byLeak[r * nodes + a] as number) + share * (byLeak[r * nodes + b] as number)
        if (this.hours > 0) {
          const row = r * n
          for (let k = 0; k < n; k++) value -= (byParameter[row + k] as number) * (misled[k] as number)
        }
        for (let j = 0; j < i; j++) value -= (factor[i * m + j] as number) * (gamma[j] as number)
        value /= factor[i * m + i] as number
        gamma[i] = value
        pull += value * (whitened[i] as number)
        weight += value * value
      }
      for (let i = 0; i < m; i++) {
        const g = gamma[i] as number
        const row = i * n
        for (let k = 0; k < n; k++) misled[k] = (misled[k] as number) + g * (gain[row + k] as number)
      }
      this.pull[x] = (this.pull[x] as number) + pull
      this.weight[x] = (this.weight[x] as number) + weight
    }
    void rows
    this.hours += 1
    return innovation
  }

  #allowance(picture: Picture, largest: number): Float64Array {
    const nodes = this.#network.nodes.count
    const out = new Float64Array(picture.rows)
    if (!(largest > 0)) return out
    for (let r = 0; r < picture.rows; r++) {
      let most = 0
      for (const x of this.#candidates) {
        const at = this.#network.edges.from[this.places.pipe[x] as number] as number
        most = Math.max(most, Math.abs(picture.byLeak[r * nodes + at] as number))
      }
      out[r] = most * largest
    }
    return out
  }
}
