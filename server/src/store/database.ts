import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { StoreError } from '@gastwin/twin'
import type { Endpoint } from './engine/supervise-engine.ts'

export type QueryParameters = Readonly<Record<string, string | number | bigint | boolean | Date | readonly unknown[]>>
type Settings = Readonly<Record<string, string | number>>

export interface CallOptions {
  readonly parameters?: QueryParameters
  readonly settings?: Settings
  /** The engine gives up after so long, and the caller a little later, s; default 30. */
  readonly timeoutS?: number
}

const DEFAULT_TIMEOUT_S = 30
/** What the network may take on top before we stop waiting, ms. */
const GRACE_MS = 5_000

/**
 * The database, wherever it is: the one door through which statements leave. Failures are StoreError STO_ENGINE, with the
 * engine's own code and words in the context.
 */
export class Database {
  #client: ClickHouseClient | undefined
  readonly name: string

  /** @param name the database the tables are in */
  constructor(name: string, endpoint?: Endpoint) {
    this.name = name
    if (endpoint !== undefined) this.connect(endpoint)
  }

  /** Sends what follows to this endpoint; undefined while there is none. */
  connect(endpoint: Endpoint | undefined): void {
    void this.#client?.close()
    this.#client =
      endpoint === undefined
        ? undefined
        : createClient({
            ...endpoint,
            request_timeout: 24 * 3600 * 1000,
            max_open_connections: 16,
            compression: { response: false, request: false },
            keep_alive: { enabled: true, idle_socket_ttl: 30_000 },
            log: { level: ClickHouseLogLevel.OFF },
            clickhouse_settings: { date_time_output_format: 'simple' },
          })
  }

  /** Rows of a SELECT; `sql` has no FORMAT. Values are bound by the engine: `{name:Type}`. */
  rows<Row>(sql: string, options: CallOptions = {}): Promise<Row[]> {
    return this.#call(options, async (client, call) => {
      const result = await client.query({ query: sql, format: 'JSONEachRow', ...call })
      return result.json<Row>()
    })
  }

  /** DDL, INSERT … SELECT and the like. */
  async run(sql: string, options: CallOptions = {}): Promise<void> {
    await this.#call(options, (client, call) => client.command({ query: sql, ...call }))
  }

  /** Inserts rows already written as tab-separated text. @param table without the database's name */
  async insertText(
    table: string,
    columns: readonly string[],
    text: Uint8Array,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#call(options, (client, call) =>
      client.insert({
        table: `${this.name}.${table}`,
        columns: [...columns] as [string, ...string[]],
        values: Readable.from([text], { objectMode: false }),
        format: 'TabSeparated',
        ...call,
      }),
    )
  }

  /** The bytes of a result in a format named in `sql`, as they come. */
  async stream(sql: string, options: CallOptions = {}): Promise<Readable> {
    return this.#call({ timeoutS: 3600, ...options }, async (client, call) => {
      const { abort_signal: _, ...rest } = call
      return (await client.exec({ query: sql, ...rest })).stream as Readable
    })
  }

  async ping(): Promise<boolean> {
    return (await this.#client?.ping())?.success ?? false
  }

  async close(): Promise<void> {
    await this.#client?.close()
    this.#client = undefined
  }

  async #call<T>(options: CallOptions, work: (client: ClickHouseClient, call: Call) => Promise<T>): Promise<T> {
    if (this.#client === undefined) throw new StoreError('STO_ENGINE', 'the database engine is not running')
    const timeoutS = options.timeoutS ?? DEFAULT_TIMEOUT_S
    const signal = AbortSignal.timeout(timeoutS * 1000 + GRACE_MS)
    try {
      return await work(this.#client, {
        query_params: { ...options.parameters },
        clickhouse_settings: { max_execution_time: timeoutS, ...options.settings },
        abort_signal: signal,
      })
    } catch (error) {
      throw storeError(error, signal.aborted ? `no answer within ${timeoutS} s` : undefined)
    }
  }
}

interface Call {
  readonly query_params: Record<string, unknown>
  readonly clickhouse_settings: Record<string, string | number>
  readonly abort_signal: AbortSignal
}

function storeError(error: unknown, instead: string | undefined): StoreError {
  if (error instanceof StoreError) return error
  const { message = String(error), code } = error as { message?: string; code?: string | number }
  const full = code === '243' || code === 243
  const words = instead ?? (full ? `the disk of the database is full: ${message}` : (message.split('\n')[0] ?? message))
  return new StoreError('STO_ENGINE', `the database engine refused or did not answer: ${words}`, { code }, error)
}
