import type { BusinessFlow, BusinessQuarters } from './business-quarters.ts'

/** Looks at forecasts after which half of a zone's reputation is new, and looks that an hour's reputation remembers. */
const ZONE_LOOKS = 24
const HOUR_LOOKS = 300
const FIRST_LOOKS = 8
const LEAST_SIGMA = 0.7
const MOST_SQUARES = 9

/**
 * How far business' expected use is to be believed: what was expected is compared with what registers tell later. Variances are scaled by
 * hour of the day, and by zone what all quarters not yet covered have in common.
 */
export class BusinessDoubt {
  readonly #business: BusinessQuarters
  readonly #hourOf: (quarter: number) => number
  readonly #zone: Float64Array
  readonly #hour = new Float64Array(24).fill(1)
  readonly #looks = new Float64Array(24).fill(FIRST_LOOKS)
  /** What was expected of quarters that are not covered yet. */
  readonly #foreseen = new Map<number, readonly BusinessFlow[]>()

  /** @param hourOf local hour of the day of a quarter, 0 … 23 */
  constructor(zones: number, business: BusinessQuarters, hourOf: (quarter: number) => number) {
    this.#business = business
    this.#hourOf = hourOf
    this.#zone = new Float64Array(zones).fill(1)
  }

  /** Factor on the standard deviation that a zone's quarters share. */
  ofZone(zone: number): number {
    return this.#zone[zone] as number
  }

  /** A zone's business in a quarter, with errors as they have been at this hour. */
  flow(zone: number, quarter: number): BusinessFlow {
    const { flow, lasting, passing } = this.#business.flow(zone, quarter)
    const factor = Math.sqrt(this.#hour[this.#hourOf(quarter)] as number)
    return { flow, lasting: factor * lasting, passing: factor * passing }
  }

  /** Judges the quarters that registers have covered since, and notes what is expected of the newest one. */
  judge(newest: number, settled: number): void {
    const zones = this.#zone.length
    const error = new Float64Array(zones)
    const sigma = new Float64Array(zones)
    for (const [quarter, foreseen] of this.#foreseen) {
      if (quarter >= settled) continue
      const hour = this.#hourOf(quarter)
      foreseen.forEach((told, zone) => {
        const off = this.#business.flow(zone, quarter).flow - told.flow
        error[zone] = (error[zone] as number) + off
        sigma[zone] = (sigma[zone] as number) + Math.sqrt(this.#hour[hour] as number) * told.lasting
        this.#judgeHour(hour, off * off, told.lasting ** 2 + told.passing ** 2)
      })
      this.#foreseen.delete(quarter)
    }
    for (let zone = 0; zone < zones; zone++) {
      if (!((sigma[zone] as number) > 0)) continue
      const squares = Math.min(16, ((error[zone] as number) / (sigma[zone] as number)) ** 2)
      const before = (this.#zone[zone] as number) ** 2
      this.#zone[zone] = Math.max(LEAST_SIGMA, Math.sqrt(before + (squares - before) / ZONE_LOOKS))
    }
    this.#foreseen.set(
      newest,
      Array.from({ length: zones }, (_, zone) => this.#business.flow(zone, newest)),
    )
  }

  #judgeHour(hour: number, square: number, variance: number): void {
    if (!(variance > 0)) return
    const doubt = this.#hour[hour] as number
    const looks = Math.min(HOUR_LOOKS, (this.#looks[hour] as number) + 1)
    this.#looks[hour] = looks
    const surprise = Math.min(MOST_SQUARES, square / (doubt * variance))
    this.#hour[hour] = Math.min(16, Math.max(0.05, doubt * (1 + (surprise - 1) / looks)))
  }
}
