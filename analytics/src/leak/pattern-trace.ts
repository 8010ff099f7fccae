import type { Network } from '@gastwin/twin'
import type { LeakPlaces } from './leak-places.ts'
import type { Innovation } from './pattern-filter.ts'
import type { Picture } from './pattern-model.ts'

/** Mean squared normalised error that no leak brings below is none of its doing. */
const IMPLAUSIBLE = 6
/** Of what a large leak explains, the share that the map's errors may leave over. */
const MAP_SHARE = 0.3

/**
 * What the pressures since a supposed begin say about a leak at every place: sums a and c of the likelihood exp(a q − c q²/2) of its
 * flow q. The filter does not know of the leak; how a leak would have misled it is followed beside it, place by place, so that
 * place and flow follow without another filter for each.
 * @source Willsky and Jones 1976, generalised likelihood ratio with signatures of a jump
 */
export class PatternTrace {
  readonly places: LeakPlaces
  /** Unix hour of the first picture with a leak. */
  readonly begin: number
  readonly pull: Float64Array
  readonly weight: Float64Array
  /** Float64Array[places · parameters]: wrong belief per kg/s of leak. */
  readonly #misled: Float64Array
  readonly #network: Network
  readonly #parameters: number
  readonly #candidates: Int32Array
  hours = 0

  /** @param parameters of the filter that is misled. @param zone only places there, −1 for all */
  constructor(network: Network, parameters: number, places: LeakPlaces, zone: number, begin: number) {
    this.#network = network
    this.#parameters = parameters
    this.places = places
    this.begin = begin
    this.pull = new Float64Array(places.count)
    this.weight = new Float64Array(places.count)
    this.#misled = new Float64Array(places.count * parameters)
    this.#candidates = Int32Array.from(
      Array.from({ length: places.count }, (_, x) => x).filter((x) => zone < 0 || places.zone[x] === zone),
    )
  }

  /** Places looked at. */
  get candidates(): Int32Array {
    return this.#candidates
  }

  /**
   * Takes a picture and what the filter made of it, unless no leak makes it plausible: then something else has happened, such as
   * a valve that nobody reported.
   * @returns whether it was taken
   */
  take(picture: Picture, innovation: Innovation): boolean {
    const { byLeak, byParameter } = picture
    const n = this.#parameters
    const { used, factor, whitened, gain } = innovation
    const m = used.length
    if (m === 0) return false
    const nodes = this.#network.nodes.count
    const { from, to } = this.#network.edges
    const gammas = new Float64Array(this.#candidates.length * m)
    let squares = 0
    for (let i = 0; i < m; i++) squares += (whitened[i] as number) ** 2
    let explained = 0
    let at = 0
    for (const x of this.#candidates) {
      const pipe = this.places.pipe[x] as number
      const share = this.places.share[x] as number
      const a = from[pipe] as number
      const b = to[pipe] as number
      const misled = this.#misled.subarray(x * n, (x + 1) * n)
      const gamma = gammas.subarray(at, at + m)
      at += m
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
      if (pull > 0) explained = Math.max(explained, (pull * pull) / Math.max(weight, 1e-12))
    }
    if (squares - explained > IMPLAUSIBLE * m + MAP_SHARE * explained) return false
    at = 0
    for (const x of this.#candidates) {
      const misled = this.#misled.subarray(x * n, (x + 1) * n)
      let pull = 0
      let weight = 0
      for (let i = 0; i < m; i++) {
        const g = gammas[at++] as number
        pull += g * (whitened[i] as number)
        weight += g * g
        const row = i * n
        for (let k = 0; k < n; k++) misled[k] = (misled[k] as number) + g * (gain[row + k] as number)
      }
      this.pull[x] = (this.pull[x] as number) + pull
      this.weight[x] = (this.weight[x] as number) + weight
    }
    this.hours += picture.hours
    return true
  }
}

/**
 * How far a leak of some size anywhere could move each row of a picture.
 * @param largest  kg/s
 * @returns Float64Array[rows], Pa or kg/s
 */
export function leakAllowance(picture: Picture, largest: number): Float64Array {
  const out = new Float64Array(picture.rows)
  const nodes = picture.byLeak.length / picture.rows
  if (!(largest > 0)) return out
  for (let r = 0; r < picture.rows; r++) {
    let most = 0
    for (let i = r * nodes; i < (r + 1) * nodes; i++) most = Math.max(most, Math.abs(picture.byLeak[i] as number))
    out[r] = most * largest
  }
  return out
}
