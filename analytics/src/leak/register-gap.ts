const HOUR = 3_600_000
const DAY = 24 * HOUR

interface HomeRegister {
  readonly times: number[]
  readonly values: number[]
}

/** What registers say about a flow that has left a zone uncounted since a given time: m³/s, or nothing yet. */
export interface GapBelief {
  readonly flow: number
  readonly variance: number
}

/** What the comparison is off by however long it lasts, as a share of the zone's use: gas grows colder, meters age, habits change. */
const LASTING = 0.012
/** Whole days of history that are compared with. */
const REFERENCE_DAYS = 6

/**
 * Compares what homes are said to take by their zone's inlets with what their registers counted, each home against its own share
 * of the days before. A day that is cold, or a feast, is in both; a leak only in the first. The comparison lags by the registers.
 */
export class RegisterGap {
  readonly #homes = new Map<number, HomeRegister>()
  /** m³ the homes took until the end of each hour, from `#first` on. */
  readonly #taken: number[] = []
  /** Square of the error of that, m⁶. */
  readonly #doubt: number[] = []
  #first = Number.NaN
  readonly #variation: number

  /** @param variation one home's use about its zone's within half a day, as a share of its mean */
  constructor(variation: number) {
    this.#variation = variation
  }

  /** Takes what the homes took in an hour, m³; hours come in order. @param error standard deviation of an hour that was not measured, m³ */
  takeHour(hour: number, taken: number, error = 0): void {
    if (this.#taken.length === 0) this.#first = hour
    const last = this.#taken[this.#taken.length - 1] ?? 0
    const doubt = this.#doubt[this.#doubt.length - 1] ?? 0
    while (this.#taken.length < hour - this.#first) {
      this.#taken.push(last)
      this.#doubt.push(doubt)
    }
    this.#taken.push(last + taken)
    this.#doubt.push(doubt + error * error)
  }

  /** Takes out what a leak has taken since an hour, so that it is nobody's use. @param flow m³/s */
  discount(since: number, flow: number): void {
    const first = Math.max(0, since - this.#first)
    for (let i = first; i < this.#taken.length; i++)
      this.#taken[i] = (this.#taken[i] as number) - flow * 3600 * (i + 1 - first)
  }

  /** Takes a register, m³ as counted. */
  takeRegister(meter: number, at: number, value: number): void {
    const home = this.#homes.get(meter)
    if (home === undefined) {
      this.#homes.set(meter, { times: [at], values: [value] })
      return
    }
    const last = home.times[home.times.length - 1] as number
    if (at <= last) return
    home.times.push(at)
    home.values.push(value)
    if (home.times.length > 40) {
      home.times.shift()
      home.values.shift()
    }
  }

  /** Mean rate of a home, m³/s as counted; NaN before its second register. */
  rateOf(meter: number): number {
    const home = this.#homes.get(meter)
    if (home === undefined || home.times.length < 2) return Number.NaN
    const n = home.times.length - 1
    return (
      (((home.values[n] as number) - (home.values[0] as number)) /
        ((home.times[n] as number) - (home.times[0] as number))) *
      1000
    )
  }

  /**
   * The uncounted flow since a time.
   * @param since  Unix ms
   */
  gapSince(since: number): GapBelief | undefined {
    const first = this.#gap(since, 0)
    // What was counted before and after the begin within one reading is told apart by what homes take, without the leak.
    return first === undefined ? undefined : this.#gap(since, Math.max(0, first.flow))
  }

  /** @param leak m³/s of what the zone seems to take since the begin that homes do not */
  #gap(since: number, leak: number): GapBelief | undefined {
    const known = (this.#first + this.#taken.length) * HOUR
    let gap = 0
    let covered = 0
    let expectedRates = 0
    let squares = 0
    let referenceDays = 0
    for (const { times, values } of this.#homes.values()) {
      let last = times.length - 1
      while (last >= 0 && (times[last] as number) > known) last -= 1
      let begin = 0
      while (begin < last && (times[begin] as number) < since - REFERENCE_DAYS * DAY) begin += 1
      let before = begin
      while (before < last && (times[before + 1] as number) <= since) before += 1
      const reference = this.#between(times[begin] as number, times[before] as number)
      if (before === begin || !(reference > 0)) continue
      const share = ((values[before] as number) - (values[begin] as number)) / reference
      const spanS = ((times[before] as number) - (times[begin] as number)) / 1000
      const rate = ((values[before] as number) - (values[begin] as number)) / spanS
      // Unread homes count as well in what the zone's mean is made of.
      expectedRates += rate
      squares += rate * rate
      referenceDays += spanS / 86_400
      if (before === last) continue
      const after = this.#between(times[before] as number, times[last] as number)
      const inside = this.#between(Math.max(since, times[before] as number), times[last] as number)
      const counted = (values[last] as number) - (values[before] as number)
      const lost = (leak * ((times[last] as number) - Math.max(since, times[before] as number))) / 1000
      const taken = Math.max(0, inside - lost)
      gap += share * inside - counted * (after > lost ? taken / (after - lost) : 1)
      covered += (rate * ((times[last] as number) - Math.max(since, times[before] as number))) / 1000
    }
    if (!(expectedRates > 0) || !(covered > 0)) return undefined
    const seconds = covered / expectedRates
    if (seconds < 6 * 3600) return undefined
    // Rates as counted are turned into the zone's by their ratio: registers count at another state than inlets.
    const count = Math.max(1, this.#homes.size)
    const scale = this.#usualRate(since) / expectedRates
    const edge = this.#variation * Math.sqrt(squares) * 0.5 * 86_400
    const reference = Math.max(1, referenceDays / count)
    const sigma = Math.hypot(
      (edge * Math.SQRT2) / seconds,
      (edge * Math.SQRT2) / (reference * 86_400),
      LASTING * expectedRates,
      0.03 * (gap / seconds),
    )
    const flow = gap / seconds
    const filled = Math.sqrt(this.#doubtSince(since)) / seconds
    return { flow: flow * scale, variance: (sigma * scale) ** 2 + filled * filled }
  }

  /** Square of the error of what was taken since a time, m⁶. */
  #doubtSince(since: number): number {
    const hours = Math.floor(since / HOUR) - this.#first
    return (this.#doubt.at(-1) ?? 0) - (hours < 1 ? 0 : (this.#doubt[hours - 1] ?? 0))
  }

  /** Mean flow the homes took before a time, m³/s. */
  #usualRate(until: number): number {
    const end = Math.min(until, (this.#first + this.#taken.length) * HOUR)
    return this.#until(end) / Math.max(3600, (end - this.#first * HOUR) / 1000)
  }

  /** m³ taken between two instants; nothing before the first hour and beyond the last known. */
  #between(from: number, to: number): number {
    return this.#until(to) - this.#until(from)
  }

  #until(at: number): number {
    const place = at / HOUR - this.#first
    if (!(place > 0)) return 0
    const whole = Math.min(this.#taken.length, Math.floor(place))
    const before = whole === 0 ? 0 : (this.#taken[whole - 1] as number)
    if (whole >= this.#taken.length) return before
    return before + (place - whole) * ((this.#taken[whole] as number) - before)
  }
}
