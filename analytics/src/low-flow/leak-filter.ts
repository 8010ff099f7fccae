import type { Block } from './block.ts'
import { chanceBetween, type Mixture } from './mixture.ts'

/** Flows that a constant flow is looked for at, m³/h: 24 steps of a third from 2 L/h. */
export const FLOWS = Float64Array.from({ length: 26 }, (_, k) => 0.002 * 1.32 ** k)
const HALF_STEP = Math.sqrt(1.32)
/** Flows within a step that stand for it. */
const WITHIN = [0.9, 1, 1.11]
/** Floors are compared within a cell this wide: ± 8 %. */
const CELL = 1.08

/** A constant flow less likely than this is compared with the habits alone. */
const SUSPECTED = 1e-4
const LEAST = 1e-12

/** Chance of a floor between two flows when a constant flow is added to what the mixture tells of. */
function raised(mixture: Mixture, flow: number, low: number, high: number): number {
  if (high <= flow * 0.85) return 0
  let sum = 0
  for (const part of WITHIN) sum += chanceBetween(mixture, low - flow * part, high - flow * part)
  return sum / WITHIN.length
}

export interface LeakRates {
  /** Mean time from one lasting constant flow to the next at a customer, days; and how long it lasts. */
  readonly betweenLeaksD: number
  readonly leakLastsD: number
  /** The same for spells of unusual use: visitors, gardens, a pot on a low flame. */
  readonly betweenSpellsD: number
  readonly spellLastsD: number
  /** The same for changes of habit that stay for weeks: a heating season, a guest who moves in. */
  readonly betweenSeasonsD: number
  readonly seasonLastsD: number
}

/** @source assumptions; false findings on own scenarios and on development homes stand behind them */
export const LEAK_RATES: LeakRates = {
  betweenLeaksD: 3650,
  leakLastsD: 60,
  betweenSpellsD: 40,
  spellLastsD: 1.2,
  betweenSeasonsD: 365,
  seasonLastsD: 45,
}

const HOUR = 3_600_000
const FIRST_FLOW = 3

/**
 * Chance that a constant flow passes the meter, and how much, updated block by block (a filter over hidden states): usual use; a
 * short spell or a season of unusual use, which raise each block by another amount; a constant flow of one of FLOWS, which raises every block by
 * the same. The usual distribution of a block comes from outside. Memory: 31 numbers.
 */
export class LeakFilter {
  readonly #rates: LeakRates
  /** Usual use, spell, season, then constant flows. */
  readonly #chance = new Float64Array(FIRST_FLOW + FLOWS.length)
  readonly #likelihood = new Float64Array(FIRST_FLOW + FLOWS.length)
  /** Begin of the present suspicion, Unix ms; NaN without one. */
  since = Number.NaN
  /** Least floor since then: no larger constant flow can have passed, m³/h. */
  mostM3H = Number.POSITIVE_INFINITY

  constructor(rates: LeakRates = LEAK_RATES) {
    this.#rates = rates
    this.#chance[0] = 1
  }

  /** Chance that the flow never reached zero since `since`. */
  get neverZero(): number {
    let sum = 0
    for (let k = FIRST_FLOW; k < this.#chance.length; k++) sum += this.#chance[k] as number
    return sum
  }

  get usual(): number {
    return this.#chance[0] as number
  }

  /** Quantile of the constant flow, given that there is one, m³/h. */
  flowQuantile(p: number): number {
    const all = this.neverZero
    let sum = 0
    for (let k = 0; k < FLOWS.length; k++) {
      const here = (this.#chance[FIRST_FLOW + k] as number) / all
      if (sum + here >= p) {
        const low = (FLOWS[k] as number) / HALF_STEP
        return Math.min(this.mostM3H, low * (HALF_STEP * HALF_STEP) ** ((p - sum) / here))
      }
      sum += here
    }
    return this.mostM3H
  }

  /** Chance of a constant flow of at least this, m³/h. */
  atLeast(flowM3H: number): number {
    let sum = 0
    for (let k = 0; k < FLOWS.length; k++)
      if ((FLOWS[k] as number) >= flowM3H) sum += this.#chance[FIRST_FLOW + k] as number
    return sum
  }

  /**
   * Takes a block.
   * @param given   distribution of its floor given everything before it
   * @param habit   distribution given the habits alone: what a spell adds to
   * @param without distribution of the floor given everything before it, when the constant flow (m³/h) is taken out of all of it
   */
  update(block: Block, given: Mixture, habit: Mixture, without: (flowM3H: number) => Mixture): void {
    this.#step((block.to - block.from) / (24 * HOUR))
    const low = block.floorM3H / CELL
    const high = block.floorM3H * CELL
    const l = this.#likelihood
    l[0] = chanceBetween(given, low, high) + LEAST
    let spread = 0
    for (let k = 0; k < FLOWS.length; k++) {
      const flow = FLOWS[k] as number
      const fresh = raised(habit, flow, low, high)
      spread += fresh
      const suspected = (this.#chance[FIRST_FLOW + k] as number) > SUSPECTED
      l[FIRST_FLOW + k] = (suspected ? raised(without(flow), flow, low, high) : fresh) + LEAST
    }
    l[1] = 0.5 * (spread / FLOWS.length) + 0.5 * chanceBetween(habit, low, high) + LEAST
    l[2] = l[1]
    const before = this.neverZero
    let total = 0
    for (let k = 0; k < l.length; k++) {
      this.#chance[k] = (this.#chance[k] as number) * (l[k] as number)
      total += this.#chance[k] as number
    }
    for (let k = 0; k < l.length; k++) this.#chance[k] = (this.#chance[k] as number) / total
    const after = this.neverZero
    if (after < 0.02) {
      this.since = Number.NaN
      this.mostM3H = Number.POSITIVE_INFINITY
    } else {
      if (Number.isNaN(this.since) || before < 0.02) this.since = block.from
      this.mostM3H = Math.min(this.mostM3H, block.floorM3H)
    }
  }

  #step(days: number): void {
    const r = this.#rates
    const c = this.#chance
    const toLeak = Math.min(0.5, days / r.betweenLeaksD)
    const fromLeak = Math.min(0.5, days / r.leakLastsD)
    const toSpell = Math.min(0.5, days / r.betweenSpellsD)
    const fromSpell = Math.min(0.8, days / r.spellLastsD)
    const toSeason = Math.min(0.5, days / r.betweenSeasonsD)
    const fromSeason = Math.min(0.5, days / r.seasonLastsD)
    const leaks = this.neverZero
    const usual = c[0] as number
    const spell = c[1] as number
    const season = c[2] as number
    c[0] = usual * (1 - toLeak - toSpell - toSeason) + spell * fromSpell + season * fromSeason + leaks * fromLeak
    c[1] = spell * (1 - fromSpell - toLeak) + usual * toSpell
    c[2] = season * (1 - fromSeason - toLeak) + usual * toSeason
    const fresh = ((usual + spell + season) * toLeak) / FLOWS.length
    for (let k = 0; k < FLOWS.length; k++) c[FIRST_FLOW + k] = (c[FIRST_FLOW + k] as number) * (1 - fromLeak) + fresh
  }
}
