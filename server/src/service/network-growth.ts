export interface GrowthParts {
  /** After points came, until threads that read weeks of the log begin anew, ms. */
  readonly settleMs: number
  /** What must know of the points at once. */
  readonly count: () => void
  /** Draws the map anew, all of it. */
  readonly draw: () => void
  /** Begins the analysis of the network anew. */
  readonly analyse: () => void
}

/** Several tables may come one after the other: the map is drawn once for those of a moment. */
const DRAW_AFTER_MS = 500

/** What follows when metering points come to the running network: some things at once, the costly ones once for many points. */
export class NetworkGrowth {
  readonly #parts: GrowthParts
  #drawing: NodeJS.Timeout | undefined
  #settling: NodeJS.Timeout | undefined

  constructor(parts: GrowthParts) {
    this.#parts = parts
  }

  happened(): void {
    const { count, draw, analyse, settleMs } = this.#parts
    count()
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined
      draw()
    }, DRAW_AFTER_MS)
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined
      analyse()
    }, settleMs)
  }

  stop(): void {
    clearTimeout(this.#drawing)
    clearTimeout(this.#settling)
  }
}
