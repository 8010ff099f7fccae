import { Worker } from 'node:worker_threads'
import { BehaviorSubject, type Observable } from 'rxjs'
import { entryPath } from '../../entry.ts'
import type { Endpoint } from '../engine/supervise-engine.ts'
import type { DeviceColumns } from './device-directory.ts'
import type { WriterProgress } from './write-log.ts'
import type { FromWriter, ToWriter, WriterOrder } from './writer-messages.ts'

const STOP_WITHIN_MS = 10_000
const RESTART_PAUSE_MS = 1_000

/** The writer thread as the service sees it: told where the database is, tells how far it is, started again when it dies. */
export class StoreWriter {
  #order: WriterOrder
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #stopping = false
  readonly #progress = new BehaviorSubject<WriterProgress>({
    state: 'ok',
    stored: 0,
    base: 0,
    rows: 0,
    batches: 0,
    error: '',
  })

  /** The thread starts when there is an endpoint. */
  constructor(order: WriterOrder) {
    this.#order = order
    if (order.endpoint !== undefined) this.#start()
  }

  get progress(): WriterProgress {
    return this.#progress.value
  }

  get progress$(): Observable<WriterProgress> {
    return this.#progress.asObservable()
  }

  connect(endpoint: Endpoint | undefined): void {
    this.#order = { ...this.#order, endpoint }
    if (endpoint !== undefined && this.#worker === undefined && this.#timer === undefined) this.#start()
    this.#tell({ type: 'endpoint', endpoint })
  }

  setDevices(devices: DeviceColumns): void {
    this.#order = { ...this.#order, devices }
    this.#tell({ type: 'devices', devices })
  }

  /** Ends at the next border; a batch that is under way is inserted again by the next start. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const worker = this.#worker
    if (worker === undefined) return
    const gone = new Promise((resolve) => worker.once('exit', resolve))
    this.#tell({ type: 'stop' })
    const force = setTimeout(() => void worker.terminate(), STOP_WITHIN_MS)
    await gone
    clearTimeout(force)
  }

  #tell(message: ToWriter): void {
    this.#worker?.postMessage(message)
  }

  #start(): void {
    if (this.#stopping) return
    this.#timer = undefined
    const worker = new Worker(entryPath(import.meta.url, './writer-main.js'), { workerData: this.#order, execArgv: [] })
    this.#worker = worker
    worker.on('message', (message: FromWriter) => this.#progress.next(message.progress))
    worker.on('error', (error) => this.#progress.next({ ...this.progress, state: 'down', error: String(error) }))
    worker.on('exit', () => {
      this.#worker = undefined
      if (!this.#stopping) this.#timer = setTimeout(() => this.#start(), RESTART_PAUSE_MS)
    })
  }
}
