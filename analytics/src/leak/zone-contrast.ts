import type { BusinessFlow, BusinessQuarters, TimeOfDay } from './business-quarters.ts'
import { RatioFilter, type RatioPrior } from './ratio-filter.ts'

/** Quarters that tell the usual use, and quarters before nothing is told from a habit. */
const SCALE_QUARTERS = 96
const LEARNED_QUARTERS = 4 * 96
/** Registers of business are waited for that long. */
const LONGEST_WAIT = 12
/** Quarters between kept copies of the filters, and copies kept. */
const COPY_EVERY = 8
const COPIES = 24
const KEPT = 7 * 96
/** Zones that must be there, and be left to compare with each other when one is set aside; homes in each. */
const LEAST_COMPARED = 3
const LEAST_HOMES = 700
/** Gas of one draw of a home, m³: use comes in grains of it. */
const GRAIN_M3 = 0.15
const QUARTER_S = 900
/** Noise of a flow meter's mean over a quarter, relative, and what no reading is better than. */
const METER_NOISE = 1.1e-3
const LEAST_SIGMA = 4e-3
/** Looks at business' forecast after which half of its reputation is new. */
const BUSINESS_LOOKS = 24

/** By how much one home's use may differ from one day, and from one week, to the next: relative. */
const DAY_JUMP = 0.5
const WEEK_JUMP = 0.7
const HOMES: RatioPrior = { slope: 1, slopeSigma: 0.2, hourly: 0.15, weekend: 0.05, level: 0.008 }
/** A zone without homes: what its meters disagree by, as a share of what flows through. */
const METERED: RatioPrior = { slope: 0, slopeSigma: 5e-3, hourly: 1e-3, weekend: 3e-4, level: 1e-3 }

/** What all inlets say of one quarter, by zone: m³/s at the reference state; NaN where an inlet is silent. */
export interface ZoneQuarter {
  readonly inflow: Float64Array
  /** Sum of what passes the inlets in either direction. */
  readonly through: Float64Array
}

/** Log-likelihood pull · q − weight · q²/2 of a leak of q m³/s since an instant. */
export interface ContrastEvidence {
  /** Unix ms. */
  readonly begin: number
  /** Quarters it stands for. */
  readonly share: number
  readonly pull: number
  readonly weight: number
}

/**
 * Each zone against all others, quarter by quarter. What is certain, business' registers among it, is learned for good; what came
 * since is judged on a copy with the use that business is expected to have.
 */
export class ZoneContrast {
  readonly #business: BusinessQuarters
  readonly #homes: readonly number[]
  readonly #hasHomes: readonly boolean[]
  readonly #timeOfDay: TimeOfDay
  readonly #quarters = new Map<number, ZoneQuarter>()
  readonly #excludedFrom: Float64Array
  readonly #scale: Float64Array
  readonly #kappa = new Float64Array(24).fill(1)
  readonly #looks = new Float64Array(24).fill(8)
  readonly #businessSigma: Float64Array
  readonly #foreseen = new Map<number, readonly BusinessFlow[]>()
  #filters: RatioFilter[]
  #now: readonly RatioFilter[] = []
  #copies: { readonly next: number; readonly filters: readonly RatioFilter[] }[] = []
  #first = Number.NaN
  #next = Number.NaN
  #newest = Number.NaN

  /** @param homes number of homes in each zone */
  constructor(homes: readonly number[], business: BusinessQuarters, timeOfDay: TimeOfDay) {
    const hasHomes = homes.map((count) => count > 0)
    this.#homes = homes
    this.#hasHomes = hasHomes
    this.#business = business
    this.#timeOfDay = timeOfDay
    this.#excludedFrom = new Float64Array(hasHomes.length).fill(Number.POSITIVE_INFINITY)
    this.#scale = new Float64Array(hasHomes.length)
    this.#businessSigma = new Float64Array(hasHomes.length).fill(1)
    this.#filters = hasHomes.map((homes) => new RatioFilter(homes ? HOMES : METERED))
  }

  /** Whether there are zones enough to compare, and large enough: few homes differ too much from few others. */
  get isPossible(): boolean {
    const counts = this.#homes.filter((count) => count > 0)
    return counts.length >= LEAST_COMPARED && counts.every((count) => count >= LEAST_HOMES)
  }

  hasHomes(zone: number): boolean {
    return this.#hasHomes[zone] ?? false
  }

  /** Takes a quarter; quarters come in order, some may be missing. */
  take(quarter: number, flows: ZoneQuarter): void {
    if (!this.isPossible) return
    if (Number.isNaN(this.#first)) this.#first = quarter
    this.#newest = quarter
    this.#quarters.set(quarter, flows)
    this.#quarters.delete(quarter - KEPT)
    if (Number.isNaN(this.#next) && quarter - this.#first >= SCALE_QUARTERS + LONGEST_WAIT) this.#begin()
    if (Number.isNaN(this.#next)) return
    const settled = Math.max(this.#business.settledUntil(quarter + 1), quarter + 1 - LONGEST_WAIT)
    this.#judgeBusiness(Math.min(settled, quarter + 1))
    for (; this.#next < settled; this.#next++) {
      this.#copy()
      this.#step(this.#filters, this.#next, true)
    }
    const tail = this.#filters.map((filter) => filter.copy())
    for (const [zone, filter] of tail.entries()) filter.doubtBusiness(this.#businessSigma[zone] as number)
    for (let q = this.#next; q <= quarter; q++) this.#step(tail, q, false)
    this.#now = tail
  }

  /** What a zone's flow says of a leak, begin by begin; nothing before its habits are known. */
  evidence(zone: number): readonly ContrastEvidence[] {
    const scale = this.#scale[zone] as number
    const filter = this.#now[zone]
    const known = this.#newest - this.#first
    if (!(scale > 0) || filter === undefined || !(known >= LEARNED_QUARTERS) || !this.#compares(zone)) return []
    const earliest = this.#first + LEARNED_QUARTERS - SCALE_QUARTERS
    return filter.traces
      .filter(({ quarter }) => quarter >= earliest)
      .map(({ quarter, pull, weight }, i, all) => ({
        begin: quarter * QUARTER_S * 1000,
        share: Math.min(12, (all[i + 1]?.quarter ?? quarter + 1) - quarter),
        pull: pull / scale,
        weight: weight / (scale * scale),
      }))
  }

  /** Flow that a leak of the zone is measured against, m³/s: use of its homes, or a fifth of what only flows through. */
  usual(zone: number): number {
    return (this.#scale[zone] as number) * (this.#hasHomes[zone] ? 1 : 0.2)
  }

  /** Keeps what is said of one begin however old it grows. @param begin Unix ms; NaN for none */
  pin(zone: number, begin: number): void {
    const filter = this.#filters[zone]
    if (filter !== undefined) filter.pinned = Number.isNaN(begin) ? -1 : Math.floor(begin / (QUARTER_S * 1000))
  }

  /** No other zone is compared with this one from an instant on: it leaks. */
  exclude(zone: number, from: number): void {
    const quarter = Math.floor(from / (QUARTER_S * 1000))
    if ((this.#excludedFrom[zone] as number) <= quarter) return
    const left = this.#hasHomes.filter(
      (homes, z) => homes && z !== zone && this.#excludedFrom[z] === Number.POSITIVE_INFINITY,
    )
    // One zone against one other tells of two causes at once: better all, among them one that leaks.
    if (left.length < LEAST_COMPARED) return
    this.#excludedFrom[zone] = quarter
    // What the others learned from it since is learned again.
    while (this.#copies.length > 1 && (this.#copies.at(-1)?.next ?? 0) > quarter) this.#copies.pop()
    const copy = this.#copies.at(-1)
    if (copy === undefined || copy.next >= this.#next) return
    const end = this.#next
    this.#filters = this.#filters.map((filter, z) => (z === zone ? filter : (copy.filters[z] as RatioFilter).copy()))
    const leaking = this.#filters[zone] as RatioFilter
    for (let q = copy.next; q < end; q++)
      this.#step(
        this.#filters.map((filter) => (filter === leaking ? undefined : filter)),
        q,
        false,
      )
  }

  /** The zone leaks no more. */
  include(zone: number): void {
    this.#excludedFrom[zone] = Number.POSITIVE_INFINITY
  }

  #begin(): void {
    // The first hours lack what business' first registers do not tell.
    const from = this.#first + LONGEST_WAIT
    for (let zone = 0; zone < this.#scale.length; zone++) {
      let sum = 0
      let count = 0
      for (let q = from; q < from + SCALE_QUARTERS; q++) {
        const value = this.#hasHomes[zone]
          ? this.#use(zone, q).use
          : (this.#quarters.get(q)?.through[zone] ?? Number.NaN)
        if (Number.isNaN(value)) continue
        sum += value
        count += 1
      }
      this.#scale[zone] = count === 0 ? 0 : Math.max(0, sum / count)
    }
    this.#next = from
  }

  #copy(): void {
    if (this.#next % COPY_EVERY !== 0) return
    this.#copies.push({ next: this.#next, filters: this.#filters.map((filter) => filter.copy()) })
    if (this.#copies.length > COPIES) this.#copies.shift()
  }

  #use(zone: number, quarter: number): { readonly use: number; readonly business: BusinessFlow } {
    const business = this.#business.flow(zone, quarter)
    return { use: (this.#quarters.get(quarter)?.inflow[zone] ?? Number.NaN) - business.flow, business }
  }

  #compares(zone: number): boolean {
    return (
      !this.#hasHomes[zone] || this.#hasHomes.some((homes, z) => homes && z !== zone && (this.#scale[z] as number) > 0)
    )
  }

  #step(filters: readonly (RatioFilter | undefined)[], quarter: number, learn: boolean): void {
    const { quarter: ofDay, weekday } = this.#timeOfDay(quarter)
    const hourOfDay = (ofDay + 0.5) / 4
    const unrest = ofDay > 0 ? 0 : weekday === 1 ? WEEK_JUMP : DAY_JUMP
    const hour = Math.floor(hourOfDay)
    const uses = this.#hasHomes.map((_, zone) => this.#use(zone, quarter))
    let sum = 0
    let scales = 0
    let homesSum = 0
    const compared = (zone: number): boolean =>
      (this.#hasHomes[zone] ?? false) &&
      quarter < (this.#excludedFrom[zone] as number) &&
      (this.#scale[zone] as number) > 0 &&
      !Number.isNaN(uses[zone]?.use)
    uses.forEach(({ use }, zone) => {
      if (!compared(zone)) return
      sum += use
      scales += this.#scale[zone] as number
      homesSum += this.#homes[zone] as number
    })
    filters.forEach((filter, zone) => {
      const scale = this.#scale[zone] as number
      const { use, business } = uses[zone] as (typeof uses)[number]
      if (filter === undefined || !(scale > 0) || Number.isNaN(use)) return
      const own = compared(zone) ? 1 : 0
      const weight = scales - own * scale
      const homes = this.#hasHomes[zone] ?? false
      const count = this.#homes[zone] as number
      const through = this.#quarters.get(quarter)?.through[zone] ?? Number.NaN
      const others = homes ? (weight > 0 ? Math.max(0, sum - own * use) / weight : Number.NaN) : through / scale
      if (Number.isNaN(others)) return
      const grain = (this.#kappa[hour] as number) * (GRAIN_M3 / QUARTER_S) * others
      const meter = (METER_NOISE * through) / scale
      const variance =
        (homes ? grain * (1 / scale + 1 / weight) : 0) +
        meter * meter +
        LEAST_SIGMA ** 2 * (homes ? 1 : 0.02) +
        (business.passing / scale) ** 2
      const { z, own: share } = filter.take({
        quarter,
        hourOfDay,
        rest: weekday % 6 === 0,
        use: use / scale,
        others,
        business: business.lasting / scale,
        variance,
        jump: homes ? unrest * Math.sqrt(1 / count + 1 / Math.max(1, homesSum - own * count)) : 0,
      })
      if (learn && homes) this.#learnNoise(hour, z, share)
    })
  }

  /** How grainy homes' use is at an hour of the day: at night boilers burn evenly, in the evening everybody showers. */
  #learnNoise(hour: number, z: number, own: number): void {
    const looks = Math.min(400, (this.#looks[hour] as number) + own)
    this.#looks[hour] = looks
    const kappa = this.#kappa[hour] as number
    this.#kappa[hour] = Math.min(8, Math.max(0.02, kappa * (1 + ((Math.min(9, z * z) - 1) * own) / looks)))
  }

  /** Compares what business was expected to use with what its registers told. */
  #judgeBusiness(settled: number): void {
    const zones = this.#hasHomes.length
    const error = new Float64Array(zones)
    const sigma = new Float64Array(zones)
    for (const [quarter, foreseen] of this.#foreseen) {
      if (quarter >= settled) continue
      foreseen.forEach(({ flow, lasting }, zone) => {
        error[zone] = (error[zone] as number) + this.#business.flow(zone, quarter).flow - flow
        sigma[zone] = (sigma[zone] as number) + lasting
      })
      this.#foreseen.delete(quarter)
    }
    for (let zone = 0; zone < zones; zone++) {
      if (!((sigma[zone] as number) > 0)) continue
      const squares = Math.min(16, ((error[zone] as number) / (sigma[zone] as number)) ** 2)
      const before = (this.#businessSigma[zone] as number) ** 2
      this.#businessSigma[zone] = Math.max(0.7, Math.sqrt(before + (squares - before) / BUSINESS_LOOKS))
    }
    this.#foreseen.set(
      this.#newest,
      Array.from({ length: zones }, (_, zone) => this.#business.flow(zone, this.#newest)),
    )
  }
}
