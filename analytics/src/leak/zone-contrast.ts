import { BusinessDoubt } from './business-doubt.ts'
import type { TimeOfDay } from './business-meter.ts'
import type { BusinessFlow, BusinessQuarters } from './business-quarters.ts'
import { DaysSeen } from './days-seen.ts'
import { DrawNoise } from './draw-noise.ts'
import { RatioFilter } from './ratio-filter.ts'
import type { RatioPrior } from './ratio-state.ts'
import type { UseUnrest } from './use-unrest.ts'
import { ZoneHabits } from './zone-habits.ts'

/** Quarters that tell the usual use, and quarters before nothing is told from a habit. */
const SCALE_QUARTERS = 96
const LEARNED_QUARTERS = 4 * 96
/** Registers of business are waited for that long. */
const LONGEST_WAIT = 12
/** Quarters between kept copies of the filters, and copies kept. */
const COPY_EVERY = 8
const COPIES = 24
const KEPT = 7 * 96
/** Zones that must be there, and be left to compare with each other when one is set aside; homes in each of them. */
const LEAST_COMPARED = 3
const LEAST_HOMES = 700
/** A zone of fewer homes is compared with nothing: they differ too much from others. */
const FEWEST_HOMES = 400
const QUARTER_S = 900
/** Noise of a flow meter's mean over a quarter, relative, and what no reading is better than. */
const METER_NOISE = 1.1e-3
const LEAST_SIGMA = 4e-3
/** Quarters of the night that tell how much is heated, and the quarter of the day after them. */
const NIGHT = 8
const NIGHT_END = 16
/** By how much one home's use may differ from day to day before its registers tell, and weeks from days. */
const HOME_UNREST = 0.5
const WEEKLY = 1.4
/** Quarters of a day like none before that make the comparison doubtful. */
const STRANGE = 4
const HOMES: RatioPrior = {
  slope: 1,
  slopeSigma: 0.2,
  hourly: 0.15,
  weekend: 0.05,
  steep: 0.3,
  heat: 0.5,
  level: 0.008,
}
/** A zone without homes: what its meters disagree by, as a share of what flows through. */
const METERED: RatioPrior = {
  slope: 0,
  slopeSigma: 5e-3,
  hourly: 1e-3,
  weekend: 3e-4,
  steep: 0,
  heat: 0,
  level: 1e-3,
}

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
  readonly #noise = new DrawNoise()
  readonly #doubt: BusinessDoubt
  readonly #seen = new DaysSeen()
  readonly #habits: ZoneHabits
  /** Leaks that are counted out, by Unix quarters. */
  readonly #known: { readonly zone: number; readonly from: number; readonly to: number; readonly flow: number }[] = []
  /** Use of all homes in the night that ended with a quarter, as a share of the usual. */
  readonly #heat = new Map<number, number>()
  #unrest: readonly (UseUnrest | undefined)[] = []
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
    this.#habits = new ZoneHabits(homes.length)
    this.#doubt = new BusinessDoubt(homes.length, business, (quarter) => Math.floor(timeOfDay(quarter).quarter / 4))
    this.#filters = hasHomes.map((homes) => new RatioFilter(homes ? HOMES : METERED))
  }

  /** Whether there are zones enough to compare, and large enough: few homes differ too much from few others. */
  get isPossible(): boolean {
    return this.#homes.filter((count) => count >= LEAST_HOMES).length >= LEAST_COMPARED
  }

  /** Whether today is like no day before: heating began, or ended, and how much each zone heats is not known. */
  get isStrange(): boolean {
    return this.#seen.strangeUntil(this.#newest) >= STRANGE
  }

  /** Takes what registers tell of how much use differs from day to day. */
  setUnrest(unrest: readonly (UseUnrest | undefined)[]): void {
    this.#unrest = unrest
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
    this.#doubt.judge(quarter, settled)
    for (; this.#next < settled; this.#next++) {
      this.#copy()
      this.#step(this.#filters, this.#next, true)
    }
    const tail = this.#filters.map((filter) => filter.copy())
    for (const [zone, filter] of tail.entries()) filter.doubtBusiness(this.#doubt.ofZone(zone))
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

  /**
   * Counts a leak out of a zone's use and forgets what it has taught.
   * @param from  Unix ms. @param to Unix ms, Infinity when it stays. @param flow m³/s
   */
  discount(zone: number, from: number, to: number, flow: number): void {
    const quarterOf = (at: number): number => Math.floor(at / (QUARTER_S * 1000))
    const since = quarterOf(from)
    this.#known.push({ zone, from: since, to: quarterOf(to), flow })
    const scale = this.#scale[zone] as number
    if (scale > 0) this.#filters[zone]?.unlearn(since, flow / scale)
    // Copies of before learn it again without the leak; those since know it.
    this.#copies = this.#copies.filter(({ next }) => next <= since)
    this.include(zone)
    this.#now = []
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
    // By day trade may outweigh homes; what is heated goes by their number.
    const withHomes = this.#homes.flatMap((homes, zone) => (homes > 0 ? [zone] : []))
    const sumOf = (of: ArrayLike<number>): number => withHomes.reduce((sum, zone) => sum + (of[zone] as number), 0)
    const usual = sumOf(this.#homes) / sumOf(this.#scale)
    this.#filters = this.#homes.map((homes, zone) => {
      const own = homes / (this.#scale[zone] as number) / usual
      return homes > 0 ? new RatioFilter(HOMES, Number.isFinite(own) ? own - 1 : 0) : new RatioFilter(METERED)
    })
  }

  #copy(): void {
    if (this.#next % COPY_EVERY !== 0) return
    this.#copies.push({ next: this.#next, filters: this.#filters.map((filter) => filter.copy()) })
    if (this.#copies.length > COPIES) this.#copies.shift()
  }

  #use(zone: number, quarter: number): { readonly use: number; readonly business: BusinessFlow } {
    const business = this.#doubt.flow(zone, quarter)
    let known = 0
    for (const leak of this.#known)
      if (leak.zone === zone && quarter >= leak.from && quarter < leak.to) known += leak.flow
    return { use: (this.#quarters.get(quarter)?.inflow[zone] ?? Number.NaN) - business.flow - known, business }
  }

  #compares(zone: number): boolean {
    if (!this.#hasHomes[zone]) return true
    const others = this.#hasHomes.some((homes, z) => homes && z !== zone && (this.#scale[z] as number) > 0)
    return others && (this.#homes[zone] as number) >= FEWEST_HOMES
  }

  #step(filters: readonly (RatioFilter | undefined)[], quarter: number, learn: boolean): void {
    const { quarter: ofDay, weekday } = this.#timeOfDay(quarter)
    const hourOfDay = (ofDay + 0.5) / 4
    const jumps = ofDay > 0 ? 0 : weekday === 1 ? WEEKLY : 1
    const hour = Math.floor(hourOfDay)
    const uses = this.#hasHomes.map((_, zone) => this.#use(zone, quarter))
    const rest = weekday % 6 === 0
    const { shown, sum, scales } = this.#together(uses, quarter, hourOfDay, rest, learn)
    if (scales > 0) this.#seen.take(quarter, hour, sum / scales, learn)
    const heat = this.#heatOf(quarter)
    const busy = this.#business.busyness(quarter)
    filters.forEach((filter, zone) => {
      const scale = this.#scale[zone] as number
      const { use, business } = uses[zone] as (typeof uses)[number]
      if (filter === undefined || !(scale > 0) || Number.isNaN(use)) return
      const mine = shown[zone] as number
      const weight = scales - (Number.isNaN(mine) ? 0 : scale)
      const homes = this.#hasHomes[zone] ?? false
      const unrest = this.#unrest[zone]
      const through = this.#quarters.get(quarter)?.through[zone] ?? Number.NaN
      const others = homes ? (weight > 0 ? Math.max(0, sum - (mine || 0)) / weight : Number.NaN) : through / scale
      if (Number.isNaN(others)) return
      const grain = this.#noise.perUse(hour) * others
      const meter = (METER_NOISE * through) / scale
      const variance =
        (homes ? grain * (1 / scale + 1 / weight) : 0) +
        meter * meter +
        LEAST_SIGMA ** 2 * (homes ? 1 : 0.02) +
        (business.passing / scale) ** 2
      const { z, own: share } = filter.take({
        quarter,
        hourOfDay,
        rest,
        use: use / scale,
        others,
        business: business.lasting / scale,
        trade: homes ? (busy * (unrest?.trade ?? 0)) / scale : 0,
        heat: homes ? heat : 0,
        dawn: ofDay === 0,
        variance,
        jump: homes ? jumps * (unrest?.homes ?? HOME_UNREST / Math.sqrt(this.#homes[zone] as number)) : 0,
      })
      if (learn && homes) this.#noise.learn(hour, z, share)
    })
  }

  /**
   * What all zones with homes use together. A zone that leaks or is silent counts with what it usually has of the others' use: without it,
   * the others would be compared with a day of another shape.
   * @returns what each counts with, NaN for nothing; m³/s, and the sums of uses and of usual uses
   */
  #together(
    uses: readonly { readonly use: number }[],
    quarter: number,
    hourOfDay: number,
    rest: boolean,
    learn: boolean,
  ): { readonly shown: Float64Array; readonly sum: number; readonly scales: number } {
    const shown = new Float64Array(uses.length).fill(Number.NaN)
    let sum = 0
    let scales = 0
    const count = (zone: number, use: number): void => {
      shown[zone] = use
      sum += use
      scales += this.#scale[zone] as number
    }
    const homes = uses.flatMap((_, zone) => (this.#hasHomes[zone] && (this.#scale[zone] as number) > 0 ? [zone] : []))
    const missing: number[] = []
    for (const zone of homes) {
      const use = uses[zone]?.use ?? Number.NaN
      if (Number.isNaN(use) || quarter >= (this.#excludedFrom[zone] as number)) missing.push(zone)
      else count(zone, use)
    }
    const asked = sum / scales
    if (learn)
      for (const zone of homes) {
        const use = shown[zone] as number
        const scale = this.#scale[zone] as number
        if (Number.isNaN(use) || !(scales > scale)) continue
        this.#habits.learn(zone, hourOfDay, rest, use / scale, Math.max(0, sum - use) / (scales - scale))
      }
    for (const zone of missing) {
      const usual = this.#habits.expected(zone, hourOfDay, rest, asked) * (this.#scale[zone] as number)
      if (!Number.isNaN(usual)) count(zone, usual)
    }
    return { shown, sum, scales }
  }

  /** What all homes used in the last night, as a share of their usual use: then only boilers burn. */
  #heatOf(quarter: number): number {
    const end = quarter - ((this.#timeOfDay(quarter).quarter - NIGHT_END + 96) % 96)
    const known = this.#heat.get(end)
    if (known !== undefined) return known
    let use = 0
    let scale = 0
    for (let q = end - NIGHT; q < end; q++)
      for (let zone = 0; zone < this.#scale.length; zone++) {
        const value = this.#hasHomes[zone] ? this.#use(zone, q).use : Number.NaN
        if (Number.isNaN(value)) continue
        use += value
        scale += this.#scale[zone] as number
      }
    const heat = scale > 0 ? Math.max(0, use / scale) : 0
    this.#heat.set(end, heat)
    this.#heat.delete(end - KEPT)
    return heat
  }
}
