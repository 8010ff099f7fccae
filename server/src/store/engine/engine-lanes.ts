import { type BaseSettings, EngineConnection } from './engine-connection.ts'
import { exception, Refusal } from './exception.ts'
import type { StatementKind } from './statement.ts'

export interface LaneOptions {
  readonly directory: string
  /** Connections for reading. */
  readonly readers: number
  /** Statements that may wait for one connection before more are refused. */
  readonly maxWaiting: number
  readonly base: BaseSettings
}

/**
 * Separate connections to one data directory, so that a slow read queues neither ahead of nor behind inserts, and a roll-up
 * (INSERT … SELECT) does not hold up the writer's batches.
 */
export class EngineLanes {
  readonly #data: readonly EngineConnection[]
  readonly #change: readonly EngineConnection[]
  readonly #read: readonly EngineConnection[]
  readonly #maxWaiting: number

  constructor(options: LaneOptions) {
    const open = () => new EngineConnection(options.directory, options.base)
    this.#data = [open()]
    this.#change = [open()]
    this.#read = Array.from({ length: options.readers }, open)
    this.#maxWaiting = options.maxWaiting
  }

  /** @throws Refusal code 202 when too many statements wait already */
  pick(kind: StatementKind): EngineConnection {
    const lane = kind === 'read' ? this.#read : kind === 'data' ? this.#data : this.#change
    const least = lane.reduce((a, b) => (b.load < a.load ? b : a))
    if (least.load > this.#maxWaiting)
      throw new Refusal(exception(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `Too many statements wait (${least.load})`))
    return least
  }

  async close(): Promise<void> {
    await Promise.all([...this.#data, ...this.#change, ...this.#read].map((c) => c.close()))
  }
}
