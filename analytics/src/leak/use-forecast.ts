import type { LeakSettings } from './leak-settings.ts'
import { type DayHour, SharedUse } from './shared-use.ts'

/** Room temperature beyond which nobody heats, K. */
const WARM_K = 290
/** Candidates for the begin of a leak: every hour of the last day, every third of four days before. */
const FINE_H = 24
const KEPT_H = 120
/** Hours that tell a zone's usual use. */
const SCALE_H = 24

/** What the flow says about a leak that begins in a given hour: log-likelihood pull · q − weight · q²/2 of its flow q, m³/s. */
export interface BeginCandidate {
  readonly hour: number
  pull: number
  weight: number
  /** Wrong belief of the forecast per m³/s of leak. */
  readonly misled: Float64Array
}

interface HeldHour {
  readonly hour: number
  readonly day: Omit<DayHour, 'cold'>
  readonly air: number
  readonly uses: readonly number[]
  readonly through: readonly number[]
}

/** What is forecast of one zone, and what its errors say of leaks. */
export interface ZoneForecast {
  /** Usual use, m³/s; 0 before it is known. */
  readonly usual: number
  readonly candidates: readonly BeginCandidate[]
  /** What was expected of an hour before it was known, m³/s; NaN where that was not said or is long past. */
  expected(hour: number): number
  /** Keeps the candidate of an hour however old it grows; −1 for none. */
  pin(hour: number): void
  /** Takes back what a leak has taught since the hour `begin`: it is over, or counted out from here on. @param flow m³/s */
  unlearn(begin: number, flow: number): void
}

/**
 * Forecast of what the homes of zones take in an hour (`SharedUse`), learned as hours pass. Beside it, for each zone and every hour in
 * which a leak may have begun, how well a constant flow since then explains the errors of the forecast, with what such a flow would
 * already have taught it wrongly (Willsky and Jones).
 */
export class UseForecast {
  readonly #use: SharedUse
  readonly #scale: Float64Array
  readonly #noise: Float64Array
  readonly #hours: Float64Array
  readonly #candidates: BeginCandidate[][]
  readonly #pinned: Float64Array
  readonly #settings: LeakSettings
  /** By hour, of each zone, m³/s. */
  readonly #expected = new Map<number, readonly number[]>()
  #held: HeldHour[] = []
  #warmth = Number.NaN

  /** @param homes number of homes of each zone, 0 where it is not known */
  constructor(settings: LeakSettings, homes: readonly number[]) {
    this.#settings = settings
    this.#use = new SharedUse(settings, homes)
    this.#scale = new Float64Array(homes.length)
    this.#noise = new Float64Array(homes.length).fill(1)
    this.#hours = new Float64Array(homes.length)
    this.#pinned = new Float64Array(homes.length).fill(-1)
    this.#candidates = homes.map(() => [])
  }

  zone(zone: number): ZoneForecast {
    const scale = this.#scale
    const candidates = this.#candidates
    const pinned = this.#pinned
    return {
      get usual() {
        return scale[zone] as number
      },
      get candidates() {
        return candidates[zone] ?? []
      },
      expected: (hour) => this.#expected.get(hour)?.[zone] ?? Number.NaN,
      pin: (hour) => {
        pinned[zone] = hour
      },
      unlearn: (begin, flow) => this.#unlearn(zone, begin, flow),
    }
  }

  /**
   * Takes one hour; hours come in order.
   * @param hour  Unix hours
   * @param day   hour of the local clock, and whether the day is a weekend's
   * @param uses  of each zone, m³/s at the reference state; NaN when not known
   * @param airK  air temperature, K; NaN when not known
   * @param through  what passes each zone's inlets in either direction, m³/s: their meters err in proportion to it
   */
  take(
    hour: number,
    day: Omit<DayHour, 'cold'>,
    uses: readonly number[],
    airK: number,
    through: readonly number[] = uses,
  ): void {
    const now: HeldHour = { hour, day, air: airK, uses, through }
    const isFirst = this.#held.length < SCALE_H
    // A day tells the scale: the first, of a zone that was silent then a later one. Then the first day's hours are taken in turn.
    this.#held = [...this.#held, now].slice(-SCALE_H)
    if (this.#held.length < SCALE_H) return
    if (this.#scale.some((scale) => scale === 0)) this.#begin()
    for (const held of isFirst ? this.#held : [now]) this.#step(held)
  }

  #unlearn(zone: number, begin: number, flow: number): void {
    const known = this.#candidates[zone]?.find(({ hour }) => hour === begin)
    if (known !== undefined) this.#use.unlearn(known.misled.map((value) => value * flow))
    this.#candidates[zone] = []
    this.#pinned[zone] = -1
  }

  #begin(): void {
    for (let zone = 0; zone < this.#scale.length; zone++) {
      const known = this.#held.map(({ uses }) => uses[zone] as number).filter((use) => !Number.isNaN(use))
      if (known.length < SCALE_H / 2 || (this.#scale[zone] as number) > 0) continue
      const passed = this.#held.map(({ through }) => through[zone] as number).filter((flow) => !Number.isNaN(flow))
      // What a zone that only passes gas on seems to take itself is an error of its meters.
      const least = this.#settings.flowGain * mean(passed)
      this.#scale[zone] = Math.max(1e-9, least, mean(known))
    }
  }

  #step({ hour, day, uses, air, through }: HeldHour): void {
    const cold = this.#coldness(air)
    this.#use.advance()
    for (const candidate of this.#candidates.flat()) this.#use.fade(candidate.misled)
    const seen = uses.map((use, zone) =>
      (this.#scale[zone] as number) > 0 ? use / (this.#scale[zone] as number) : Number.NaN,
    )
    const { forecastHourly, flowGain } = this.#settings
    const expected = this.#use.expected({ ...day, cold })
    this.#expected.set(
      hour,
      expected.map((share, zone) =>
        (this.#scale[zone] as number) > 0 ? share * (this.#scale[zone] as number) : Number.NaN,
      ),
    )
    this.#expected.delete(hour - 2 * SCALE_H)
    const own = expected.map((share, zone) => {
      const metered = (flowGain * (through[zone] as number)) / (this.#scale[zone] as number) || 0
      const use = forecastHourly * Math.max(share, 0.1) + 0.006
      return (use * use + metered * metered) * (this.#noise[zone] as number)
    })
    for (let zone = 0; zone < seen.length; zone++)
      if (!Number.isNaN(seen[zone]))
        this.#candidates[zone]?.push({ hour, pull: 0, weight: 0, misled: new Float64Array(this.#use.size) })
    this.#use.take({ ...day, cold }, seen, own, (zone, row, cross, innovation, total) => {
      this.#weigh(zone, row, cross, innovation, total)
      this.#learnNoise(zone, innovation, total)
    })
    this.#forget(hour)
  }

  /** Warmth is felt within half a day. @returns tens of kelvin below what nobody heats at */
  #coldness(airK: number): number {
    if (!Number.isNaN(airK))
      this.#warmth = Number.isNaN(this.#warmth) ? airK : this.#warmth + (airK - this.#warmth) / 12
    if (Number.isNaN(this.#warmth)) return 0.5
    return Math.max(0, WARM_K - (0.5 * this.#warmth + 0.5 * (airK || this.#warmth))) / 10
  }

  #weigh(
    zone: number,
    row: (belief: Float64Array) => number,
    cross: Float64Array,
    innovation: number,
    total: number,
  ): void {
    this.#candidates.forEach((candidates, leaking) => {
      const shown = leaking === zone ? 1 / (this.#scale[zone] as number) : 0
      for (const candidate of candidates) {
        const gamma = shown - row(candidate.misled)
        if (gamma === 0) continue
        candidate.pull += (gamma * innovation) / total
        candidate.weight += (gamma * gamma) / total
        const { misled } = candidate
        for (let i = 0; i < misled.length; i++)
          misled[i] = (misled[i] as number) + (gamma * (cross[i] as number)) / total
      }
    })
  }

  #learnNoise(zone: number, innovation: number, total: number): void {
    this.#hours[zone] = (this.#hours[zone] as number) + 1
    const noise = this.#noise[zone] as number
    const hours = this.#hours[zone] as number
    // A few wild hours must not teach that all are wild.
    const next = noise + (Math.min(4, (innovation * innovation) / total) * noise - noise) / (hours < 48 ? 30 : 120)
    this.#noise[zone] = Math.min(4, Math.max(0.15, next))
  }

  #forget(hour: number): void {
    this.#candidates.forEach((candidates, zone) => {
      this.#candidates[zone] = candidates.filter(
        (c) =>
          c.hour === this.#pinned[zone] || (hour - c.hour < KEPT_H && (hour - c.hour < FINE_H || c.hour % 3 === 0)),
      )
    })
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
