import { CoapLane } from './coap-lane.ts'

/** Lends lanes, one exchange each; at the limit borrowers wait in the order they came. */
export class LanePool {
  readonly #idle: CoapLane[]
  readonly #waiting: ((lane: CoapLane) => void)[] = []
  readonly #limit: number
  #made: number

  /**
   * @param limit lanes at most
   * @param warm lanes made at once, so that the first close does not wait for the library to load
   */
  constructor(limit: number, warm: number) {
    this.#limit = limit
    this.#idle = Array.from({ length: Math.min(warm, limit) }, () => new CoapLane())
    this.#made = this.#idle.length
  }

  /** Runs one exchange on a lane of its own and gives the lane back, reset. */
  async lend<T>(exchange: (lane: CoapLane) => Promise<T>): Promise<T> {
    const lane = await this.#take()
    try {
      return await exchange(lane)
    } finally {
      lane.reset()
      const next = this.#waiting.shift()
      if (next) next(lane)
      else this.#idle.push(lane)
    }
  }

  #take(): CoapLane | Promise<CoapLane> {
    const lane = this.#idle.pop()
    if (lane) return lane
    if (this.#made < this.#limit) {
      this.#made++
      return new CoapLane()
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
