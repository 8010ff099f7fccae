import { CommandError } from '@gastwin/twin'
import type { CoapTarget } from './coap-lane.ts'
import { LanePool } from './lane-pool.ts'

const TIMEOUT_MS = 10_000

/** Says orders to concentrators that listen, so that they need not wait for their next word. */
export class ConcentratorClient {
  readonly #pool: LanePool

  /** @param lanes exchanges at the same time; more wait */
  constructor(lanes = 8) {
    this.#pool = new LanePool(lanes, 0)
  }

  /**
   * @param payload an answer to a concentrator, as it would ride on one
   * @returns whether it took them; what it did not take rides on the answer to its next word
   */
  async tell(target: CoapTarget, payload: Uint8Array): Promise<boolean> {
    try {
      const answer = await this.#pool.lend((lane) => lane.post(target, 'o', payload, TIMEOUT_MS))
      return answer.codeClass === 2
    } catch (error) {
      if (error instanceof CommandError) return false
      throw error
    }
  }
}
