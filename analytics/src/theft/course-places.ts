import { medianDistance, quantileWithin } from './ascending.ts'
import { PLACE_FEATURES } from './course-features.table.ts'
import type { PeerCourse } from './peer-course.ts'
import { edgesBelow, edgesUpTo, SCALE_EDGES, TAIL_SHARES } from './tail-shares.ts'

/** Places between edges and at edges: the middle of 0 … 2 · SCALE_EDGES half edges. */
const HALVES = 2 * SCALE_EDGES + 1
const LEAST_USE = 0.002
const MOST_LEVEL = 8
const USE_SHARES = Float64Array.of(0.5, 0, 1, 0.1, 0.25, 0.75, 0.9)

/**
 * Where the days of a course lie among all peers' on the same day, and how its days in use lie against the peers'
 * middle level: what is large or small for this day of this town, whatever the day does to everybody.
 */
export class CoursePlaces {
  readonly #days: number
  readonly #peers: PeerCourse
  /** Share of the peers below a value that has so many half edges below it. */
  readonly #share: Float64Array
  /** Half edges below no use at all, of each day. */
  readonly #halfOfZero: Int32Array
  readonly #place: Float64Array
  readonly #daysAt = new Uint32Array(HALVES)
  readonly #middleUse: number

  constructor(days: number, peers: PeerCourse) {
    this.#days = days
    this.#peers = peers
    this.#place = new Float64Array(days)
    this.#middleUse = Math.exp(peers.levelCentre)
    const known = Float64Array.of(0, ...TAIL_SHARES, 1)
    this.#share = Float64Array.from({ length: HALVES }, (_, half) => {
      const below = (half + 1) >> 1
      const above = (half + 2) >> 1
      return ((known[below] as number) + (known[above] as number)) / 2
    })
    this.#halfOfZero = Int32Array.from({ length: days }, (_, day) => this.#halfOf(day, 0))
  }

  /**
   * Writes the features of one course that has 3 values at least; missing days are left out.
   * @param from    place of its first day in `values`
   * @param sorted  its values in ascending order, `count` of them, of which the first `zeros` are 0
   * @param to      place of the first of PLACE_FEATURES columns in `out`
   */
  read(
    values: Float32Array,
    from: number,
    sorted: Float64Array,
    zeros: number,
    count: number,
    out: Float32Array,
    to: number,
  ): void {
    this.#writePlaces(values, from, out, to)
    this.#writeLevels(sorted, zeros, count, out, to + PLACE_FEATURES)
  }

  /** Half edges of the day below a value: even where it lies between two edges, odd where it is one. */
  #halfOf(day: number, value: number): number {
    const { dayEdges } = this.#peers
    // Without peers every place is the middle one.
    if (dayEdges.length === 0) return SCALE_EDGES
    const from = day * SCALE_EDGES
    const below = edgesBelow(dayEdges, from, value)
    const tied = below < SCALE_EDGES && dayEdges[from + below] === value
    return below + (tied ? edgesUpTo(dayEdges, from, value) : below)
  }

  #writePlaces(values: Float32Array, from: number, out: Float32Array, to: number): void {
    const place = this.#place
    const share = this.#share
    const daysAt = this.#daysAt.fill(0)
    let n = 0
    let least = HALVES
    let most = 0
    for (let d = 0; d < this.#days; d++) {
      const value = values[from + d] as number
      if (!(value >= 0)) continue
      const half = value === 0 ? (this.#halfOfZero[d] as number) : this.#halfOf(d, value)
      place[n++] = share[half] as number
      daysAt[half] = (daysAt[half] as number) + 1
      if (half < least) least = half
      if (half > most) most = half
    }
    const third = Math.max(1, Math.floor(n / 3))
    const half = n >> 1
    let sum = 0
    let squares = 0
    let early = 0
    let late = 0
    let first = 0
    for (let i = 0; i < n; i++) {
      const x = place[i] as number
      sum += x
      squares += x * x
      if (i < third) early += x
      if (i >= n - third) late += x
      if (i < half) first += x
    }
    const mean = sum / n
    out[to] = mean
    out[to + 1] = Math.sqrt(Math.max(0, squares / n - mean * mean))
    out[to + 2] = share[least] as number
    out[to + 3] = share[most] as number
    out[to + 4] = (early - late) / third
    out[to + 5] = first / half - (sum - first) / (n - half)
    out[to + 6] = this.#middlePlace(n, least)
  }

  /** Median of the places: there are so few different ones that counting puts them in order. */
  #middlePlace(n: number, least: number): number {
    const middle = 0.5 * (n - 1)
    const below = Math.floor(middle)
    let half = least
    let upTo = this.#daysAt[half] as number
    while (upTo <= below) upTo += this.#daysAt[++half] as number
    const low = this.#share[half] as number
    while (upTo <= below + 1 && upTo < n) upTo += this.#daysAt[++half] as number
    return low + ((this.#share[half] as number) - low) * (middle - below)
  }

  #writeLevels(sorted: Float64Array, zeros: number, count: number, out: Float32Array, to: number): void {
    const { levelCentre, levelSpread } = this.#peers
    if (count === zeros) {
      out.fill(-9, to, to + USE_SHARES.length)
      out[to + 7] = 0
      out[to + 8] = Math.log(LEAST_USE)
      return
    }
    for (let i = 0; i < USE_SHARES.length; i++) {
      const use = quantileWithin(sorted, zeros, count, USE_SHARES[i] as number)
      out[to + i] = Math.max(-MOST_LEVEL, Math.min(MOST_LEVEL, (Math.log(use) - levelCentre) / levelSpread))
    }
    const middle = quantileWithin(sorted, zeros, count, 0.5)
    const positives = count - zeros
    let sum = 0
    for (let i = zeros; i < count; i++) sum += sorted[i] as number
    const mean = sum / positives
    let squares = 0
    for (let i = zeros; i < count; i++) squares += ((sorted[i] as number) - mean) ** 2
    out[to + 7] = medianDistance(sorted, zeros, count, middle) / middle
    out[to + 8] = Math.log(Math.sqrt(squares / positives) / this.#middleUse + LEAST_USE)
  }
}
