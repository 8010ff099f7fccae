import { PLACE_FEATURES } from './course-features.table.ts'
import type { PeerCourse } from './peer-course.ts'
import { edgesBelow, SCALE_EDGES, TAIL_SHARES } from './tail-shares.ts'

const MIDDLE = 0.5
const LEAST_USE = 0.002
const MOST_LEVEL = 8

/**
 * Where the days of a course lie among all peers' on the same day, and how its days in use lie against the peers'
 * middle level: what is large or small for this day of this town, whatever the day does to everybody.
 */
export class CoursePlaces {
  readonly #days: number
  readonly #peers: PeerCourse
  /** Share of the peers below a value that has so many half edges below it. */
  readonly #share: Float64Array
  readonly #place: Float64Array
  readonly #used: Float64Array

  constructor(days: number, peers: PeerCourse) {
    this.#days = days
    this.#peers = peers
    this.#place = new Float64Array(days)
    this.#used = new Float64Array(days)
    const known = Float64Array.of(0, ...TAIL_SHARES, 1)
    this.#share = Float64Array.from({ length: 2 * SCALE_EDGES + 1 }, (_, half) => {
      const below = (half + 1) >> 1
      const above = (half + 2) >> 1
      return ((known[below] as number) + (known[above] as number)) / 2
    })
  }

  /**
   * Writes the features of one course that has 3 values at least; missing days are left out.
   * @param from place of its first day in `values` @param to place of the first of PLACE_FEATURES columns in `out`
   */
  read(values: Float32Array, from: number, out: Float32Array, to: number): void {
    let n = 0
    let positives = 0
    for (let d = 0; d < this.#days; d++) {
      const value = values[from + d] as number
      if (!(value >= 0)) continue
      this.#place[n++] = this.#placeOf(d, value)
      if (value > 0) this.#used[positives++] = value
    }
    this.#writePlaces(n, out, to)
    this.#writeLevels(positives, out, to + PLACE_FEATURES)
  }

  #placeOf(day: number, value: number): number {
    const { dayEdges } = this.#peers
    if (dayEdges.length === 0) return MIDDLE
    const from = day * SCALE_EDGES
    const below = edgesBelow(dayEdges, from, value)
    const tied = below < SCALE_EDGES && dayEdges[from + below] === value
    return this.#share[below + (tied ? edgesBelow(dayEdges, from, value, true) : below)] as number
  }

  #writePlaces(n: number, out: Float32Array, to: number): void {
    const place = this.#place.subarray(0, n)
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
    place.sort()
    out[to] = mean
    out[to + 1] = Math.sqrt(Math.max(0, squares / n - mean * mean))
    out[to + 2] = place[0] as number
    out[to + 3] = place[n - 1] as number
    out[to + 4] = (early - late) / third
    out[to + 5] = first / half - (sum - first) / (n - half)
    out[to + 6] = quantile(place, 0.5)
  }

  #writeLevels(positives: number, out: Float32Array, to: number): void {
    const { levelCentre, levelSpread } = this.#peers
    const used = this.#used.subarray(0, positives).sort()
    const level = (use: number): number =>
      use > 0 ? Math.max(-MOST_LEVEL, Math.min(MOST_LEVEL, (Math.log(use) - levelCentre) / levelSpread)) : -9
    for (const [i, share] of [0.5, 0, 1, 0.1, 0.25, 0.75, 0.9].entries())
      out[to + i] = positives === 0 ? -9 : level(quantile(used, share))
    const middle = quantile(used, 0.5)
    let sum = 0
    for (const use of used) sum += use
    let squares = 0
    for (let i = 0; i < positives; i++) {
      squares += ((used[i] as number) - sum / positives) ** 2
      used[i] = Math.abs((used[i] as number) - middle)
    }
    const deviation = positives === 0 ? 0 : Math.sqrt(squares / positives)
    out[to + 7] = positives === 0 ? 0 : quantile(used.sort(), 0.5) / middle
    out[to + 8] = Math.log(deviation / Math.exp(levelCentre) + LEAST_USE)
  }
}

function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below] as number
  return low + ((sorted[Math.min(sorted.length - 1, below + 1)] as number) - low) * (place - below)
}
