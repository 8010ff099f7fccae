/** Length of a quarter, ms: the grain in which zones are compared. */
export const QUARTER_MS = 900_000
const PER_DAY = 96
/** Quarters of registers kept. */
const KEPT = 14 * PER_DAY
/** A meter that has been silent for so many quarters is not waited for. */
const SILENT = 24
/** How fast today's level follows, and how many usual quarters the usual level counts. */
const LEVEL_KEEP = 0.95
const LEVEL_PRIOR = 2
const PROFILE_DAYS = 4
/** What is left of yesterday's level after midnight. */
const OVERNIGHT = 0.1
/** Relative errors: of a day's level before it was seen, after it was seen, of a day of a kind not seen, and within one quarter. */
const DAY_ERROR = 0.3
const LEAST_ERROR = 0.04
const UNSEEN_ERROR = 0.6
const QUARTER_ERROR = 0.12

/** Local time of a Unix quarter: quarter 0 … 95 of the day, and weekday 0 (Sunday) … 6. */
export type TimeOfDay = (quarter: number) => { readonly quarter: number; readonly weekday: number }

interface BusinessMeter {
  readonly zone: number
  at: number
  index: number
  /** First quarter that its registers do not cover. */
  known: number
  /** m³ by quarter, the last one partly. */
  readonly used: Map<number, number>
  /** Usual m³ of a quarter by time of day, workdays then weekends; NaN before it was seen. */
  readonly usual: Float64Array
  /** Usual m³ of any quarter, and quarters it is known from. */
  mean: number
  looks: number
  /** What today's quarters took and should have taken, in such usual quarters, the older the less. */
  actual: number
  expected: number
}

/** m³/s at the reference state; standard deviations of what is only expected are 0 where registers cover the quarter. */
export interface BusinessFlow {
  readonly flow: number
  /** Error that quarters near each other share, and error of this one alone. */
  readonly lasting: number
  readonly passing: number
}

/** What metered business of each zone uses in a quarter of an hour: counted where registers have come, expected where not yet. */
export class BusinessQuarters {
  readonly #meters = new Map<number, BusinessMeter>()
  readonly #byZone: BusinessMeter[][]
  readonly #timeOfDay: TimeOfDay

  constructor(zones: number, timeOfDay: TimeOfDay) {
    this.#byZone = Array.from({ length: zones }, () => [])
    this.#timeOfDay = timeOfDay
  }

  /** @param factor m³ at the reference state per m³ of the register */
  take(meter: number, zone: number, at: number, index: number, factor: number): void {
    const m = this.#meters.get(meter)
    if (m === undefined) {
      const usual = new Float64Array(2 * PER_DAY).fill(Number.NaN)
      const known = Math.ceil(at / QUARTER_MS)
      const made = { zone, at, index, known, used: new Map(), usual, mean: 0, looks: 0, actual: 0, expected: 0 }
      this.#meters.set(meter, made)
      this.#byZone[zone]?.push(made)
      return
    }
    if (at <= m.at) return
    const rate = (Math.max(0, index - m.index) * factor) / (at - m.at)
    for (let begin = m.at; begin < at; ) {
      const quarter = Math.floor(begin / QUARTER_MS)
      const end = Math.min(at, (quarter + 1) * QUARTER_MS)
      m.used.set(quarter, (m.used.get(quarter) ?? 0) + rate * (end - begin))
      begin = end
    }
    m.at = at
    m.index = index
    for (; (m.known + 1) * QUARTER_MS <= at; m.known++) this.#learn(m, m.known)
    for (const quarter of m.used.keys()) {
      if (quarter >= m.known - KEPT) break
      m.used.delete(quarter)
    }
  }

  /** First quarter that the registers of some meter do not cover yet; meters long silent do not count. */
  settledUntil(newest: number): number {
    let least = newest
    for (const { known } of this.#meters.values()) if (newest - known < SILENT) least = Math.min(least, known)
    return least
  }

  /** What a zone's business takes in a quarter. */
  flow(zone: number, quarter: number): BusinessFlow {
    let sum = 0
    let lasting = 0
    let passing = 0
    const { quarter: ofDay, weekday } = this.#timeOfDay(quarter)
    for (const m of this.#byZone[zone] ?? []) {
      if (quarter < m.known) {
        sum += m.used.get(quarter) ?? 0
        continue
      }
      const looks = m.expected + LEVEL_PRIOR
      const expected = this.#usual(m, quarter) * ((m.actual + LEVEL_PRIOR) / looks)
      const seen = !Number.isNaN(m.usual[ofDay + (weekday % 6 === 0 ? PER_DAY : 0)] as number)
      const error = seen ? Math.hypot(DAY_ERROR * Math.sqrt(LEVEL_PRIOR / looks), LEAST_ERROR) : UNSEEN_ERROR
      sum += expected
      lasting += (error * expected) ** 2
      passing += (QUARTER_ERROR * expected) ** 2
    }
    const perSecond = 1000 / QUARTER_MS
    return { flow: sum * perSecond, lasting: Math.sqrt(lasting) * perSecond, passing: Math.sqrt(passing) * perSecond }
  }

  #usual(m: BusinessMeter, quarter: number): number {
    const { quarter: ofDay, weekday } = this.#timeOfDay(quarter)
    const own = m.usual[ofDay + (weekday % 6 === 0 ? PER_DAY : 0)] as number
    if (!Number.isNaN(own)) return own
    const other = m.usual[ofDay + (weekday % 6 === 0 ? 0 : PER_DAY)] as number
    return Number.isNaN(other) ? (m.used.get(m.known - 1) ?? 0) : other
  }

  #learn(m: BusinessMeter, quarter: number): void {
    const used = m.used.get(quarter) ?? 0
    const { quarter: ofDay, weekday } = this.#timeOfDay(quarter)
    const k = ofDay + (weekday % 6 === 0 ? PER_DAY : 0)
    const usual = this.#usual(m, quarter)
    m.mean += (used - m.mean) / Math.min(PER_DAY, ++m.looks)
    if (ofDay === 0) {
      m.actual *= OVERNIGHT
      m.expected *= OVERNIGHT
    }
    // Busy quarters tell the day's level, idle ones with a boiler's flame do not.
    m.actual = m.actual * LEVEL_KEEP + used / Math.max(m.mean, 1e-9)
    m.expected = m.expected * LEVEL_KEEP + usual / Math.max(m.mean, 1e-9)
    const before = m.usual[k] as number
    m.usual[k] = Number.isNaN(before) ? used : before + (used - before) / PROFILE_DAYS
  }
}
