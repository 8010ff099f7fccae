/** Ten minutes each: with longer ones the tip of the breakfast peak lies several percent above the line between their means. */
const SLOTS = 144
const SLOTS_PER_HOUR = SLOTS / 24
const DAY_KINDS = 2
/** The slope on heating degrees is learnt for quarters of the day. */
const BLOCKS = 4
const SLOTS_PER_BLOCK = SLOTS / BLOCKS
/** Columns per slot: weight, Σy, Σx, Σxx, Σxy. */
const WIDTH = 5
/** Memory of a slot: each further day of its kind weighs its past by this. */
const FORGET = 0.9
/** Prior of the slope: ± this share of the mean per kelvin. Gas-heated districts reach about 5 %. */
const SLOPE_PRIOR = 0.05
/** No district repeats itself closer than this from day to day, share of the mean. */
const LEAST_DAY_NOISE = 0.01
/** Hour at which the evening before is over. */
const EVENING_ENDS = 3

export interface Expectation {
  /** m³/s; NaN when this time of day was never seen. */
  flow: number
  /** Extra standard deviation because the weather lies outside what was seen, or the day kind was not, m³/s. */
  doubt: number
  /** Days that speak for this time of day. */
  days: number
}

/**
 * What a zone takes in, as learnt from its own past: ten minutes of the day × kind of day, and a slope on heating degrees with a
 * Gaussian prior, so that weather never seen widens the doubt instead of raising an alarm.
 */
export class SupplyProfile {
  readonly #sums = new Float64Array(DAY_KINDS * SLOTS * WIDTH)
  readonly #lastDay = new Int32Array(DAY_KINDS * SLOTS).fill(-1)

  /** Weight of each slot seen so far, mean over a day: about the number of days, at most 1/(1 − FORGET). */
  get days(): number {
    let weight = 0
    for (let at = 0; at < this.#sums.length; at += WIDTH) weight += this.#sums[at] ?? 0
    return weight / SLOTS
  }

  /**
   * @param hour local hour of day, 0…24 · @param kind 0 working day, 1 weekend
   * @param degrees heating degrees, K · @param share part of the slot that the value stands for · @param flow m³/s
   */
  learn(day: number, hour: number, kind: 0 | 1, degrees: number, share: number, flow: number): void {
    const slot = kind * SLOTS + (Math.floor(hour * SLOTS_PER_HOUR) % SLOTS)
    const at = slot * WIDTH
    if (this.#lastDay[slot] !== day) {
      this.#lastDay[slot] = day
      for (let i = 0; i < WIDTH; i++) this.#sums[at + i] = (this.#sums[at + i] ?? 0) * FORGET
    }
    this.#add(at, share)
    this.#add(at + 1, share * flow)
    this.#add(at + 2, share * degrees)
    this.#add(at + 3, share * degrees * degrees)
    this.#add(at + 4, share * degrees * flow)
  }

  /**
   * Writes the expectation for a time into `out`.
   * @param kindBefore kind of the day before: the first hours after midnight still belong to its evening
   * @param dayDeviation standard deviation of a day's mean, m³/s
   */
  expect(hour: number, kind: 0 | 1, kindBefore: 0 | 1, degrees: number, dayDeviation: number, out: Expectation): void {
    const slope = this.#slope(hour, dayDeviation)
    this.#ofKind(hour, kind, degrees, slope, out)
    const evening = 1 - hour / EVENING_ENDS
    if (kind === kindBefore || evening <= 0) return
    this.#ofKind(hour, kindBefore, degrees, slope, BEFORE)
    if (Number.isNaN(BEFORE.flow) || Number.isNaN(out.flow)) return
    out.flow += evening * (BEFORE.flow - out.flow)
    out.doubt = Math.max(out.doubt, BEFORE.doubt)
    out.days = Math.min(out.days, BEFORE.days)
  }

  save() {
    return { sums: [...this.#sums], lastDay: [...this.#lastDay] }
  }

  load(saved: ReturnType<SupplyProfile['save']>): void {
    this.#sums.set(saved.sums)
    this.#lastDay.set(saved.lastDay)
  }

  #add(at: number, value: number): void {
    this.#sums[at] = (this.#sums[at] ?? 0) + value
  }

  #ofKind(hour: number, kind: 0 | 1, degrees: number, slope: Slope, out: Expectation): void {
    const place = hour * SLOTS_PER_HOUR - 0.5
    const before = (Math.floor(place) + SLOTS) % SLOTS
    const right = place - Math.floor(place)
    this.#slotMean(before, kind, degrees, slope, LEFT)
    this.#slotMean((before + 1) % SLOTS, kind, degrees, slope, RIGHT)
    if (Number.isNaN(LEFT.flow)) copy(RIGHT, LEFT)
    if (Number.isNaN(RIGHT.flow)) copy(LEFT, RIGHT)
    out.flow = Math.max(0, (1 - right) * LEFT.flow + right * RIGHT.flow)
    out.doubt = Math.max(LEFT.doubt, RIGHT.doubt)
    out.days = Math.min(LEFT.days, RIGHT.days)
  }

  #slotMean(slot: number, kind: 0 | 1, degrees: number, slope: Slope, out: Expectation): void {
    let at = (kind * SLOTS + slot) * WIDTH
    let doubt = 0
    if ((this.#sums[at] ?? 0) < 0.5) {
      at = ((1 - kind) * SLOTS + slot) * WIDTH
      doubt = OTHER_KIND_DOUBT
    }
    const weight = this.#sums[at] ?? 0
    if (weight < 0.15) {
      out.flow = Number.NaN
      out.doubt = 0
      out.days = 0
      return
    }
    const mean = (this.#sums[at + 1] ?? 0) / weight
    const away = degrees - (this.#sums[at + 2] ?? 0) / weight
    out.flow = mean + slope.value * away
    out.doubt = Math.hypot(doubt * mean, slope.deviation * away)
    out.days = weight
  }

  /** Slope at an hour, between those of the two nearest quarters of the day: a step between quarters would look like a leak. */
  #slope(hour: number, dayDeviation: number): Slope {
    const place = (hour / 24) * BLOCKS - 0.5
    const right = place - Math.floor(place)
    const before = (Math.floor(place) + BLOCKS) % BLOCKS
    this.#slopeOf(before, dayDeviation, SLOPE)
    this.#slopeOf((before + 1) % BLOCKS, dayDeviation, NEXT_SLOPE)
    SLOPE.value += right * (NEXT_SLOPE.value - SLOPE.value)
    SLOPE.deviation += right * (NEXT_SLOPE.deviation - SLOPE.deviation)
    return SLOPE
  }

  /** Pooled slope of a quarter of the day; slots of one day count as one observation, for they err together. */
  #slopeOf(block: number, dayDeviation: number, out: Slope): void {
    let xx = 0
    let xy = 0
    let flow = 0
    let weight = 0
    for (let kind = 0; kind < DAY_KINDS; kind++) {
      for (let slot = block * SLOTS_PER_BLOCK; slot < (block + 1) * SLOTS_PER_BLOCK; slot++) {
        const at = (kind * SLOTS + slot) * WIDTH
        const w = this.#sums[at] ?? 0
        if (w === 0) continue
        const y = this.#sums[at + 1] ?? 0
        const x = this.#sums[at + 2] ?? 0
        xx += (this.#sums[at + 3] ?? 0) - (x * x) / w
        xy += (this.#sums[at + 4] ?? 0) - (x * y) / w
        flow += y
        weight += w
      }
    }
    const mean = weight === 0 ? 0 : flow / weight
    if (mean <= 0) {
      out.value = 0
      out.deviation = 0
      return
    }
    const noise = Math.max(dayDeviation, LEAST_DAY_NOISE * mean)
    const ridge = (noise / (SLOPE_PRIOR * mean)) ** 2
    const spread = Math.max(0, xx) / SLOTS_PER_BLOCK + ridge
    out.value = xy / SLOTS_PER_BLOCK / spread
    out.deviation = noise / Math.sqrt(spread)
  }
}

/** A working day predicts a weekend, or the reverse, to about this share. */
const OTHER_KIND_DOUBT = 0.2

interface Slope {
  value: number
  deviation: number
}
/** Scratch: asked once a minute and zone, kept so that a quiet minute allocates nothing. */
const SLOPE: Slope = { value: 0, deviation: 0 }
const NEXT_SLOPE: Slope = { value: 0, deviation: 0 }
const BEFORE: Expectation = { flow: 0, doubt: 0, days: 0 }
const LEFT: Expectation = { flow: 0, doubt: 0, days: 0 }
const RIGHT: Expectation = { flow: 0, doubt: 0, days: 0 }

function copy(from: Expectation, to: Expectation): void {
  to.flow = from.flow
  to.doubt = from.doubt
  to.days = from.days
}
