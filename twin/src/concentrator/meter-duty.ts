import type { ReadFailure } from '../reading/concentrator-news.ts'
import type { CityCalendar } from '../time/city-day.ts'
import { dueTimes, KEPT_DAYS, METER_KEEPS_DAYS, type PlanPeriod, type ReadingPlan } from './reading-plan.ts'

/** Where a missing value is looked for, in this order. @source four-in-one reading, §三-3 (S3-05); mission invariant 2 */
export const READ_SOURCES = ['meter', 'concentrator', 'next_report'] as const
export type ReadSource = (typeof READ_SOURCES)[number]

/** Why a value did not come: what the concentrator said, that it said nothing, or that nobody keeps it any more. */
export type MissingReason = ReadFailure | 'no_word' | 'too_old'

/** One value that is due and not there. Instants are Unix ms. */
export interface MissingReading {
  readonly due: number
  readonly source: ReadSource
  /** Tries at this source. */
  readonly tries: number
  /** Of the last try; null before the first. */
  readonly reason: MissingReason | null
  /** Number of the order that asks for it, 0 for none. */
  readonly order: number
  /** When it was asked for last, and before when it is not asked for again. */
  readonly askedAt: number
  readonly notBefore: number
  /** When it was given up; 0 while it is looked for. A value that comes after all is taken. */
  readonly givenUpAt: number
  /** By the plan, by an operator who wants that value, or by one who wants the register as it stands. */
  readonly wanted: 'plan' | 'value' | 'newest'
}

/** How hard it is tried. Tries at the meter cost its battery: with the concentrator's own they stay few. */
export const RECOVERY_RULES = {
  /** So long a concentrator reads again by itself before the platform asks, ms. */
  graceMs: 90 * 60_000,
  triesAtMeter: 3,
  triesAtConcentrator: 2,
  /** Next reports that may bring it. */
  reports: 2,
  /** Between two tries at a meter, ms: it may be busy or out of reach for a while. */
  pauseMs: 30 * 60_000,
  /** An order without a word about it counts as tried, ms. */
  orderMs: 6 * 3_600_000,
} as const

const DAY_MS = 86_400_000
/** A value is that of its due time when it was taken so much before or after. */
const EARLY_MS = 60_000
const LATE_MS = 14 * 60_000
/** How long two next reports may take, ms. */
const REPORTS_TAKE_MS: Readonly<Record<PlanPeriod, number>> = {
  hour: 6 * 3_600_000,
  day: 2 * DAY_MS,
  week: 15 * DAY_MS,
  month: 63 * DAY_MS,
}

/** A value that came before it was counted as due: its own time, and when it was heard of. */
export interface EarlyValue {
  readonly at: number
  readonly heardAt: number
}

/** What is kept of a meter's duty over a restart. */
export interface SavedDuty {
  readonly through: number
  readonly early: readonly EarlyValue[]
  readonly missing: readonly MissingReading[]
}

/** How a value came: in time, late by itself, or found at a source. */
export type Arrival = 'in_time' | 'own' | 'meter' | 'concentrator' | 'next_report'

/**
 * Which values of one meter are due and did not come, and where each is looked for next. Changes only by what it is told: the same
 * words in the same order give the same duty.
 */
export class MeterDuty {
  plan: ReadingPlan
  #missing: MissingReading[] = []
  /** Values due up to here are known or missing. */
  #through = 0
  /** Times of values that came before they were counted as due. */
  #early: EarlyValue[] = []

  constructor(plan: ReadingPlan) {
    this.plan = plan
  }

  /** Rising by due time. */
  get missing(): readonly MissingReading[] {
    return this.#missing
  }

  /**
   * Counts everything as due until now that nobody knows.
   * @param since earlier values are not wanted
   * @param came told of each that is there already
   * @returns how many became due
   */
  expect(now: number, since: number, calendar: CityCalendar, came: (how: Arrival) => void = () => {}): number {
    const known = this.#through === 0 ? now - KEPT_DAYS[this.plan.every] * DAY_MS : this.#through
    let counted = 0
    for (const due of dueTimes(this.plan, Math.max(known, since - 1), now, calendar)) {
      counted += 1
      const early = this.#early.find(({ at }) => isFor(at, due))
      if (early === undefined) this.#missing.push(missingAt(due, 'plan'))
      else came(early.heardAt <= due + RECOVERY_RULES.graceMs ? 'in_time' : 'own')
    }
    this.#through = Math.max(this.#through, now)
    this.#early = this.#early.filter(({ at }) => at > now - LATE_MS)
    return counted
  }

  /**
   * What should be there by now: also what became due since the concentrator was heard last, which nobody has counted yet.
   * @param since, now Unix ms
   */
  overdue(now: number, since: number, calendar: CityCalendar): readonly MissingReading[] {
    const late = now - RECOVERY_RULES.graceMs
    const known = this.#missing.filter((one) => one.wanted !== 'plan' || one.due <= late)
    const from = Math.max(since - 1, this.#through === 0 ? now - KEPT_DAYS[this.plan.every] * DAY_MS : this.#through)
    const unheard = dueTimes(this.plan, from, late, calendar).filter(
      (due) => !this.#early.some(({ at }) => isFor(at, due)),
    )
    return unheard.length === 0 ? known : [...known, ...unheard.map((due) => missingAt(due, 'plan'))]
  }

  /** Wants these values, whether they are known or not; `newest` any that is taken from then on. */
  want(due: readonly number[], wanted: 'value' | 'newest'): void {
    const asked = new Set(due)
    const others = this.#missing.filter((one) => !asked.has(one.due))
    this.#missing = [...others, ...due.map((at) => missingAt(at, wanted))].sort((a, b) => a.due - b.due)
  }

  /**
   * A value came. @param at its own time @param now when we heard of it
   * @returns how it came; undefined when it was none that was missed
   */
  arrived(at: number, now: number): Arrival | undefined {
    if (at + EARLY_MS > this.#through) {
      this.#early.push({ at, heardAt: now })
      if (this.#early.length > 1_000) this.#early.shift()
    }
    const place = this.#missing.findIndex((one) =>
      one.wanted === 'newest' ? at >= one.due - EARLY_MS : isFor(at, one.due),
    )
    const one = this.#missing[place]
    if (one === undefined) return undefined
    this.#missing.splice(place, 1)
    if (one.order !== 0) return one.source
    if (now <= one.due + RECOVERY_RULES.graceMs) return 'in_time'
    return one.source === 'next_report' ? 'next_report' : 'own'
  }

  /** A regular report of the meter came and what waited for it was not in it. */
  reported(now: number): void {
    this.#change((one) => {
      if (one.source !== 'next_report' || one.givenUpAt !== 0 || one.askedAt === now) return one
      const tries = one.tries + 1
      return { ...one, tries, askedAt: now, givenUpAt: tries >= RECOVERY_RULES.reports ? now : 0 }
    })
  }

  /** Due times that may be asked for at a source now. */
  dueAt(source: ReadSource, now: number): number[] {
    return this.#missing
      .filter(
        (one) =>
          one.source === source &&
          one.order === 0 &&
          one.givenUpAt === 0 &&
          one.notBefore <= now &&
          (one.wanted !== 'plan' || one.due + RECOVERY_RULES.graceMs <= now),
      )
      .map(({ due }) => due)
  }

  /** Who wants what is due at a time; `plan` for what is not missing. */
  wanted(due: number): MissingReading['wanted'] {
    return this.#missing.find((one) => one.due === due)?.wanted ?? 'plan'
  }

  /** An order asks for these. */
  asked(due: readonly number[], order: number, now: number): void {
    const asked = new Set(due)
    this.#change((one) => (asked.has(one.due) ? { ...one, order, askedAt: now } : one))
  }

  /** The order was carried out, and what is still missing was not found. */
  notFound(order: number, reason: MissingReason, now: number): void {
    this.#change((one) => (one.order === order ? this.#failed(one, reason, now) : one))
  }

  /** Lets time pass: orders nobody spoke of, reports that did not come, values that nobody keeps any more. */
  tend(now: number): void {
    const { every } = this.plan
    this.#change((one) => {
      if (one.givenUpAt !== 0) return one
      if (one.order !== 0 && now - one.askedAt >= RECOVERY_RULES.orderMs) return this.#failed(one, 'no_word', now)
      if (one.source === 'next_report' && now >= one.notBefore) return { ...one, givenUpAt: now }
      return one.order === 0 ? this.#placed(one, now) : one
    })
    const oldest = now - Math.max(KEPT_DAYS[every], METER_KEEPS_DAYS[every]) * DAY_MS
    this.#missing = this.#missing.filter((one) => one.givenUpAt === 0 || one.due >= oldest)
  }

  save(): SavedDuty {
    return { through: this.#through, early: this.#early, missing: this.#missing }
  }

  load({ through, early, missing }: SavedDuty): void {
    this.#through = through
    this.#early = [...early]
    this.#missing = [...missing]
  }

  #change(of: (one: MissingReading) => MissingReading): void {
    for (let i = 0; i < this.#missing.length; i++) {
      const one = this.#missing[i]
      if (one !== undefined) this.#missing[i] = of(one)
    }
  }

  #failed(one: MissingReading, reason: MissingReason, now: number): MissingReading {
    const tries = one.tries + 1
    const free = { ...one, order: 0, tries, reason }
    const final = reason === 'not_kept' || reason === 'unknown_meter'
    const most = one.source === 'meter' ? RECOVERY_RULES.triesAtMeter : RECOVERY_RULES.triesAtConcentrator
    if (final || tries >= most) return this.#next(free, now)
    return { ...free, notBefore: one.source === 'meter' ? now + RECOVERY_RULES.pauseMs : now }
  }

  #next(one: MissingReading, now: number): MissingReading {
    if (one.source === 'meter') return this.#placed({ ...one, source: 'concentrator', tries: 0, notBefore: now }, now)
    return this.#waiting(one, now)
  }

  #waiting(one: MissingReading, now: number): MissingReading {
    const notBefore = now + REPORTS_TAKE_MS[this.plan.every]
    return { ...one, source: 'next_report', tries: 0, askedAt: now, notBefore }
  }

  /** Passes over a source that keeps nothing so old. */
  #placed(one: MissingReading, now: number): MissingReading {
    const age = now - one.due
    const { every } = this.plan
    if (one.source === 'meter' && age > METER_KEEPS_DAYS[every] * DAY_MS)
      return this.#placed({ ...one, source: 'concentrator', tries: 0 }, now)
    if (one.source !== 'concentrator' || age <= KEPT_DAYS[every] * DAY_MS) return one
    return { ...this.#waiting(one, now), reason: one.reason ?? 'too_old' }
  }
}

const isFor = (at: number, due: number): boolean => at >= due - EARLY_MS && at <= due + LATE_MS

const missingAt = (due: number, wanted: MissingReading['wanted']): MissingReading => ({
  due,
  source: 'meter',
  tries: 0,
  reason: null,
  order: 0,
  askedAt: 0,
  notBefore: 0,
  givenUpAt: 0,
  wanted,
})
