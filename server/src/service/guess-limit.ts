import { createHmac, randomBytes } from 'node:crypto'
import { SourceBudget } from '../ingest/source-budget.ts'

/** An application may pass on what many customers mistyped; a guesser of 256 random bits gets nowhere with either. */
const WRONG_FROM_ONE = { perSecond: 0.2, burst: 20 }
const WRONG_FROM_ALL = { perSecond: 20, burst: 500 }
const QUESTIONS_OF_ONE = { perSecond: 0.5, burst: 30 }
const BUCKETS = 4_096

/** How often tokens that nobody has may be tried, and how often one that somebody has may be used. */
export class GuessLimit {
  readonly #fromOne = new SourceBudget(WRONG_FROM_ONE, BUCKETS)
  readonly #fromAll = new SourceBudget(WRONG_FROM_ALL, 1)
  readonly #questions = new SourceBudget(QUESTIONS_OF_ONE, BUCKETS)
  /** Nobody outside can choose addresses that fall upon another's. */
  readonly #seed = randomBytes(16)

  /** @param address of who tried it. @param now ms of a steady clock */
  mayGuess(address: string, now: number): boolean {
    return this.#fromOne.take(this.#hash(address), now) && this.#fromAll.take(0, now)
  }

  /** @param id of what the token stands for */
  mayAsk(id: string, now: number): boolean {
    return this.#questions.take(this.#hash(id), now)
  }

  #hash(text: string): number {
    return createHmac('sha256', this.#seed).update(text).digest().readUInt32LE(0)
  }
}
