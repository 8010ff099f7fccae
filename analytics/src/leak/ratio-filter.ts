import {
  BUSINESS,
  covarianceOf,
  HEAT,
  HOURS,
  LEVEL,
  type RatioPrior,
  REST,
  SIZE,
  SLOPE,
  STEEP,
  TRADE,
} from './ratio-state.ts'

/** The layout's size as this module's own: loops ask for it millions of times. */
const N = SIZE
const LEVEL_MEMORY_H = 40
const LEAST_OTHERS = 0.1
/** An innovation beyond this many standard deviations counts as one of that many. */
const BELIEVED = 4
const QUARTERS_PER_H = 4
/** Quarters for which every begin is kept, then every fourth, then every twelfth. */
const FINE = 24
const MEDIUM = 96
const KEPT = 160

/** What a zone's flow says of a leak since a quarter: log-likelihood pull · q − weight · q²/2 of its flow q in units of the scale. */
export interface BeginTrace {
  /** Unix quarter. */
  readonly quarter: number
  pull: number
  weight: number
  readonly misled: Float64Array
}

/** One quarter of a zone, all in units of the zone's usual use of homes. */
export interface RatioSample {
  readonly quarter: number
  /** Local time, hours 0 … 24. */
  readonly hourOfDay: number
  readonly rest: boolean
  /** Use of the zone's homes. */
  readonly use: number
  /** Use of the other zones' homes, about 1 on average. */
  readonly others: number
  /** Standard deviation of business' expected use that quarters share. */
  readonly business: number
  /** Standard deviation of what trade that is read once a day uses today, at this quarter. */
  readonly trade: number
  /** What the others used last night, when only boilers burn. */
  readonly heat: number
  /** Whether a day begins with this quarter. */
  readonly dawn: boolean
  /** Variance of what belongs to this quarter alone. */
  readonly variance: number
  /** Standard deviation by which the level may have jumped since the quarter before: a day begins, or a week. */
  readonly jump: number
}

/**
 * A zone's use as a ratio to what all other zones use in the same quarter: weather, weekends and feasts are in both. How it follows the
 * others, what its hours have besides and a slow level are learned (Kalman filter); beside it stands what a leak since any recent quarter would do.
 * @source Willsky and Jones 1976, generalised likelihood ratio
 */
export class RatioFilter {
  readonly #mean: Float64Array
  readonly #covariance: Float64Array
  #traces: BeginTrace[] = []
  /** Quarter whose trace is kept however old. */
  pinned = -1
  readonly #row = new Float64Array(SIZE)
  readonly #cross = new Float64Array(SIZE)
  readonly #places = new Int32Array(SIZE)
  readonly #prior: RatioPrior

  /** @param heating how much more of what is burned at night is expected of it than of the others */
  constructor(prior: RatioPrior, heating = 0) {
    this.#prior = prior
    this.#mean = new Float64Array(SIZE)
    this.#mean[SLOPE] = prior.slope
    this.#mean[HEAT] = heating
    this.#covariance = covarianceOf(prior)
  }

  copy(): RatioFilter {
    const made = new RatioFilter(this.#prior)
    made.#mean.set(this.#mean)
    made.#covariance.set(this.#covariance)
    made.pinned = this.pinned
    made.#traces = this.#traces.map((t) => ({ ...t, misled: t.misled.slice() }))
    return made
  }

  get traces(): readonly BeginTrace[] {
    return this.#traces
  }

  /** Lets the expectation of business err from here on. @param factor on what its error is taken for */
  doubtBusiness(factor: number): void {
    this.#covariance[BUSINESS * SIZE + BUSINESS] = factor * factor
  }

  /** Takes back what a leak since a quarter has taught; nothing before this is weighed again. @param flow in units of the scale */
  unlearn(since: number, flow: number): void {
    const near = this.#traces.reduce<BeginTrace | undefined>(
      (best, trace) =>
        best === undefined || Math.abs(trace.quarter - since) < Math.abs(best.quarter - since) ? trace : best,
      undefined,
    )
    near?.misled.forEach((wrong, i) => {
      this.#mean[i] = (this.#mean[i] as number) - wrong * flow
    })
    this.#traces = []
    this.pinned = -1
  }

  /** @returns the normalised innovation, and the share of its variance that belongs to the quarter alone */
  take(sample: RatioSample): { readonly z: number; readonly own: number } {
    const { quarter, use, variance } = sample
    this.#age(sample.jump)
    if (sample.dawn) this.#forgetTrade()
    const h = this.#fillRow(sample)
    const places = this.#places
    // Few numbers act on one quarter: only they are summed over.
    let used = 0
    for (let i = 0; i < N; i++) if (h[i] !== 0) places[used++] = i
    const mean = this.#mean
    const covariance = this.#covariance
    let expected = 0
    for (let k = 0; k < used; k++) {
      const i = places[k] as number
      expected += (h[i] as number) * (mean[i] as number)
    }
    const cross = this.#cross
    let total = variance
    for (let i = 0; i < N; i++) {
      let sum = 0
      for (let k = 0; k < used; k++) {
        const j = places[k] as number
        sum += (covariance[i * N + j] as number) * (h[j] as number)
      }
      cross[i] = sum
      total += sum * (h[i] as number)
    }
    const sigma = Math.sqrt(total)
    const z = (use - expected) / sigma
    const innovation = sigma * Math.max(-BELIEVED, Math.min(BELIEVED, z))
    this.#traces.push({ quarter, pull: 0, weight: 0, misled: new Float64Array(N) })
    for (const trace of this.#traces) {
      const { misled } = trace
      let gamma = 1
      for (let k = 0; k < used; k++) {
        const i = places[k] as number
        gamma -= (h[i] as number) * (misled[i] as number)
      }
      trace.pull += (gamma * innovation) / total
      trace.weight += (gamma * gamma) / total
      const step = gamma / total
      for (let i = 0; i < N; i++) misled[i] = (misled[i] as number) + step * (cross[i] as number)
    }
    for (let i = 0; i < N; i++) {
      const g = (cross[i] as number) / total
      mean[i] = (mean[i] as number) + g * innovation
      for (let j = 0; j < N; j++) covariance[i * N + j] = (covariance[i * N + j] as number) - g * (cross[j] as number)
    }
    this.#traces = this.#traces.filter((t) => {
      const age = quarter - t.quarter
      return (
        t.quarter === this.pinned ||
        age < FINE ||
        (age < MEDIUM && t.quarter % 4 === 0) ||
        (age < KEPT && t.quarter % 12 === 0)
      )
    })
    return { z, own: variance / total }
  }

  /** What each number does to the use of this quarter. */
  #fillRow({ hourOfDay, rest, others, business, trade, heat }: RatioSample): Float64Array {
    const h = this.#row.fill(0)
    const at = (hourOfDay + HOURS - 0.5) % HOURS
    const low = Math.floor(at)
    const high = (low + 1) % HOURS
    const weight = at - low
    for (const first of rest ? [0, REST] : [0]) {
      h[first + low] = 1 - weight
      h[first + high] = weight
    }
    h[STEEP + low] = others * (1 - weight)
    h[STEEP + high] = others * weight
    h[SLOPE] = others
    // Some of it is no share of the others' use: at night hardly anybody takes anything.
    h[LEVEL] = this.#prior.slope === 0 ? others : Math.max(others, LEAST_OTHERS)
    h[BUSINESS] = business
    h[TRADE] = trade
    h[HEAT] = heat
    return h
  }

  /** Another day of trade begins, of which nothing is known. */
  #forgetTrade(): void {
    for (let i = 0; i < SIZE; i++) {
      this.#covariance[i * SIZE + TRADE] = 0
      this.#covariance[TRADE * SIZE + i] = 0
    }
    this.#covariance[TRADE * SIZE + TRADE] = 1
    this.#mean[TRADE] = 0
    for (const trace of this.#traces) trace.misled[TRADE] = 0
  }

  #age(jump: number): void {
    const keep = Math.exp(-1 / (QUARTERS_PER_H * LEVEL_MEMORY_H))
    for (let i = 0; i < N; i++) {
      const a = i * N + LEVEL
      const b = LEVEL * N + i
      this.#covariance[a] = (this.#covariance[a] as number) * keep
      this.#covariance[b] = (this.#covariance[b] as number) * keep
    }
    const corner = LEVEL * SIZE + LEVEL
    this.#covariance[corner] =
      (this.#covariance[corner] as number) + this.#prior.level ** 2 * (1 - keep * keep) + jump * jump
    this.#mean[LEVEL] = (this.#mean[LEVEL] as number) * keep
    for (const trace of this.#traces) trace.misled[LEVEL] = (trace.misled[LEVEL] as number) * keep
  }
}
