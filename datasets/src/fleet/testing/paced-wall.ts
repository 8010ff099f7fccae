/** How much of the wall passes between two looks at most, ms. */
const MOST_MS = 25
const LOOK_MS = 8

/**
 * A wall clock that a busy machine cannot outrun: while the event loop stands still it stands still too. A fleet at two hours a
 * second would otherwise lose half a day to every stall, and devices the time they have for their work.
 */
export class PacedWall {
  #now = Date.now()
  #seen = performance.now()
  readonly #timer = setInterval(() => {
    const seen = performance.now()
    this.#now += Math.min(MOST_MS, seen - this.#seen)
    this.#seen = seen
  }, LOOK_MS)

  /** ms, as of Date.now() when it was made. */
  readonly now = (): number => this.#now

  async close(): Promise<void> {
    clearInterval(this.#timer)
  }
}
