/** A constant flow that began within the last days, as daily use tells it. */
export interface FreshRise {
  /** Days of the record, counted from its end, that hold it in full. */
  readonly days: number
  /** m³ a day, 90 % interval. */
  readonly m3PerDay: { readonly p05: number; readonly p50: number; readonly p95: number }
  /** Logarithm of how much likelier the days are with the flow than without, beyond what is asked of this home; 0 and more. */
  readonly strength: number
  /** That something flows since then at all hours, 0 … 1. */
  readonly chance: number
}

/** Days that are compared: those before, and the last ones, which may hold the flow. */
export const COMPARED_DAYS = 90
const RECENT = 5
const LEAST_BEFORE = 15
const LEAST_RECENT = 2

/** Flows looked for: from 14 L/h on, m³ a day. */
const LEAST_M3 = 24 * 0.014
/** @source chosen on the development half of real water homes: the least without a false finding there; docs/LOW-FLOW.md */
const TOLD = 6.9
/** Visitors of a large user use as much more as a pipe loses: between 0.7 and 1.4 m³ a day so much more is asked (own scenarios). */
const LARGE_TOLD = 3
const LARGE_M3 = 0.7
/** Of what is just told so many are something else (assumption: a leak in ten years at a home, one false finding in a thousand months). */
const UNSURE = 0.3

/** A day resembles an earlier one of the same home within these: share of it, and m³. */
const ALIKE_SHARE = 0.2
const ALIKE_M3 = 0.02
/**
 * Where a register stands between two steps at both ends of a day scatters by 0.41 of a step, on top of what differs from day to day.
 * @source 0.45 tells one more without cause on the development half of real water homes
 */
const STEP_SHARE = 0.5
/** Days that resemble no earlier one. */
const ODD_DAYS = 0.1
const ODD_SPREAD = 0.9
/** Visitors, an arrival, a garden: another level that scatters from day to day. How often beside no change, and how often in a home that stood empty. */
const OTHER_LIFE = 0.02
const ARRIVAL = 0.5
const EMPTY_M3 = 0.05
/** Its scatter from day to day: of one that keeps its hours, of one that does not. */
const OTHER_SPREADS = [0.35, 0.7]
const OTHER_LEVELS = Array.from({ length: 14 }, (_, k) => 1.4 ** (k - 6.5))
/** Flows within what the days allow, and the width of the prior on their logarithm. */
const FLOWS = 24
const FLOW_PRIOR = 1 / 4
/** A home that has shown nothing else follows its town in proportion; how sure that is. */
const TOWN_WEIGHT = 0.3
const TOWN_DOUBT = 0.7

/**
 * Asks whether a constant flow has begun in the last two to five days of a home's daily use: each day then is a usual day of this home and
 * the same amount more. Against it stand usual days alone and a change of life, whose days scatter more than a pipe does. The town's course
 * is taken out of all days.
 * @param use   m³ a day, days in order of time, unknown ones left out
 * @param town  mean use of the town's homes on those days, in any unit; NaN where too few are known
 * @param stepM3 of the register
 * @param end   the days before this place are known
 * @returns undefined when nothing of the kind is likely
 */
export function freshRise(
  use: ArrayLike<number>,
  town: ArrayLike<number>,
  stepM3: number,
  end = use.length,
): FreshRise | undefined {
  const before = end - RECENT
  const from = Math.max(0, before - COMPARED_DAYS)
  if (before - from < LEAST_BEFORE) return undefined
  const usual = new UsualDays(use, town, from, before, stepM3)
  for (let n = 1; n <= LEAST_RECENT; n++)
    if ((use[end - n] as number) < usual.middle(town[end - n] as number) + 0.7 * LEAST_M3) return undefined
  let best: { readonly days: number; readonly strength: number; readonly flows: Float64Array } | undefined
  let least = Number.POSITIVE_INFINITY
  let alone = 0
  for (let n = 1; n <= RECENT; n++) {
    const value = use[end - n] as number
    least = Math.min(least, value)
    alone += Math.log(usual.density(value, town[end - n] as number))
    if (n < LEAST_RECENT) continue
    const low = Math.max(LEAST_M3, least - 1.5 * usual.high - 0.1)
    const high = least + stepM3
    if (high <= low) break
    const flows = new Float64Array(FLOWS)
    let all = 0
    for (let k = 0; k < FLOWS; k++) {
      const flow = flowOf(low, high, k)
      let log = 0
      for (let i = 1; i <= n; i++)
        log += Math.log(usual.density((use[end - i] as number) - flow, town[end - i] as number))
      flows[k] = (Math.exp(log) * (high - low)) / FLOWS / flow
      all += flows[k] as number
    }
    const strength =
      Math.log(FLOW_PRIOR * all + 1e-300) -
      Math.log(Math.exp(alone) + usual.change * otherLife(use, end, n, usual.mean) + 1e-300)
    if (best === undefined || strength > best.strength)
      best = { days: n, strength, flows: Float64Array.of(low, high, ...flows) }
  }
  if (best === undefined) return undefined
  const strength = best.strength - TOLD - LARGE_TOLD * Math.min(1, Math.max(0, Math.log2(usual.mean / LARGE_M3)))
  if (strength < 0) return undefined
  return { days: best.days, strength, chance: 1 - UNSURE * Math.exp(-strength / 2), m3PerDay: quantiles(best.flows) }
}

/** A constant flow that began within the last two weeks or so and has lasted since it could be told. */
export interface LastingRise extends FreshRise {
  /** First day with the whole flow, a column. */
  readonly day: number
}

/** So many days back a flow may have been told; what began earlier is in the days it is compared with. */
const LOOKED_BACK = 7

/**
 * The same of days of which some are not known, as of the end of the record: a flow that was told some days ago counts while each day since
 * holds it.
 * @param use m³ a day, NaN where unknown
 * @param town mean use of the town's homes on the same days, in any unit
 */
export function lastingRise(use: ArrayLike<number>, town: ArrayLike<number>, stepM3: number): LastingRise | undefined {
  const known: number[] = []
  for (let day = 0; day < use.length; day++) if (!Number.isNaN(use[day])) known.push(day)
  const own = known.map((day) => use[day] as number)
  const shared = known.map((day) => town[day] as number)
  let least = Number.POSITIVE_INFINITY
  for (let back = 0; back <= LOOKED_BACK && back < own.length; back++) {
    const end = own.length - back
    const rise = freshRise(own, shared, stepM3, end)
    if (rise !== undefined && least + stepM3 >= rise.m3PerDay.p05)
      return { ...rise, day: known[end - rise.days] as number }
    least = Math.min(least, own[end - 1] as number)
  }
  return undefined
}

const flowOf = (low: number, high: number, k: number) => low + ((k + 0.5) / FLOWS) * (high - low)

function quantiles(flows: Float64Array): FreshRise['m3PerDay'] {
  const [low, high] = flows as unknown as [number, number]
  let all = 0
  for (let k = 0; k < FLOWS; k++) all += flows[2 + k] as number
  const at = (p: number) => {
    let sum = 0
    for (let k = 0; k < FLOWS; k++) {
      const here = (flows[2 + k] as number) / all
      if (sum + here >= p) return low + ((k + (p - sum) / here) / FLOWS) * (high - low)
      sum += here
    }
    return high
  }
  return { p05: at(0.05), p50: at(0.5), p95: at(0.95) }
}

/** Density of the last n days when the home lives otherwise than before, at one level that is not known. */
function otherLife(use: ArrayLike<number>, end: number, n: number, mean: number): number {
  const middle = Math.max(1.5 * mean, 0.3)
  let all = 0
  for (const factor of OTHER_LEVELS) {
    const prior = Math.exp(-0.5 * (Math.log(factor) / ODD_SPREAD) ** 2)
    for (const spread of OTHER_SPREADS) {
      let log = 0
      for (let i = 1; i <= n; i++) {
        const value = (use[end - i] as number) + 0.02
        log += Math.log((0.7 * student(Math.log(value / (factor * middle)) / spread)) / spread / value + 1e-9)
      }
      all += prior * Math.exp(log)
    }
  }
  return all / (OTHER_LEVELS.length * OTHER_SPREADS.length)
}

/** Student's density with three degrees of freedom: days surprise more than a normal law allows. */
function student(z: number): number {
  const c = 1 / (1 + (z * z) / 3)
  return 0.3675525969478613 * c * c
}

/** The days of a home before the last ones, as they would be on a day of the town. */
class UsualDays {
  readonly mean: number
  /** Use that one day in twenty passes, m³. */
  readonly high: number
  /** How often another life begins, beside none. */
  readonly change: number
  readonly #use: Float64Array
  readonly #town: Float64Array
  readonly #stepM3: number
  readonly #slope: number
  readonly #slopeDoubt: number
  readonly #middle: number
  readonly #townMean: number

  constructor(use: ArrayLike<number>, town: ArrayLike<number>, from: number, to: number, stepM3: number) {
    const n = to - from
    this.#stepM3 = stepM3
    this.#use = Float64Array.from({ length: n }, (_, i) => use[from + i] as number)
    this.mean = this.#use.reduce((sum, v) => sum + v, 0) / n
    const known = Float64Array.from({ length: n }, (_, i) => town[from + i] as number).filter((v) => !Number.isNaN(v))
    this.#townMean = known.reduce((sum, v) => sum + v, 0) / known.length
    this.#town = Float64Array.from({ length: n }, (_, i) => this.#share(town[from + i] as number))
    let [squares, products] = [TOWN_WEIGHT, TOWN_WEIGHT * this.mean]
    for (let i = 0; i < n; i++) {
      const c = this.#town[i] as number
      squares += c * c
      products += c * ((this.#use[i] as number) - this.mean)
    }
    this.#slope = Math.max(0, products / squares)
    this.#slopeDoubt = TOWN_DOUBT * this.mean * Math.sqrt(TOWN_WEIGHT / squares)
    const empty = this.#use.reduce((sum, v) => sum + (v < EMPTY_M3 ? 1 : 0), 0) / n
    this.change = OTHER_LIFE + ARRIVAL * empty * empty
    const sorted = this.#use.toSorted()
    this.#middle = sorted[n >> 1] as number
    this.high = sorted[Math.floor(0.95 * (n - 1))] as number
  }

  /** Usual use on a day of the town, m³. */
  middle(town: number): number {
    return this.#middle + this.#slope * this.#share(town)
  }

  /** How the town's use differs from its mean of the days before, share; none where it is not known. */
  #share(town: number): number {
    return this.#townMean > 0 && !Number.isNaN(town) ? town / this.#townMean - 1 : 0
  }

  /** Density of a day's use, 1/m³. */
  density(value: number, town: number): number {
    if (value < -this.#stepM3 - 0.005) return 1e-12
    const share = this.#share(town)
    let sum = 0
    for (let i = 0; i < this.#use.length; i++) {
      const apart = share - (this.#town[i] as number)
      const like = Math.max(0, (this.#use[i] as number) + this.#slope * apart)
      const width =
        Math.hypot(ALIKE_SHARE * like + ALIKE_M3, STEP_SHARE * this.#stepM3) + this.#slopeDoubt * Math.abs(apart)
      sum += student((value - like) / width) / width
    }
    const odd = Math.max(value, 0.02)
    const away = Math.log(odd / Math.max(this.mean, 0.1)) / ODD_SPREAD
    return (
      ((1 - ODD_DAYS) * sum) / this.#use.length + (ODD_DAYS * Math.exp(-0.5 * away * away)) / (ODD_SPREAD * 2.507 * odd)
    )
  }
}
