import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { StoreError } from '@gastwin/twin'
import { BehaviorSubject, firstValueFrom, type Observable } from 'rxjs'
import { filter, map } from 'rxjs/operators'
import { entryPath } from '../../entry.ts'
import type { FromEngine, OpenEngine } from './engine-messages.ts'

/** Where statements go; the password changes with every start of the engine. */
export interface Endpoint {
  readonly url: string
  readonly username: string
  readonly password: string
}

export type EngineState =
  | { readonly state: 'starting' }
  | { readonly state: 'ready'; readonly endpoint: Endpoint; readonly version: string; readonly pid: number }
  /** It died or could not open its directory; another try follows at the end of the pause. */
  | { readonly state: 'down'; readonly error: StoreError; readonly retryMs: number }
  | { readonly state: 'stopped' }

export interface EngineOptions {
  /** Data directory; made when missing. One engine per directory, one directory per engine. */
  readonly directory: string
  /** Connections for reading. */
  readonly readers?: number
  /** Threads of one statement. */
  readonly maxThreads?: number
  /** Memory of one statement, bytes. */
  readonly maxMemoryBytes?: number
  /** First and longest pause before another try, ms. */
  readonly firstPauseMs?: number
  readonly longestPauseMs?: number
}

const STDERR_KEPT = 4_000
const READY_WITHIN_MS = 120_000
const STOP_WITHIN_MS = 10_000
/** An engine that lived so long was well: the next death starts with the short pause again. */
const WELL_AFTER_MS = 30_000

/** Starts the embedded engine as a child process and keeps it running until `stop`. */
export class EngineSupervisor {
  readonly #options: Required<EngineOptions>
  readonly #state = new BehaviorSubject<EngineState>({ state: 'starting' })
  #child: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #pauseMs: number
  #stopping = false

  constructor(options: EngineOptions) {
    this.#options = {
      readers: 4,
      maxThreads: 2,
      maxMemoryBytes: 4 * 1024 ** 3,
      firstPauseMs: 200,
      longestPauseMs: 10_000,
      ...options,
    }
    this.#pauseMs = this.#options.firstPauseMs
    this.#spawn()
  }

  /** The present state, then every change. */
  get state$(): Observable<EngineState> {
    return this.#state.asObservable()
  }

  get state(): EngineState {
    return this.#state.value
  }

  /** Waits for the first outcome. @throws StoreError STO_ENGINE when the engine could not start (it keeps trying) */
  async ready(): Promise<Endpoint> {
    const outcome = await firstValueFrom(
      this.#state.pipe(
        filter((s) => s.state !== 'starting'),
        map((s) => s),
      ),
    )
    if (outcome.state === 'ready') return outcome.endpoint
    if (outcome.state === 'down') throw outcome.error
    throw new StoreError('STO_ENGINE', 'the database engine was stopped')
  }

  /** Ends the engine after its running statements, or by force when that takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const child = this.#child
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
      await gone
      clearTimeout(force)
    }
    this.#state.next({ state: 'stopped' })
  }

  #spawn(): void {
    const { directory, readers, maxThreads, maxMemoryBytes } = this.#options
    const password = randomBytes(24).toString('base64url')
    const child = fork(entryPath(import.meta.url, './engine-main.js'), [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      // Each running statement holds one libuv thread of the engine process.
      env: { ...process.env, UV_THREADPOOL_SIZE: String(readers + 6) },
    })
    this.#child = child
    let stderr = ''
    let detail: string | undefined
    let readyAt = 0
    const tooSlow = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS)
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT)
    })
    child.on('message', (message: FromEngine) => {
      if (message.type === 'failed') detail = message.detail
      else {
        clearTimeout(tooSlow)
        readyAt = Date.now()
        const endpoint = { url: `http://127.0.0.1:${message.port}`, username: 'default', password }
        this.#state.next({ state: 'ready', endpoint, version: message.version, pid: child.pid ?? 0 })
      }
    })
    child.on('error', (error) => {
      detail = error.message
    })
    child.on('close', (code, signal) => {
      clearTimeout(tooSlow)
      if (this.#stopping) return
      if (readyAt > 0 && Date.now() - readyAt > WELL_AFTER_MS) this.#pauseMs = this.#options.firstPauseMs
      this.#down(engineError({ directory, code, signal, wasReady: readyAt > 0, detail, stderr }))
    })
    const order: OpenEngine = { type: 'open', directory, password, readers, maxThreads, maxMemoryBytes }
    child.send(order, () => {}) // A child that is gone already is reported by 'close'.
  }

  #down(error: StoreError): void {
    const retryMs = this.#pauseMs
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.longestPauseMs)
    this.#state.next({ state: 'down', error, retryMs })
    this.#timer = setTimeout(() => this.#spawn(), retryMs)
  }
}

interface Death {
  readonly directory: string
  readonly code: number | null
  readonly signal: string | null
  readonly wasReady: boolean
  readonly detail: string | undefined
  readonly stderr: string
}

/** Says in one sentence why the engine is gone, from what it printed. Exported for its test. */
export function engineError(death: Death): StoreError {
  const { directory, code, signal, wasReady, detail, stderr } = death
  const said = `${detail ?? ''}\n${stderr}`.trim()
  const context = { directory, code, signal, said }
  if (/Cannot lock file|Another server instance/.test(said))
    return new StoreError('STO_ENGINE', `the database directory ${directory} is in use by another process`, context)
  if (/No space left|NOT_ENOUGH_SPACE|ENOSPC|Cannot reserve/.test(said))
    return new StoreError('STO_ENGINE', `the disk of the database directory ${directory} is full`, context)
  if (/EACCES|EPERM|Permission denied|EROFS/.test(said))
    return new StoreError('STO_ENGINE', `the database directory ${directory} cannot be written`, context)
  if (/ENOTDIR|EEXIST/.test(said))
    return new StoreError('STO_ENGINE', `the database directory ${directory} is not a directory`, context)
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  const last = lines.findLast((line) => line.includes('Exception')) ?? lines.at(-1) ?? 'it said nothing'
  const how = signal === null ? `with code ${code}` : `by ${signal}`
  return new StoreError(
    'STO_ENGINE',
    wasReady
      ? `the database engine ended ${how}: ${last}`
      : `the database engine could not open ${directory} (damaged?): ${last}`,
    context,
  )
}
