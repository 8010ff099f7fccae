import type { Peers } from './customer-memory.ts'

/** A floor that stands so many of its widths above the home's own ones is a rise. */
export const RISEN = 1.5
/** Share of homes that rise in the same hours by chance, and how many of its standard errors are left out as well. */
const BY_CHANCE = 0.05
const CHANCE_ERRORS = 2
/** Of a group that rises together so many of its homes show it in a part of the day, and of the others. */
const SHOWN = { inGroup: 0.7, beside: 0.08 }
/** Parts of the day that follow each other are no independent witnesses. */
const WITNESS = 0.5
const MOST_LOG_ODDS = 6
/** A smaller rise shows too few of those that are in it. */
const LEARNT_FROM = 0.1
/** Parts of the day in which a rise that is judged later counts as its begin. */
const KEPT = 6

/** Share of homes that rose together, beyond those that do each day. @param risen of those heard, that stand high among their own */
export function sharedRise(risen: number, heard: number): number {
  const error = Math.sqrt((BY_CHANCE * (1 - BY_CHANCE)) / heard)
  return Math.max(0, risen / heard - BY_CHANCE - CHANCE_ERRORS * error)
}

/**
 * Whether a home belongs to those of its town that rise together, as heated ones do in the cold, learnt from the rises it was part of and
 * those it was not; and how much of a rise that is suspected now others share. Memory: 14 numbers.
 */
export class SharedRise {
  #logOdds = 0
  readonly #last: { readonly risen: number; readonly heard: number }[] = []
  #doubt = 0

  /** Chance that the home rises with the others. */
  get follows(): number {
    return 1 / (1 + Math.exp(-this.#logOdds))
  }

  /** Share of the town's homes that rose with this one since shortly before its rise began, weighed with how likely it is one of them. */
  get doubt(): number {
    return this.#doubt
  }

  /** The same of the last two days taken together: what no part of a day shows clearly. */
  get lately(): number {
    const risen = this.#last.reduce((sum, one) => sum + one.risen, 0)
    const heard = this.#last.reduce((sum, one) => sum + one.heard, 0)
    return heard === 0 ? 0 : this.#weight * sharedRise(risen, heard)
  }

  /** @param standing floor among the home's own; NaN when unknown @param suspected that a constant flow is thought possible */
  take(standing: number, { risen, heard }: Peers, suspected: boolean): void {
    this.#last.push({ risen, heard })
    if (this.#last.length > KEPT) this.#last.shift()
    const shared = this.#last.map((one) => (one.heard === 0 ? 0 : sharedRise(one.risen, one.heard)))
    this.#doubt = Math.max(suspected ? this.#doubt : 0, this.#weight * Math.max(...shared))
    // What may be a leak says nothing of who is heated.
    if ((shared.at(-1) as number) < LEARNT_FROM || suspected || Number.isNaN(standing)) return
    const { inGroup, beside } = SHOWN
    const told = standing >= RISEN ? Math.log(inGroup / beside) : Math.log((1 - inGroup) / (1 - beside))
    this.#logOdds = Math.max(-MOST_LOG_ODDS, Math.min(MOST_LOG_ODDS, this.#logOdds + WITNESS * told))
  }

  /** One for a home of which nothing is known. */
  get #weight(): number {
    return Math.min(1, 2 * this.follows)
  }
}

const BINS = 48
const BIN = 0.2

/** How the floors of a town's homes lie in one part of a day. */
export class FloorsHeard {
  readonly #count = new Uint32Array(BINS)
  heard = 0

  /** @param floor as of `logFlow` */
  hear(floor: number): void {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(floor / BIN)))
    this.#count[bin] = (this.#count[bin] as number) + 1
    this.heard += 1
  }

  /** Share of homes whose floor is at least this. @param floor as of `logFlow` @param own floor of one that is left out */
  atLeast(floor: number, own?: number): number {
    let sum = 0
    for (let bin = Math.max(0, Math.ceil(floor / BIN)); bin < BINS; bin++) sum += this.#count[bin] as number
    if (own === undefined) return sum / this.heard
    return (sum - (own >= floor ? 1 : 0)) / Math.max(1, this.heard - 1)
  }
}
