import type { Network } from '@gastwin/twin'
import type { LeakPlaces } from './leak-places.ts'
import type { Innovation } from './pattern-filter.ts'
import type { Picture } from './pattern-model.ts'
import { addCombinations, substitute, subtractProducts } from './place-algebra.ts'

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
  readonly #network: Network
  readonly #parameters: number
  readonly #candidates: Int32Array
  /** Float64Array[candidates · parameters]: wrong belief per kg/s of leak, of all pictures but the last. */
  #misled: Float64Array | undefined
  /** The last picture's share in it, which only a next one asks for. */
  #pending: { readonly gammas: Float64Array; readonly gain: Float64Array; readonly rows: number } | undefined
  hours = 0

  /** @param parameters of the filter that is misled. @param zone only places there, −1 for all */
  constructor(network: Network, parameters: number, places: LeakPlaces, zone: number, begin: number) {
    this.#network = network
    this.#parameters = parameters
    this.places = places
    this.begin = begin
    this.pull = new Float64Array(places.count)
    this.weight = new Float64Array(places.count)
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
    const { used, factor, whitened, gain } = innovation
    const m = used.length
    if (m === 0) return false
    this.#settle()
    const gammas = this.#effects(picture, used)
    substitute(factor, m, gammas)
    const candidates = this.#candidates
    let squares = 0
    for (let i = 0; i < m; i++) squares += (whitened[i] as number) ** 2
    const pulls = new Float64Array(candidates.length)
    const weights = new Float64Array(candidates.length)
    let explained = 0
    for (let c = 0; c < candidates.length; c++) {
      let pull = 0
      let weight = 0
      for (let i = 0; i < m; i++) {
        const g = gammas[c * m + i] as number
        pull += g * (whitened[i] as number)
        weight += g * g
      }
      pulls[c] = pull
      weights[c] = weight
      if (pull > 0) explained = Math.max(explained, (pull * pull) / Math.max(weight, 1e-12))
    }
    if (squares - explained > IMPLAUSIBLE * m + MAP_SHARE * explained) return false
    this.#pending = { gammas, gain, rows: m }
    for (let c = 0; c < candidates.length; c++) {
      const x = candidates[c] as number
      this.pull[x] = (this.pull[x] as number) + (pulls[c] as number)
      this.weight[x] = (this.weight[x] as number) + (weights[c] as number)
    }
    this.hours += picture.hours
    return true
  }

  /** What a leak of 1 kg/s at each candidate would add to the used rows, beyond what the filter was misled to expect. */
  #effects({ byLeak, byParameter }: Picture, used: Int32Array): Float64Array {
    const n = this.#parameters
    const m = used.length
    const candidates = this.#candidates
    const nodes = this.#network.nodes.count
    const { from, to } = this.#network.edges
    const effects = new Float64Array(candidates.length * m)
    for (let c = 0; c < candidates.length; c++) {
      const x = candidates[c] as number
      const share = this.places.share[x] as number
      const a = from[this.places.pipe[x] as number] as number
      const b = to[this.places.pipe[x] as number] as number
      for (let i = 0; i < m; i++) {
        const row = (used[i] as number) * nodes
        effects[c * m + i] = (1 - share) * (byLeak[row + a] as number) + share * (byLeak[row + b] as number)
      }
    }
    if (this.#misled === undefined) return effects
    const rows = new Float64Array(m * n)
    used.forEach((r, i) => {
      rows.set(byParameter.subarray(r * n, (r + 1) * n), i * n)
    })
    subtractProducts(rows, this.#misled, n, m, effects)
    return effects
  }

  /** Adds the share of the picture before. */
  #settle(): void {
    if (this.#pending === undefined) return
    this.#misled ??= new Float64Array(this.#candidates.length * this.#parameters)
    const { gammas, gain, rows } = this.#pending
    addCombinations(gammas, gain, rows, this.#parameters, this.#misled)
    this.#pending = undefined
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
