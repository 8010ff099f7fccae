import { normalHash, unitHash } from '../../seeded-random.ts'

const HOUR = 3_600_000
export const DAY_MS = 24 * HOUR
const YEAR_DAYS = 365.2425
/** A continental city: mean and half-range of the year, K. */
const MEAN_K = 287.9
const SEASON_K = 13.2
/** Coldest day of the year, days after 1 January. */
const COLDEST_DAY = 18

/** Outdoor and ground temperature of an invented climate, for any instant, without history. */
export class Weather {
  readonly #seed: number
  readonly #offset: number
  readonly #hours = new Float64Array(64).fill(-1)
  readonly #airs = new Float64Array(64)
  #meanDay = Number.NaN
  #mean = MEAN_K

  /** @param utcOffset local clock minus UTC, ms */
  constructor(seed: number, utcOffset: number) {
    this.#seed = seed
    this.#offset = utcOffset
  }

  /** Local days since 1970-01-01. */
  dayNumber(at: number): number {
    return Math.floor((at + this.#offset) / DAY_MS)
  }

  /** Unix ms of the local midnight that begins a day. */
  dayStart(day: number): number {
    return day * DAY_MS - this.#offset
  }

  /** Air, K. Season, weather of the week, cold snaps of some days, day and night. */
  air(at: number): number {
    const local = at + this.#offset
    const hour = (local % DAY_MS) / HOUR
    const day = local / DAY_MS
    const clear = 3.6 + 1.2 * Math.sin((2 * Math.PI * (day - 110)) / YEAR_DAYS)
    return this.#dayBase(day) - clear * Math.cos((2 * Math.PI * (hour - 3.5)) / 24)
  }

  /** Air at the middle of the hour that holds an instant, K: remembered, for what asks often. */
  airOfHour(at: number): number {
    const hour = Math.floor(at / HOUR)
    const slot = hour & 63
    if (this.#hours[slot] !== hour) {
      this.#hours[slot] = hour
      this.#airs[slot] = this.air((hour + 0.5) * HOUR)
    }
    return this.#airs[slot] ?? MEAN_K
  }

  /** Mean air temperature of a local day, K. */
  dayMean(day: number): number {
    if (day !== this.#meanDay) {
      this.#meanDay = day
      this.#mean = this.#dayBase(day + 0.5)
    }
    return this.#mean
  }

  /** Ground at pipe depth, K: the season a month later and half as strong. */
  ground(at: number): number {
    const day = (at + this.#offset) / DAY_MS
    return MEAN_K + 1 - 0.52 * SEASON_K * Math.cos((2 * Math.PI * (day - COLDEST_DAY - 34)) / YEAR_DAYS)
  }

  #dayBase(day: number): number {
    const season = -SEASON_K * Math.cos((2 * Math.PI * (day - COLDEST_DAY)) / YEAR_DAYS)
    return MEAN_K + season + 2.8 * this.#wave(day / 5, 1) + 1.5 * this.#wave(day / 1.7, 2) - this.#coldSnap(day)
  }

  /** Some ten days in every fifty a cold snap of three to five days may lie. */
  #coldSnap(day: number): number {
    const spell = Math.floor(day / 25)
    if (unitHash(this.#seed, 21, spell) > 0.5) return 0
    const begin = spell * 25 + 18 * unitHash(this.#seed, 22, spell)
    const length = 3 + 2 * unitHash(this.#seed, 23, spell)
    const t = (day - begin) / length
    return t <= 0 || t >= 1 ? 0 : (4 + 4 * unitHash(this.#seed, 24, spell)) * Math.sin(Math.PI * t) ** 2
  }

  #wave(x: number, kind: number): number {
    const i = Math.floor(x)
    const t = x - i
    const s = t * t * (3 - 2 * t)
    return normalHash(this.#seed, 25, i, kind) * (1 - s) + normalHash(this.#seed, 25, i + 1, kind) * s
  }
}
