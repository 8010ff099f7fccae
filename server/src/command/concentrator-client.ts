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
   * @param payload an answer to a concentrator as it would ride on one, sealed or not
   * @returns the payload of its reply when it says that it took them, undefined otherwise: they ride on the answer to its next word
   */
  async tell(target: CoapTarget, payload: Uint8Array, contentFormat: number): Promise<Uint8Array | undefined> {
    try {
      const answer = await this.#pool.lend((lane) => lane.post(target, 'o', payload, TIMEOUT_MS, contentFormat))
      return answer.codeClass === 2 ? answer.payload : undefined
    } catch (error) {
      if (error instanceof CommandError) return undefined
      throw error
    }
  }
}
