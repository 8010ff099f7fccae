import { Worker } from 'node:worker_threads'
import { entryPath } from '../entry.ts'
import type { FromLedger, LedgerOrder, ToLedger } from './ledger-messages.ts'

const STOP_WITHIN_MS = 3_000
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 600_000

/** The ledger's thread as the service sees it: started again, ever more slowly, when it dies. */
export class LedgerThread {
  readonly #order: LedgerOrder
  readonly #onMessage: (message: FromLedger) => void
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #stopping = false
  #pause = FIRST_PAUSE_MS

  constructor(order: LedgerOrder, onMessage: (message: FromLedger) => void) {
    this.#order = order
    this.#onMessage = onMessage
  }

  /** Once, when the service is ready. */
  start(): void {
    if (this.#stopping) return
    const worker = new Worker(entryPath(import.meta.url, './ledger-main.js'), { workerData: this.#order, execArgv: [] })
    this.#worker = worker
    worker.on('message', (message: FromLedger) => {
      if (message.type === 'stated') this.#pause = FIRST_PAUSE_MS
      this.#onMessage(message)
    })
    worker.on('error', (error) =>
      this.#onMessage({ type: 'failed', why: `the ledger's thread ended and is started again: ${error.message}` }),
    )
    worker.on('exit', () => {
      this.#worker = undefined
      if (this.#stopping) return
      this.#timer = setTimeout(() => this.start(), this.#pause)
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS)
    })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const worker = this.#worker
    if (worker === undefined) return
    const gone = new Promise((resolve) => worker.once('exit', resolve))
    const stop: ToLedger = { type: 'stop' }
    worker.postMessage(stop)
    // A statement under way is not worth waiting for: the readings stand in the log.
    const force = setTimeout(() => void worker.terminate(), STOP_WITHIN_MS)
    await gone
    clearTimeout(force)
  }
}
