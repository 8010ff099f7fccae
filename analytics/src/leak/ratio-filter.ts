const HOURS = 24
const REST = HOURS
const SLOPE = 2 * HOURS
const LEVEL = SLOPE + 1
const BUSINESS = SLOPE + 2
const SIZE = SLOPE + 3
/** Over how many hours neighbouring hours are alike. */
const ALIKE_H = 2.5
const LEVEL_MEMORY_H = 40
const LEAST_OTHERS = 0.25
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
  /** Variance of what belongs to this quarter alone. */
  readonly variance: number
  /** Standard deviation by which the level may have jumped since the quarter before: a day begins, or a week. */
  readonly jump: number
}

/** What is known of a ratio before it was seen; standard deviations. */
export interface RatioPrior {
  /** How use follows the others' from day to day. */
  readonly slope: number
  readonly slopeSigma: number
  /** What an hour of the day has besides, and what a weekend's hour has. */
  readonly hourly: number
  readonly weekend: number
  /** What lasts for days, as homes that are away for a week. */
  readonly level: number
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
  readonly #prior: RatioPrior

  constructor(prior: RatioPrior) {
    this.#prior = prior
    this.#mean = new Float64Array(SIZE)
    this.#mean[SLOPE] = prior.slope
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

  /** @returns the normalised innovation, and the share of its variance that belongs to the quarter alone */
  take(sample: RatioSample): { readonly z: number; readonly own: number } {
    const { quarter, hourOfDay, use, others, business, variance } = sample
    this.#age(sample.jump)
    const h = this.#row.fill(0)
    const at = (hourOfDay + HOURS - 0.5) % HOURS
    const low = Math.floor(at)
    const high = (low + 1) % HOURS
    for (const first of sample.rest ? [0, REST] : [0]) {
      h[first + low] = 1 - (at - low)
      h[first + high] = at - low
    }
    h[SLOPE] = others
    // Some of it is no share of the others' use: at night hardly anybody takes anything.
    h[LEVEL] = this.#prior.slope === 0 ? others : Math.max(others, LEAST_OTHERS)
    h[BUSINESS] = business
    let expected = 0
    for (let i = 0; i < SIZE; i++) expected += (h[i] as number) * (this.#mean[i] as number)
    const cross = this.#cross
    let total = variance
    for (let i = 0; i < SIZE; i++) {
      let sum = 0
      for (let j = 0; j < SIZE; j++) sum += (this.#covariance[i * SIZE + j] as number) * (h[j] as number)
      cross[i] = sum
      total += sum * (h[i] as number)
    }
    const sigma = Math.sqrt(total)
    const z = (use - expected) / sigma
    const innovation = sigma * Math.max(-BELIEVED, Math.min(BELIEVED, z))
    this.#traces.push({ quarter, pull: 0, weight: 0, misled: new Float64Array(SIZE) })
    for (const trace of this.#traces) {
      let gamma = 1
      for (let i = 0; i < SIZE; i++) gamma -= (h[i] as number) * (trace.misled[i] as number)
      trace.pull += (gamma * innovation) / total
      trace.weight += (gamma * gamma) / total
      for (let i = 0; i < SIZE; i++)
        trace.misled[i] = (trace.misled[i] as number) + (gamma * (cross[i] as number)) / total
    }
    for (let i = 0; i < SIZE; i++) {
      const g = (cross[i] as number) / total
      this.#mean[i] = (this.#mean[i] as number) + g * innovation
      for (let j = 0; j < SIZE; j++)
        this.#covariance[i * SIZE + j] = (this.#covariance[i * SIZE + j] as number) - g * (cross[j] as number)
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

  #age(jump: number): void {
    const keep = Math.exp(-1 / (QUARTERS_PER_H * LEVEL_MEMORY_H))
    for (let i = 0; i < SIZE; i++) {
      const a = i * SIZE + LEVEL
      const b = LEVEL * SIZE + i
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

function covarianceOf({ slopeSigma, hourly, weekend, level }: RatioPrior): Float64Array {
  const out = new Float64Array(SIZE * SIZE)
  for (const [first, sigma] of [
    [0, hourly],
    [REST, weekend],
  ] as const)
    for (let i = 0; i < HOURS; i++)
      for (let j = 0; j < HOURS; j++) {
        const apart = Math.sin((Math.PI * (i - j)) / HOURS) * (HOURS / (Math.PI * ALIKE_H))
        out[(first + i) * SIZE + first + j] = sigma ** 2 * (Math.exp(-0.5 * apart * apart) + (i === j ? 0.05 : 0))
      }
  out[SLOPE * SIZE + SLOPE] = slopeSigma ** 2
  out[LEVEL * SIZE + LEVEL] = level ** 2
  return out
}
