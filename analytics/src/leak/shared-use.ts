import type { LeakSettings } from './leak-settings.ts'

const HOURS = 24
/** What all zones share: a level that wanders, and a shock of one hour. */
const LEVEL = 0
const SHOCK = 1
const SHARED = 2
/** What a zone has of its own: profile of the day, how weekends differ, how cold adds to it, level. */
const OWN = 3 * HOURS + 1
/** First guesses: standard deviation, width in hours of what is alike on the clock, correlation from zone to zone. */
const PARTS = [
  [0, 0.35, 2, 0.5],
  [HOURS, 0.25, 3, 0.9],
  [2 * HOURS, 0.2, 5, 0.8],
] as const
/** Standard deviation of the hour's shock on usual days, on odd ones and on feasts, with the logarithm of how rare they are. */
const SHOCKS = [
  [0.02, 0],
  [0.12, -3],
  [0.4, -5],
] as const
/** One home's use about its zone's from day to day, and what zones differ by without a cause. */
const HOME_LEVEL = 0.4
const ZONE_LEVEL = 0.008
/** Where the number of homes is not known: at first, least and most, and how fast it follows what innovations show. */
const UNKNOWN_LEVEL = 0.02
const LEAST_LEVEL = 0.005
const MOST_LEVEL = 0.08
const LEVEL_RATE = 0.01
const OWN_MEMORY_H = 24

export interface DayHour {
  /** On the local clock, 0 … 23. */
  readonly hourOfDay: number
  readonly rest: boolean
  /** Tens of kelvin below what nobody heats at. */
  readonly cold: number
}

/** Told of each zone's use as it is learned from: `row(m)` is what a wrong belief m would have forecast too much. */
export type OnUse = (
  zone: number,
  row: (belief: Float64Array) => number,
  cross: Float64Array,
  innovation: number,
  total: number,
) => void

/**
 * What the homes of several zones take, as shares of their usual use: b(h) + w(h)·weekend + c(h)·cold, times a level that all share,
 * a level of the zone's own and what happens to all in one hour. One Kalman filter over all of it, so that a cold snap or a feast,
 * which every zone shows, is not taken for a leak, which one shows.
 */
export class SharedUse {
  readonly size: number
  readonly #settings: LeakSettings
  readonly #zones: number
  readonly #mean: Float64Array
  readonly #covariance: Float64Array
  readonly #cross: Float64Array
  readonly #ownLevel: number[]
  readonly #isKnown: readonly boolean[]
  readonly #before: Float64Array
  readonly #ownKeep: number
  readonly #index = new Int32Array(6)
  readonly #weight = new Float64Array(6)

  /** @param homes number of homes of each zone, 0 where it is not known */
  constructor(settings: LeakSettings, homes: readonly number[]) {
    this.#settings = settings
    this.#zones = homes.length
    this.size = SHARED + OWN * homes.length
    this.#mean = new Float64Array(this.size)
    this.#covariance = new Float64Array(this.size * this.size)
    this.#cross = new Float64Array(this.size)
    const alone = homes.length === 1
    this.#ownKeep = Math.exp(-1 / (alone ? settings.levelMemoryH : OWN_MEMORY_H))
    this.#isKnown = homes.map((count) => count > 0)
    this.#before = new Float64Array(homes.length)
    this.#ownLevel = homes.map((count) =>
      alone
        ? settings.forecastLevel
        : count > 0
          ? Math.hypot(HOME_LEVEL / Math.sqrt(count), ZONE_LEVEL)
          : UNKNOWN_LEVEL,
    )
    this.#begin()
  }

  #begin(): void {
    const { size } = this
    for (let zone = 0; zone < this.#zones; zone++) {
      const first = SHARED + zone * OWN
      for (let i = 0; i < HOURS; i++) {
        this.#mean[first + i] = 0.6 + 0.35 * dayShape(i)
        this.#mean[first + 2 * HOURS + i] = 0.3
      }
      for (let other = 0; other < this.#zones; other++)
        for (const [part, sigma, width, alike] of PARTS)
          for (let i = 0; i < HOURS; i++)
            for (let j = 0; j < HOURS; j++) {
              // Hours near each other on the clock are alike.
              const apart = Math.sin((Math.PI * (i - j)) / HOURS) * (HOURS / (Math.PI * width))
              const near = 0.35 + 0.65 * Math.exp(-0.5 * apart * apart)
              const same = other === zone
              this.#covariance[(first + part + i) * size + SHARED + other * OWN + part + j] =
                sigma * sigma * near * (same ? 1 : alike) + (same && i === j ? 1e-4 : 0)
            }
      const level = first + OWN - 1
      this.#covariance[level * (size + 1)] = (this.#ownLevel[zone] as number) ** 2
    }
    if (this.#zones > 1) this.#covariance[LEVEL * (size + 1)] = this.#settings.forecastLevel ** 2
  }

  /** Goes on by an hour: levels fade, profiles wander. */
  advance(): void {
    const { size } = this
    const { levelMemoryH, forecastLevel } = this.#settings
    const keep = Math.exp(-1 / levelMemoryH)
    this.#fade(LEVEL, keep, this.#zones > 1 ? forecastLevel : 0)
    this.#fade(SHOCK, 0, 0)
    for (let zone = 0; zone < this.#zones; zone++) {
      const first = SHARED + zone * OWN
      this.#fade(first + OWN - 1, this.#ownKeep, this.#ownLevel[zone] as number)
      for (let i = first; i < first + HOURS; i++)
        this.#covariance[i * (size + 1)] = (this.#covariance[i * (size + 1)] as number) + 0.01 ** 2 / 24
    }
  }

  #fade(at: number, keep: number, sigma: number): void {
    const { size } = this
    for (let i = 0; i < size; i++) {
      const a = i * size + at
      const b = at * size + i
      this.#covariance[a] = (this.#covariance[a] as number) * keep
      this.#covariance[b] = (this.#covariance[b] as number) * keep
    }
    const corner = at * (size + 1)
    this.#covariance[corner] = (this.#covariance[corner] as number) + sigma ** 2 * (1 - keep * keep)
    this.#mean[at] = (this.#mean[at] as number) * keep
  }

  /** What an hour does to a wrong belief. */
  fade(belief: Float64Array): void {
    belief[LEVEL] = (belief[LEVEL] as number) * Math.exp(-1 / this.#settings.levelMemoryH)
    belief[SHOCK] = 0
    for (let zone = 0; zone < this.#zones; zone++) {
      const level = SHARED + zone * OWN + OWN - 1
      belief[level] = (belief[level] as number) * this.#ownKeep
    }
  }

  /** Takes back what a flow that was no use has taught. @param misled for the whole flow */
  unlearn(misled: Float64Array): void {
    for (let i = 0; i < this.size; i++) this.#mean[i] = (this.#mean[i] as number) - (misled[i] as number)
  }

  /** Each zone's use in an hour, as shares of the usual. */
  expected(hour: DayHour): number[] {
    return Array.from({ length: this.#zones }, (_, zone) => {
      this.#look(zone, hour)
      return this.#row(this.#mean)
    })
  }

  /**
   * Learns from an hour.
   * @param uses  of each zone as a share of the usual; NaN when not known
   * @param own   variance of each zone's own noise
   */
  take(hour: DayHour, uses: readonly number[], own: readonly number[], onUse: OnUse): void {
    const { size } = this
    const shock = this.#shock(hour, uses, own)
    this.#covariance[SHOCK * (size + 1)] = shock * shock
    uses.forEach((use, zone) => {
      if (Number.isNaN(use)) return
      this.#look(zone, hour)
      const cross = this.#cross
      this.#spread(cross)
      const total = this.#row(cross) + (own[zone] as number)
      const innovation = use - this.#row(this.#mean)
      onUse(zone, (belief) => this.#row(belief), cross, innovation, total)
      this.#learnLevel(zone, innovation / Math.sqrt(total))
      const pull = innovation / total
      for (let i = 0; i < size; i++) {
        const c = cross[i] as number
        if (c === 0) continue
        this.#mean[i] = (this.#mean[i] as number) + c * pull
        const g = c / total
        const row = i * size
        for (let j = 0; j < size; j++)
          this.#covariance[row + j] = (this.#covariance[row + j] as number) - g * (cross[j] as number)
      }
    })
  }

  /** Errors of the same sign one after the other say that a level wanders more than is believed; errors that alternate, less. */
  #learnLevel(zone: number, error: number): void {
    const both = Math.max(-4, Math.min(4, error * (this.#before[zone] as number)))
    this.#before[zone] = error
    if (this.#isKnown[zone] || this.#zones === 1) return
    const next = (this.#ownLevel[zone] as number) * Math.exp(LEVEL_RATE * both)
    this.#ownLevel[zone] = Math.max(LEAST_LEVEL, Math.min(MOST_LEVEL, next))
  }

  /** What must have happened to all zones at once, by what they show: the likeliest standard deviation of the hour's shock. */
  #shock(hour: DayHour, uses: readonly number[], own: readonly number[]): number {
    const zones = uses.flatMap((use, zone) => (Number.isNaN(use) ? [] : [zone]))
    if (this.#zones === 1) return 0
    if (zones.length < 2) return SHOCKS[0][0]
    const n = zones.length
    const s = new Float64Array(n * n)
    const e = new Float64Array(n)
    const g = new Float64Array(n)
    const spread = new Float64Array(this.size)
    zones.forEach((zone, a) => {
      this.#look(zone, hour)
      e[a] = (uses[zone] as number) - this.#row(this.#mean)
      g[a] = this.#weight[5] as number
      this.#spread(spread)
      zones.forEach((other, b) => {
        this.#look(other, hour)
        s[a * n + b] = this.#row(spread) + (a === b ? (own[zone] as number) : 0)
      })
    })
    const byError = solveSymmetric(s, e, n)
    const byShock = solveSymmetric(s, g, n)
    const dot = (x: Float64Array, y: Float64Array): number =>
      x.reduce((sum, value, i) => sum + value * (y[i] as number), 0)
    const gg = dot(g, byShock)
    const ge = dot(g, byError)
    let best: number = SHOCKS[0][0]
    let most = Number.NEGATIVE_INFINITY
    for (const [sigma, rare] of SHOCKS) {
      // Sherman and Morrison, with the determinant's growth.
      const grown = 1 + sigma * sigma * gg
      const log = rare - 0.5 * Math.log(grown) + (0.5 * sigma * sigma * ge * ge) / grown
      if (log > most) {
        most = log
        best = sigma
      }
    }
    return best
  }

  /** Prepares the few numbers that a zone's hour depends on. */
  #look(zone: number, { hourOfDay, rest, cold }: DayHour): void {
    const first = SHARED + zone * OWN
    const at = this.#index
    const by = this.#weight
    at[0] = first + hourOfDay
    by[0] = 1
    at[1] = first + HOURS + hourOfDay
    by[1] = rest ? 1 : 0
    at[2] = first + 2 * HOURS + hourOfDay
    by[2] = cold
    let plain = 0
    for (let k = 0; k < 3; k++) plain += (by[k] as number) * (this.#mean[at[k] as number] as number)
    at[3] = first + OWN - 1
    at[4] = LEVEL
    at[5] = SHOCK
    const level = Math.max(0.05, plain)
    by.fill(level, 3)
  }

  #row(values: Float64Array): number {
    let sum = 0
    for (let k = 0; k < 6; k++) sum += (this.#weight[k] as number) * (values[this.#index[k] as number] as number)
    return sum
  }

  /** Covariance of everything with the use looked at. */
  #spread(into: Float64Array): void {
    const { size } = this
    into.fill(0)
    for (let k = 0; k < 6; k++) {
      const by = this.#weight[k] as number
      if (by === 0) continue
      const row = (this.#index[k] as number) * size
      for (let i = 0; i < size; i++) into[i] = (into[i] as number) + by * (this.#covariance[row + i] as number)
    }
  }
}

/** Solves a small positive definite system by Gaussian elimination; the matrix, n rows of n, is not changed. */
function solveSymmetric(matrix: Float64Array, right: Float64Array, n: number): Float64Array {
  const a = matrix.slice()
  const x = right.slice()
  for (let k = 0; k < n; k++)
    for (let i = k + 1; i < n; i++) {
      const f = (a[i * n + k] as number) / (a[k * n + k] as number)
      if (f === 0) continue
      for (let j = k; j < n; j++) a[i * n + j] = (a[i * n + j] as number) - f * (a[k * n + j] as number)
      x[i] = (x[i] as number) - f * (x[k] as number)
    }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] as number
    for (let j = i + 1; j < n; j++) sum -= (a[i * n + j] as number) * (x[j] as number)
    x[i] = sum / (a[i * n + i] as number)
  }
  return x
}

/** Mornings and evenings, about −1 … 1. */
function dayShape(hour: number): number {
  const bump = (at: number, width: number): number => Math.exp(-0.5 * ((hour - at) / width) ** 2)
  return bump(7.5, 1.6) + 0.6 * bump(12, 1.5) + 1.5 * bump(19, 2.4) - 0.5
}
