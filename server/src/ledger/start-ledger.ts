import { entryPath } from '../entry.ts'
import { KeptThread } from '../kept-thread.ts'
import type { FromLedger, LedgerOrder, ToLedger } from './ledger-messages.ts'

/** The ledger's thread as the service sees it: started again, ever more slowly, when it dies. */
export class LedgerThread {
  readonly #thread: KeptThread<FromLedger, ToLedger>

  constructor(order: LedgerOrder, onMessage: (message: FromLedger) => void) {
    this.#thread = new KeptThread({
      file: entryPath(import.meta.url, './ledger-main.js'),
      order: () => order,
      onMessage: (message) => {
        if (message.type === 'stated') this.#thread.did()
        onMessage(message)
      },
      onError: (error) =>
        onMessage({ type: 'failed', why: `the ledger's thread ended and is started again: ${error.message}` }),
      // A statement under way is not worth waiting for: the readings stand in the log.
      stopWithinMs: 3_000,
      firstPauseMs: 5_000,
      longestPauseMs: 600_000,
    })
  }

  /** Once, when the service is ready. */
  start(): void {
    this.#thread.start()
  }

  /** The network has other points than at its start: it begins anew, from the log. */
  renew(): void {
    this.#thread.renew()
  }

  stop(): Promise<void> {
    return this.#thread.stop()
  }
}
