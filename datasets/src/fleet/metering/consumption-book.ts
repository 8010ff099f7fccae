import { conversionFactor } from '@gastwin/twin'
import { type Business, businessFlow, SLOT_S, SLOTS_PER_DAY } from '../demand/business-load.ts'
import { CalendarDraft, DrawCalendar } from '../demand/draw-calendar.ts'
import { drawHomeDay } from '../demand/home-draws.ts'
import { DAY_MS, type Weather } from '../demand/weather.ts'
import type { Consumer } from './consumer.ts'
import { countedShare } from './meter-response.ts'
import { NodeOutages } from './node-outages.ts'
import { tamperedShare } from './tampering.ts'
import type { UnmeteredTap } from './unmetered-tap.ts'

/** m³ at the reference state that burnt, and what the register made of it (m³, working or corrected). */
export interface Volumes {
  readonly used: number
  readonly counted: number
}

/**
 * What every customer uses and what every register shows, at any instant of today or yesterday. Homes are drawn when asked, by
 * seed and day, so that nobody computes 20 000 homes each second.
 */
export class ConsumptionBook {
  readonly consumers: readonly Consumer[]
  readonly outages = new NodeOutages()
  readonly #seed: number
  readonly #weather: Weather
  readonly #taps: readonly UnmeteredTap[]
  readonly #used: Float64Array
  readonly #counted: Float64Array
  readonly #usedBefore: Float64Array
  readonly #countedBefore: Float64Array
  #today = Number.NaN
  #calendar = DrawCalendar.empty()

  constructor(seed: number, consumers: readonly Consumer[], taps: readonly UnmeteredTap[], weather: Weather) {
    this.#seed = seed
    this.consumers = consumers
    this.#taps = taps
    this.#weather = weather
    const column = (): Float64Array => new Float64Array(consumers.length)
    this.#used = column()
    this.#counted = column()
    this.#usedBefore = column()
    this.#countedBefore = column()
  }

  get calendar(): DrawCalendar {
    return this.#calendar
  }

  /**
   * Makes the local day of an instant the present one; earlier days since the last call are added up.
   * @returns true when a new day began: slopes at nodes begin at zero
   */
  openDay(at: number): boolean {
    const day = this.#weather.dayNumber(at)
    if (day === this.#today) return false
    if (day < this.#today) throw new RangeError('days pass in one direction')
    if (Number.isNaN(this.#today)) this.#today = day
    for (; this.#today < day; this.#today++) this.#closeDay(this.#today)
    this.#fillCalendar(day)
    return true
  }

  /** Volumes of a customer from the first simulated midnight to an instant of today or yesterday. */
  volumes(consumer: Consumer, at: number): Volumes {
    return this.#series(consumer, [at])[0] ?? { used: 0, counted: 0 }
  }

  /** What the register shows at some instants in order, m³. */
  registers(consumer: Consumer, instants: readonly number[]): number[] {
    return this.#series(consumer, instants).map((v) => this.#inPulses(consumer, v))
  }

  /** What the register shows, m³, in whole pulses. */
  register(consumer: Consumer, at: number): number {
    return this.#inPulses(consumer, this.volumes(consumer, at))
  }

  /**
   * What the register showed at the begin of each day of [from, to], m³; of days before the first simulated one as the same
   * household would have used it; 0 before the meter counted.
   * @param from, to day numbers, at most today
   */
  dayBegins(consumer: Consumer, from: number, to: number): number[] {
    if (to > this.#today) throw new RangeError('that day has not begun')
    const begins: number[] = []
    let counted = this.#counted[consumer.index] ?? 0
    for (let day = this.#today; day >= from; day--) {
      if (day < this.#today) {
        const [part] = this.#partsOfDay(consumer, day, [this.#weather.dayStart(day) + DAY_MS])
        counted -= part?.counted ?? 0
      }
      if (day <= to) begins.push(Math.max(0, this.#inPulses(consumer, { used: 0, counted })))
    }
    return begins.reverse()
  }

  #inPulses(consumer: Consumer, volumes: Volumes): number {
    const exact = consumer.base + volumes.counted
    return Math.round(Math.floor(exact / consumer.quantum + 1e-9) * consumer.quantum * 1000) / 1000
  }

  #series(consumer: Consumer, instants: readonly number[]): Volumes[] {
    const made: Volumes[] = []
    const i = consumer.index
    for (let k = 0; k < instants.length; ) {
      const day = this.#weather.dayNumber(instants[k] ?? 0)
      const sameDay = instants.slice(k).filter((at) => this.#weather.dayNumber(at) === day)
      const yesterday = day === this.#today - 1
      if (!yesterday && day !== this.#today) throw new RangeError(`no register ${this.#today - day} days back`)
      const [used, counted] = yesterday ? [this.#usedBefore, this.#countedBefore] : [this.#used, this.#counted]
      for (const part of this.#partsOfDay(consumer, day, sameDay))
        made.push({ used: (used[i] ?? 0) + part.used, counted: (counted[i] ?? 0) + part.counted })
      k += sameDay.length
    }
    return made
  }

  /** m³ at the reference state per m³ at the meter at an instant. */
  conversion(consumer: Consumer, at: number): number {
    const gas = consumer.outdoor
      ? 0.55 * this.#weather.airOfHour(at) + 0.45 * this.#weather.ground(at)
      : 0.65 * 293 + 0.35 * this.#weather.ground(at)
    return conversionFactor(consumer.pressure, gas)
  }

  /**
   * Closes a customer's own valve; what was drawn up for the rest of the day is taken back.
   * @param at not before the instant up to which the physics has run
   */
  closeValve(consumer: Consumer, at: number): void {
    consumer.closedFrom = Math.min(consumer.closedFrom, at)
    this.#fillCalendar(this.#today)
  }

  /**
   * Somebody opens a customer's own valve at its button: from then on gas is used as ever.
   * @param at not before the instant up to which the physics has run
   */
  openValve(consumer: Consumer, at: number): void {
    if (consumer.closedFrom > at) return
    consumer.closures.push([consumer.closedFrom, at])
    consumer.closedFrom = Number.POSITIVE_INFINITY
    this.#fillCalendar(this.#today)
  }

  #closeDay(day: number): void {
    const end = this.#weather.dayStart(day) + DAY_MS
    for (const consumer of this.consumers) {
      const [part] = this.#partsOfDay(consumer, day, [end])
      if (part === undefined) continue
      const i = consumer.index
      this.#usedBefore[i] = this.#used[i] ?? 0
      this.#countedBefore[i] = this.#counted[i] ?? 0
      this.#used[i] = (this.#used[i] ?? 0) + part.used
      this.#counted[i] = (this.#counted[i] ?? 0) + part.counted
    }
  }

  #fillCalendar(day: number): void {
    const start = this.#weather.dayStart(day)
    const draft = new CalendarDraft()
    for (const consumer of this.consumers) {
      this.#eachDraw(consumer, day, (from, length, flow) => {
        const to = Math.min(from + length, Math.max(0, Math.ceil((consumer.closedFrom - start) / 1000)))
        if (to > from) draft.add(consumer.node, from, to, flow)
      })
    }
    for (const tap of this.#taps) tap.onDay(start, (from, to) => draft.add(tap.node, from, to, tap.flow))
    this.#calendar = DrawCalendar.sorted(draft)
  }

  #partsOfDay(consumer: Consumer, day: number, untils: readonly number[]): { used: number; counted: number }[] {
    const start = this.#weather.dayStart(day)
    const pauses = this.outages.of(consumer.node)
    const sums = untils.map(() => ({ used: 0, counted: 0 }))
    const latest = Math.min(untils.at(-1) ?? 0, consumer.closedFrom)
    this.#eachDraw(consumer, day, (from, length, flow) => {
      const begin = start + from * 1000
      if (begin >= latest) return
      const factor = this.conversion(consumer, begin)
      const share = countedShare(consumer.range, flow / factor)
      const kept = consumer.tampering === undefined ? 1 : tamperedShare(consumer.tampering, begin, from / 3600, day)
      const rate = share * kept * consumer.gain * (consumer.corrected ? 1 : 1 / factor)
      for (let i = 0; i < sums.length; i++) {
        const sum = sums[i]
        const end = Math.min(untils[i] ?? 0, consumer.closedFrom, begin + length * 1000)
        if (sum === undefined || end <= begin) continue
        const shut = overlap(pauses, begin, end) + overlap(consumer.closures, begin, end)
        const volume = (flow * Math.max(0, end - begin - shut)) / 1000
        sum.used += volume
        sum.counted += volume * rate
      }
    })
    return sums
  }

  #eachDraw(consumer: Consumer, day: number, sink: (from: number, length: number, flow: number) => void): void {
    if (consumer.home)
      drawHomeDay(
        this.#seed,
        { key: consumer.device, profile: consumer.profile, scale: consumer.scale },
        day,
        this.#weather,
        sink,
      )
    else this.#eachSlot(consumer, day, sink)
    const steady = consumer.steady
    if (steady === undefined) return
    const from = Math.max(0, Math.ceil((steady.from - this.#weather.dayStart(day)) / 1000))
    // In pieces, so that what is counted follows the hours.
    for (let s = from; s < 86_400; s += 3600 - (s % 3600)) sink(s, 3600 - (s % 3600), steady.flow)
  }

  #eachSlot(consumer: Consumer, day: number, sink: (from: number, length: number, flow: number) => void): void {
    const business: Business = {
      key: consumer.device % 2 ** 31,
      profile: consumer.profile,
      busyFlow: consumer.scale * consumer.range.maximum,
    }
    for (let slot = 0; slot < SLOTS_PER_DAY; slot++) {
      const flow = businessFlow(this.#seed, business, day, slot, this.#weather)
      if (flow > 0) sink(slot * SLOT_S, SLOT_S, flow)
    }
  }
}

/** ms of [begin, end) that lie in pauses. */
function overlap(pauses: readonly (readonly [number, number])[], begin: number, end: number): number {
  let sum = 0
  for (const [from, to] of pauses) sum += Math.max(0, Math.min(end, to) - Math.max(begin, from))
  return sum
}
