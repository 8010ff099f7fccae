import type { LeakSettings } from './leak-settings.ts'

const HOURS = 24
const LEVEL = 3 * HOURS
const SIZE = LEVEL + 1
/** Room temperature beyond which nobody heats, K. */
const WARM_K = 290
/** Candidates for the begin of a leak: every hour of the last day, every third of four days before. */
const FINE_H = 24
const KEPT_H = 120

/** What the flow says about a leak that begins in a given hour: log-likelihood pull · q − weight · q²/2 of its flow q, m³/s. */
export interface BeginCandidate {
  readonly hour: number
  pull: number
  weight: number
  /** Wrong belief of the forecast per m³/s of leak. */
  readonly misled: Float64Array
}

export interface ForecastHour {
  readonly expected: number
  readonly sigma: number
  readonly innovation: number
}

/**
 * Forecast of what a zone's homes take in an hour: a profile of the day, how weekends differ, how cold adds to it, and a level that
 * wanders; all learned as hours pass. Beside it, for every hour in which a leak may have begun, how well a constant flow since
 * then explains the errors of the forecast, with what such a flow would already have taught it wrongly.
 */
export class UseForecast {
  readonly #settings: LeakSettings
  readonly #mean = new Float64Array(SIZE)
  readonly #covariance = new Float64Array(SIZE * SIZE)
  readonly #row = new Float64Array(SIZE)
  readonly #gain = new Float64Array(SIZE)
  #scale = 0
  #noise = 1
  #warmth = Number.NaN
  #hours = 0
  #candidates: BeginCandidate[] = []
  /** Begin hour whose candidate is kept however old. */
  pinned = -1

  constructor(settings: LeakSettings) {
    this.#settings = settings
  }

  get candidates(): readonly BeginCandidate[] {
    return this.#candidates
  }

  /** Hours learned from. */
  get hours(): number {
    return this.#hours
  }

  /** Usual use, m³/s; 0 before the first hour. */
  get usual(): number {
    return this.#scale
  }

  /** Begins with the mean use of its first hours, m³/s. */
  begin(usual: number): void {
    this.#scale = Math.max(usual, 1e-9)
    for (let i = 0; i < HOURS; i++) {
      this.#mean[i] = 0.6 + 0.35 * dayShape(i)
      this.#mean[2 * HOURS + i] = 0.3
    }
    for (const [first, sigma, width] of [
      [0, 0.35, 2],
      [HOURS, 0.2, 3],
      [2 * HOURS, 0.2, 5],
    ] as const)
      for (let i = 0; i < HOURS; i++)
        for (let j = 0; j < HOURS; j++) {
          // Hours near each other on the clock are alike.
          const apart = Math.sin((Math.PI * (i - j)) / HOURS) * (HOURS / (Math.PI * width))
          this.#covariance[(first + i) * SIZE + first + j] =
            sigma * sigma * (0.35 + 0.65 * Math.exp(-0.5 * apart * apart)) + (i === j ? 1e-4 : 0)
        }
    this.#covariance[LEVEL * SIZE + LEVEL] = this.#settings.forecastLevel ** 2
  }

  /**
   * Takes one hour.
   * @param hour       Unix hours
   * @param hourOfDay  on the local clock
   * @param rest       whether the day is a weekend's
   * @param use        m³/s at the reference state; NaN when not known
   * @param airK       air temperature, K; NaN when not known
   */
  take(hour: number, hourOfDay: number, rest: boolean, use: number, airK: number): ForecastHour {
    const { levelMemoryH, forecastLevel, forecastHourly } = this.#settings
    const keep = Math.exp(-1 / levelMemoryH)
    this.#warmth = Number.isNaN(airK)
      ? this.#warmth
      : Number.isNaN(this.#warmth)
        ? airK
        : this.#warmth + (airK - this.#warmth) / 12
    const cold = Number.isNaN(this.#warmth)
      ? 0.5
      : Math.max(0, WARM_K - (0.5 * this.#warmth + 0.5 * (airK || this.#warmth))) / 10
    this.#advance(keep, forecastLevel)
    const h = this.#row
    h.fill(0)
    h[hourOfDay] = 1
    if (rest) h[HOURS + hourOfDay] = 1
    h[2 * HOURS + hourOfDay] = cold
    let plain = 0
    for (let i = 0; i < LEVEL; i++) plain += (h[i] as number) * (this.#mean[i] as number)
    h[LEVEL] = Math.max(0.05, plain)
    const expected = plain + (h[LEVEL] as number) * (this.#mean[LEVEL] as number)
    const cross = this.#gain
    let variance = 0
    for (let i = 0; i < SIZE; i++) {
      let sum = 0
      for (let j = 0; j < SIZE; j++) sum += (this.#covariance[i * SIZE + j] as number) * (h[j] as number)
      cross[i] = sum
      variance += sum * (h[i] as number)
    }
    const own = (forecastHourly * Math.max(expected, 0.1) + 0.006) ** 2 * this.#noise
    const total = variance + own
    const innovation = use / this.#scale - expected
    if (!Number.isNaN(innovation)) {
      this.#candidates.push({ hour, pull: 0, weight: 0, misled: new Float64Array(SIZE) })
      for (let i = 0; i < SIZE; i++) {
        const g = (cross[i] as number) / total
        this.#mean[i] = (this.#mean[i] as number) + g * innovation
        for (let j = 0; j < SIZE; j++)
          this.#covariance[i * SIZE + j] = (this.#covariance[i * SIZE + j] as number) - g * (cross[j] as number)
      }
      for (const candidate of this.#candidates) {
        let gamma = 1 / this.#scale
        for (let i = 0; i < SIZE; i++) gamma -= (h[i] as number) * (candidate.misled[i] as number)
        candidate.pull += (gamma * innovation) / total
        candidate.weight += (gamma * gamma) / total
        for (let i = 0; i < SIZE; i++)
          candidate.misled[i] = (candidate.misled[i] as number) + (gamma * (cross[i] as number)) / total
      }
      this.#hours += 1
      // A few wild hours must not teach that all are wild.
      this.#noise +=
        (Math.min(4, (innovation * innovation) / total) * this.#noise - this.#noise) / (this.#hours < 48 ? 30 : 120)
      this.#noise = Math.min(4, Math.max(0.15, this.#noise))
    }
    this.#forget(hour)
    return {
      expected: expected * this.#scale,
      sigma: Math.sqrt(total) * this.#scale,
      innovation: innovation * this.#scale,
    }
  }

  #advance(keep: number, level: number): void {
    for (let i = 0; i < SIZE; i++) {
      const a = i * SIZE + LEVEL
      const b = LEVEL * SIZE + i
      this.#covariance[a] = (this.#covariance[a] as number) * keep
      this.#covariance[b] = (this.#covariance[b] as number) * keep
    }
    const corner = LEVEL * SIZE + LEVEL
    this.#covariance[corner] = (this.#covariance[corner] as number) + level ** 2 * (1 - keep * keep)
    this.#mean[LEVEL] = (this.#mean[LEVEL] as number) * keep
    for (let i = 0; i < HOURS; i++) {
      const at = i * (SIZE + 1)
      this.#covariance[at] = (this.#covariance[at] as number) + 0.01 ** 2 / 24
    }
    for (const candidate of this.#candidates) candidate.misled[LEVEL] = (candidate.misled[LEVEL] as number) * keep
  }

  #forget(hour: number): void {
    this.#candidates = this.#candidates.filter(
      (c) => c.hour === this.pinned || (hour - c.hour < KEPT_H && (hour - c.hour < FINE_H || c.hour % 3 === 0)),
    )
  }
}

/** Mornings and evenings, about −1 … 1. */
function dayShape(hour: number): number {
  const bump = (at: number, width: number): number => Math.exp(-0.5 * ((hour - at) / width) ** 2)
  return bump(7.5, 1.6) + 0.6 * bump(12, 1.5) + 1.5 * bump(19, 2.4) - 0.5
}
