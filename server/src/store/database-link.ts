import { StoreError } from '@gastwin/twin'
import { BehaviorSubject, type Observable, type Subscription } from 'rxjs'
import type { Database } from './database.ts'
import { type Endpoint, EngineSupervisor } from './engine/supervise-engine.ts'
import { migrate } from './schema/migrate.ts'

export type LinkState =
  | { readonly state: 'starting' }
  /** `damage`: parts the database found broken and set aside, in words; empty when there are none. */
  | { readonly state: 'ok'; readonly endpoint: Endpoint; readonly damage: string }
  | { readonly state: 'down'; readonly error: StoreError }

export interface LinkOptions {
  readonly server: Endpoint | null
  readonly directory: string
  readonly cluster: string | null
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000

/**
 * Keeps the database reachable and in this program's shape: runs the embedded engine when there is no server, migrates at every
 * (re)connection, and tries again with growing pauses. A database newer than this program stays refused.
 */
export class DatabaseLink {
  readonly #database: Database
  readonly #cluster: string | null
  readonly #state = new BehaviorSubject<LinkState>({ state: 'starting' })
  readonly #engine: EngineSupervisor | undefined
  readonly #subscription: Subscription | undefined
  #timer: NodeJS.Timeout | undefined
  #attempt = 0
  #closed = false

  constructor(database: Database, options: LinkOptions) {
    this.#database = database
    this.#cluster = options.cluster
    if (options.server !== null) {
      void this.#connect(options.server, FIRST_PAUSE_MS)
      return
    }
    this.#engine = new EngineSupervisor({ directory: options.directory })
    this.#subscription = this.#engine.state$.subscribe((engine) => {
      if (engine.state === 'ready') void this.#connect(engine.endpoint, FIRST_PAUSE_MS)
      else if (engine.state === 'down') this.#lose(engine.error)
    })
  }

  get state$(): Observable<LinkState> {
    return this.#state.asObservable()
  }

  get state(): LinkState {
    return this.#state.value
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#attempt++
    clearTimeout(this.#timer)
    this.#subscription?.unsubscribe()
    await this.#database.close()
    await this.#engine?.stop()
  }

  #lose(error: StoreError): void {
    this.#attempt++
    clearTimeout(this.#timer)
    this.#database.connect(undefined)
    this.#state.next({ state: 'down', error })
  }

  async #connect(endpoint: Endpoint, pauseMs: number): Promise<void> {
    const attempt = ++this.#attempt
    this.#database.connect(endpoint)
    try {
      await migrate(this.#database, this.#cluster)
      const damage = await damageOf(this.#database)
      if (attempt === this.#attempt) this.#state.next({ state: 'ok', endpoint, damage })
    } catch (error) {
      if (attempt !== this.#attempt || this.#closed) return
      const known = error instanceof StoreError ? error : new StoreError('STO_ENGINE', String(error), {}, error)
      this.#state.next({ state: 'down', error: known })
      const retry = () => void this.#connect(endpoint, Math.min(pauseMs * 2, LONGEST_PAUSE_MS))
      this.#timer = setTimeout(retry, pauseMs)
    }
  }
}

async function damageOf(database: Database): Promise<string> {
  const parts = await database.rows<{ table: string; parts: string | number }>(
    `SELECT table, count() AS parts FROM system.detached_parts
     WHERE database = {database:String} AND startsWith(reason, 'broken') GROUP BY table ORDER BY table`,
    { parameters: { database: database.name } },
  )
  if (parts.length === 0) return ''
  const named = parts.map((p) => `${p.table} (${p.parts})`).join(', ')
  return `damaged parts of the database were set aside, their rows are missing: ${named}`
}
