import { Worker } from 'node:worker_threads'

export interface KeptThreadOptions<From> {
  /** Built program of the thread. */
  readonly file: string
  /** What it is told to do; asked anew at each start. */
  readonly order: () => unknown
  readonly onMessage: (message: From) => void
  readonly onError: (error: Error) => void
  /** It is gone, for whatever reason; what waited for it waits in vain. */
  readonly onExit?: () => void
  readonly stopWithinMs: number
  /** Before it is started again; doubled each time until somebody says that it did well. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

/** A worker thread that is started again whenever it dies, and ends when it is told to. */
export class KeptThread<From, To extends { readonly type: string }> {
  readonly #options: KeptThreadOptions<From>
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #stopping = false
  #pause: number

  constructor(options: KeptThreadOptions<From>) {
    this.#options = options
    this.#pause = options.firstPauseMs
  }

  /** Neither running nor about to. */
  get isIdle(): boolean {
    return this.#worker === undefined && this.#timer === undefined
  }

  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  start(): void {
    if (this.#stopping) return
    this.#timer = undefined
    const { file, order, onMessage, onError, onExit, longestPauseMs } = this.#options
    const worker = new Worker(file, { workerData: order(), execArgv: [] })
    this.#worker = worker
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', () => {
      this.#worker = undefined
      onExit?.()
      if (this.#stopping) return
      this.#timer = setTimeout(() => this.start(), this.#pause)
      this.#pause = Math.min(2 * this.#pause, longestPauseMs)
    })
  }

  /** Lost when it is not running. */
  tell(message: To): void {
    this.#worker?.postMessage(message)
  }

  /** It did well: the next restart need not wait longer than the first. */
  did(): void {
    this.#pause = this.#options.firstPauseMs
  }

  /** Ends it, so that it is started again with what `order` says by then; one that does not run is left alone. */
  renew(): void {
    const worker = this.#worker
    if (worker === undefined || this.#stopping) return
    worker.postMessage({ type: 'stop' })
    const force = setTimeout(() => void worker.terminate(), this.#options.stopWithinMs)
    worker.once('exit', () => clearTimeout(force))
  }

  /** It cannot do its work, and need not be started again. */
  giveUp(): void {
    this.#stopping = true
  }

  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const worker = this.#worker
    if (worker === undefined) return
    const gone = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage({ type: 'stop' })
    const force = setTimeout(() => void worker.terminate(), this.#options.stopWithinMs)
    await gone
    clearTimeout(force)
  }
}
