import { BehaviorSubject, type Observable } from 'rxjs'
import { entryPath } from '../../entry.ts'
import { KeptThread } from '../../kept-thread.ts'
import type { Endpoint } from '../engine/supervise-engine.ts'
import type { DeviceColumns } from './device-directory.ts'
import type { WriterProgress } from './write-log.ts'
import type { FromWriter, ToWriter, WriterOrder } from './writer-messages.ts'

/** The writer thread as the service sees it: told where the database is, tells how far it is, started again when it dies. */
export class StoreWriter {
  #order: WriterOrder
  readonly #thread: KeptThread<FromWriter, ToWriter>
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
    this.#thread = new KeptThread({
      file: entryPath(import.meta.url, './writer-main.js'),
      order: () => this.#order,
      onMessage: (message) => this.#progress.next(message.progress),
      onError: (error) => this.#progress.next({ ...this.progress, state: 'down', error: String(error) }),
      stopWithinMs: 10_000,
      firstPauseMs: 1_000,
      longestPauseMs: 1_000,
    })
    if (order.endpoint !== undefined) this.#thread.start()
  }

  get progress(): WriterProgress {
    return this.#progress.value
  }

  get progress$(): Observable<WriterProgress> {
    return this.#progress.asObservable()
  }

  connect(endpoint: Endpoint | undefined): void {
    this.#order = { ...this.#order, endpoint }
    if (endpoint !== undefined && this.#thread.isIdle) this.#thread.start()
    this.#thread.tell({ type: 'endpoint', endpoint })
  }

  setDevices(devices: DeviceColumns): void {
    this.#order = { ...this.#order, devices }
    this.#thread.tell({ type: 'devices', devices })
  }

  /** Ends at the next border; a batch that is under way is inserted again by the next start. */
  stop(): Promise<void> {
    return this.#thread.stop()
  }
}
