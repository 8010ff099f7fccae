import type { Answer } from '../api/api.ts'

/** Between two fetches, ms of wall time. */
const LEAST_WAIT_MS = 5000

export interface EstimateFeedOptions {
  /** Undefined: the service still has what was fetched last. */
  readonly fetch: () => Promise<Answer<ArrayBuffer | undefined>>
  readonly onBody: (body: ArrayBuffer) => void
  /** Whether anything on the screen shows an estimate. */
  readonly wanted: () => boolean
  /** A steady clock, ms. */
  readonly steady: () => number
}

/** Fetches the estimate when there is a newer one, when somebody looks at it, and at most every five seconds. */
export class EstimateFeed {
  readonly #options: EstimateFeedOptions
  #news = true
  #fetchedAt = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined
  #running = false

  constructor(options: EstimateFeedOptions) {
    this.#options = options
  }

  /** The service said that there is another estimate, or was away and may have one. */
  tell(): void {
    this.#news = true
    this.look()
  }

  /** Somebody began to look: fetches what is newer than what is known. */
  look(): void {
    const { wanted, steady } = this.#options
    if (!this.#news || !wanted() || this.#running || this.#timer !== undefined) return
    const wait = this.#fetchedAt + LEAST_WAIT_MS - steady()
    if (wait <= 0) void this.#fetch()
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.look()
      }, wait)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#news = true
  }

  async #fetch(): Promise<void> {
    this.#running = true
    this.#news = false
    this.#fetchedAt = this.#options.steady()
    const answer = await this.#options.fetch()
    this.#running = false
    if (!answer.ok) this.#news = true
    else if (answer.value !== undefined) this.#options.onBody(answer.value)
    this.look()
  }
}
