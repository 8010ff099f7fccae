const EVERY_MS = 20
/** One stall weighs by its length against this, ms: a single pause of a third of a second is no overload, many are. */
const MEMORY_MS = 1_000

/** How late the event loop runs, ms, as a moving mean: what admission control calls delay. */
export class LoopLateness {
  readonly #timer: NodeJS.Timeout
  #expected = performance.now() + EVERY_MS
  #mean = 0

  constructor() {
    this.#timer = setInterval(() => this.#look(), EVERY_MS)
    this.#timer.unref()
  }

  get ms(): number {
    return this.#mean
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    this.#mean = smoothed(this.#mean, Math.max(0, now - this.#expected), EVERY_MS + Math.max(0, now - this.#expected))
    this.#expected = now + EVERY_MS
  }
}

/**
 * The mean after one more look.
 * @param late ms that the look came late
 * @param passed ms since the look before
 */
export function smoothed(mean: number, late: number, passed: number): number {
  return mean + (late - mean) * Math.min(1, passed / MEMORY_MS)
}
