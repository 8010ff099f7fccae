/** Length of a quarter, ms: the grain in which zones are compared. */
export const QUARTER_MS = 900_000
const PER_DAY = 96
/** Quarters of registers kept. */
const KEPT = 14 * PER_DAY
/** How fast the day's level follows, how many usual quarters the usual level counts, and what is left of a level behind midnight. */
const LEVEL_KEEP = 0.9
const LEVEL_PRIOR = 0.6
const OVERNIGHT = 0.02
const PROFILE_DAYS = 4
/** Quarters that usually take less than this share of the mean are idle: a flame at night says little of the day's trade. */
const IDLE = 0.35
/** Relative errors: of a day's level before it was seen, after it was seen, of a day of a kind not seen, and within one quarter. */
const DAY_ERROR = 0.3
const LEAST_ERROR = 0.04
const UNSEEN_ERROR = 0.6
const QUARTER_ERROR = 0.12
/** Error of any quarter as a share of the mean: at night a business may leave something on. */
const LEAST_SHARE = 0.02

/** Local time of a Unix quarter: quarter 0 … 95 of the day, and weekday 0 (Sunday) … 6. */
export type TimeOfDay = (quarter: number) => { readonly quarter: number; readonly weekday: number }

/** What a business is expected to use in a quarter, m³, with the variances of what quarters share and of this one alone. */
export interface ExpectedUse {
  readonly use: number
  readonly lasting: number
  readonly passing: number
}

/** Level of quarters of one kind: what they took and should have taken, in units of their mean, the older the less. */
interface Level {
  mean: number
  looks: number
  actual: number
  expected: number
}

const newLevel = (): Level => ({ mean: 0, looks: 0, actual: 0, expected: 0 })

/** One metered business: what its registers counted quarter by quarter, and what is expected of it until they come. */
export class BusinessMeter {
  /** First quarter that its registers do not cover. */
  known: number
  readonly #timeOfDay: TimeOfDay
  #at: number
  #index: number
  /** m³ by quarter, the last one partly. */
  readonly #used = new Map<number, number>()
  /** Usual m³ of a quarter by time of day, workdays then weekends; NaN before it was seen. */
  readonly #usual = new Float64Array(2 * PER_DAY).fill(Number.NaN)
  /** Usual m³ of any quarter, and quarters it is known from. */
  #mean = 0
  #looks = 0
  readonly #idle = newLevel()
  readonly #busy = newLevel()

  /** @param at Unix ms. @param index m³ */
  constructor(timeOfDay: TimeOfDay, at: number, index: number) {
    this.#timeOfDay = timeOfDay
    this.#at = at
    this.#index = index
    this.known = Math.ceil(at / QUARTER_MS)
  }

  /** @param factor m³ at the reference state per m³ of the register */
  take(at: number, index: number, factor: number): void {
    if (at <= this.#at) return
    const rate = (Math.max(0, index - this.#index) * factor) / (at - this.#at)
    for (let begin = this.#at; begin < at; ) {
      const quarter = Math.floor(begin / QUARTER_MS)
      const end = Math.min(at, (quarter + 1) * QUARTER_MS)
      this.#used.set(quarter, this.counted(quarter) + rate * (end - begin))
      begin = end
    }
    this.#at = at
    this.#index = index
    for (; (this.known + 1) * QUARTER_MS <= at; this.known++) this.#learn(this.known)
    for (const quarter of this.#used.keys()) {
      if (quarter >= this.known - KEPT) break
      this.#used.delete(quarter)
    }
  }

  /** m³ in a quarter by its registers. */
  counted(quarter: number): number {
    return this.#used.get(quarter) ?? 0
  }

  /** What is expected of a quarter that its registers do not cover yet. */
  expected(quarter: number): ExpectedUse {
    const { quarter: ofDay, weekday } = this.#timeOfDay(quarter)
    const usual = this.#usualOf(quarter)
    const level = this.#levelOf(usual)
    // Behind midnight another day begins.
    const kept = ofDay < this.#timeOfDay(this.known - 1).quarter ? OVERNIGHT : 1
    const looks = level.expected * kept + LEVEL_PRIOR
    const use = usual * ((level.actual * kept + LEVEL_PRIOR) / looks)
    const seen = !Number.isNaN(this.#usual[indexOf(ofDay, weekday)] as number)
    const error = seen ? Math.hypot(DAY_ERROR * Math.sqrt(LEVEL_PRIOR / looks), LEAST_ERROR) : UNSEEN_ERROR
    return { use, lasting: (error * use) ** 2 + (LEAST_SHARE * this.#mean) ** 2, passing: (QUARTER_ERROR * use) ** 2 }
  }

  /** How busy it usually is at a time of the day, 1 on average; NaN before that was seen. */
  busyness(quarter: number): number {
    const { quarter: ofDay, weekday } = this.#timeOfDay(quarter)
    return this.#mean > 0 ? (this.#usual[indexOf(ofDay, weekday)] as number) / this.#mean : Number.NaN
  }

  #levelOf(usual: number): Level {
    return usual < IDLE * this.#mean ? this.#idle : this.#busy
  }

  #usualOf(quarter: number): number {
    const { quarter: ofDay, weekday } = this.#timeOfDay(quarter)
    const own = this.#usual[indexOf(ofDay, weekday)] as number
    if (!Number.isNaN(own)) return own
    const other = this.#usual[indexOf(ofDay, weekday === 0 ? 1 : weekday === 6 ? 1 : 0)] as number
    return Number.isNaN(other) ? this.counted(this.known - 1) : other
  }

  #learn(quarter: number): void {
    const used = this.counted(quarter)
    const { quarter: ofDay, weekday } = this.#timeOfDay(quarter)
    const usual = this.#usualOf(quarter)
    this.#mean += (used - this.#mean) / Math.min(PER_DAY, ++this.#looks)
    if (ofDay === 0)
      for (const level of [this.#idle, this.#busy]) {
        level.actual *= OVERNIGHT
        level.expected *= OVERNIGHT
      }
    const level = this.#levelOf(usual)
    level.mean += (used - level.mean) / Math.min(PER_DAY, ++level.looks)
    const unit = Math.max(level.mean, 0.01 * this.#mean, 1e-9)
    level.actual = level.actual * LEVEL_KEEP + used / unit
    level.expected = level.expected * LEVEL_KEEP + usual / unit
    const k = indexOf(ofDay, weekday)
    const before = this.#usual[k] as number
    this.#usual[k] = Number.isNaN(before) ? used : before + (used - before) / PROFILE_DAYS
  }
}

function indexOf(ofDay: number, weekday: number): number {
  return ofDay + (weekday % 6 === 0 ? PER_DAY : 0)
}
