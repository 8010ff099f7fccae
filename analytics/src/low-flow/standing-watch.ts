/**
 * Dead meter: the chance that a register which stands has stopped, given how often and how long this customer's register stood
 * before. Spells without advance are taken to have exponential lengths whose rate is not known: a gamma prior for the class,
 * updated by the own spells, so the tail is heavy until many have been seen. An empty flat looks the same: the chance says that
 * this is no usual absence, not why.
 */
export interface StandingPrior {
  /** Spells that the prior counts for, and their days. */
  readonly spells: number
  readonly spellDays: number
  /** Mean time until a meter stops, days. */
  readonly stopsAfterD: number
}

/** @source assumptions, checked on own scenarios */
export const STANDING_HOME: StandingPrior = { spells: 3, spellDays: 6, stopsAfterD: 10 * 365 }
export const STANDING_OTHER: StandingPrior = { spells: 3, spellDays: 3, stopsAfterD: 10 * 365 }

const DAY = 86_400_000
const LEAST_SPELL_D = 1.2
const LEAST_HISTORY_D = 14
const FIRST_DAYS = 30

export class StandingWatch {
  readonly #prior: StandingPrior
  #begin = Number.NaN
  #movedAt = Number.NaN
  #spells = 0
  #days = 0
  #m3 = 0

  constructor(prior: StandingPrior) {
    this.#prior = prior
  }

  /** Takes the interval between two readings; one with a fault counts as movement. */
  take(from: number, to: number, advanceM3: number): void {
    if (Number.isNaN(this.#begin)) {
      this.#begin = from
      this.#movedAt = from
    }
    if (advanceM3 === 0) return
    const stood = (from - this.#movedAt) / DAY
    if (stood > LEAST_SPELL_D) {
      this.#spells += 1
      this.#days += stood
    }
    this.#movedAt = to
    if (advanceM3 > 0) this.#m3 += advanceM3
  }

  /** Unix ms of the last advance. */
  get since(): number {
    return this.#movedAt
  }

  /** Mean use while it moved, m³ a day. */
  get usualM3D(): number {
    return this.#m3 / Math.max(1, (this.#movedAt - this.#begin) / DAY - this.#days)
  }

  /** @returns chance that the register has stopped; 0 without history */
  stoppedChance(at: number): number {
    const days = (at - this.#movedAt) / DAY
    const history = (this.#movedAt - this.#begin) / DAY
    if (!(days > LEAST_SPELL_D) || history < LEAST_HISTORY_D || this.#m3 <= 0) return 0
    const { spells, spellDays, stopsAfterD } = this.#prior
    const total = spellDays + this.#days
    const longer = (total / (total + days)) ** (spells + this.#spells)
    const begins = (this.#spells + 0.5) / (history + FIRST_DAYS)
    const odds = 1 / stopsAfterD / (begins * longer)
    return odds / (1 + odds)
  }
}
