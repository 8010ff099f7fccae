import { Session } from 'chdb'
import type { EngineRequest } from './request.ts'
import { sqlString } from './statement.ts'

/** Settings every statement runs with unless its request says otherwise. */
export type BaseSettings = Readonly<Record<string, string>>

/**
 * One connection of the embedded engine. It runs one statement at a time, in order. The engine keeps settings, parameters and the
 * current database on the connection, so each turn first puts them to what this request asked for and to the base otherwise.
 */
export class EngineConnection {
  readonly #session: Session
  readonly #base: BaseSettings
  #database = 'default'
  #changed: ReadonlySet<string> = new Set()
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** @param directory data directory; several connections of one process may share it */
  constructor(directory: string, base: BaseSettings) {
    this.#session = new Session(directory)
    this.#base = base
  }

  /** Statements queued or running. */
  get load(): number {
    return this.#waiting
  }

  /** Runs `work` when the statements before it are done, with the request's settings, parameters and database in force. */
  run<T>(request: EngineRequest, work: (session: Session) => Promise<T>): Promise<T> {
    this.#waiting++
    const turn = this.#tail.then(async () => {
      await this.#prepare(request)
      return work(this.#session)
    })
    this.#tail = turn.then(
      () => this.#waiting--,
      () => this.#waiting--,
    )
    return turn
  }

  /** Waits for what runs, then closes. */
  async close(): Promise<void> {
    await this.#tail
    this.#session.close()
  }

  async #prepare(request: EngineRequest): Promise<void> {
    const wanted = new Map([...Object.entries(this.#base), ...request.settings])
    const assignments: string[] = []
    for (const name of this.#changed) if (!wanted.has(name)) assignments.push(`${name} = DEFAULT`)
    // Remembered before it runs: a SET that fails half way must still be undone by the next turn.
    this.#changed = new Set([...this.#changed, ...wanted.keys()])
    for (const [name, value] of wanted) assignments.push(`${name} = ${sqlString(value)}`)
    for (const [name, value] of request.parameters) assignments.push(`param_${name} = ${sqlString(value)}`)
    if (assignments.length > 0) await this.#session.queryAsync(`SET ${assignments.join(', ')}`)
    this.#changed = new Set(wanted.keys())
    if (request.database !== this.#database) {
      await this.#session.queryAsync(`USE \`${request.database.replaceAll('`', '')}\``)
      this.#database = request.database
    }
  }
}
