import { entryPath } from '../entry.ts'
import { KeptThread } from '../kept-thread.ts'
import type { AnalysisOrder, FromAnalysis, LowestAfter, ToAnalysis } from './analysis-messages.ts'

const ANSWER_WITHIN_MS = 2_000

export interface AnalysisListener {
  readonly onEstimate: (message: Extract<FromAnalysis, { type: 'estimate' }>) => void
  readonly onLeaks: (message: Extract<FromAnalysis, { type: 'leaks' }>) => void
  readonly onFailure: (error: string) => void
}

/** The analysis thread as the service sees it: started again when it dies, because safety and ingest do not need it. */
export class Analysis {
  readonly #thread: KeptThread<FromAnalysis, ToAnalysis>
  readonly #listener: AnalysisListener
  readonly #waiting = new Map<number, (lowest: LowestAfter | null) => void>()
  #question = 0

  constructor(order: AnalysisOrder, listener: AnalysisListener) {
    this.#listener = listener
    this.#thread = new KeptThread({
      file: entryPath(import.meta.url, './analysis-main.js'),
      order: () => order,
      onMessage: (message) => this.#hear(message),
      onError: (error) => listener.onFailure(error.stack ?? String(error)),
      onExit: () => {
        for (const answer of this.#waiting.values()) answer(null)
      },
      stopWithinMs: 3_000,
      firstPauseMs: 1_000,
      longestPauseMs: 60_000,
    })
  }

  /** Once, when the service is ready: reading a large network again would take the processor from a start. */
  start(): void {
    this.#thread.start()
  }

  /** Place nearest to its least pressure when edges are closed besides what is closed; null when nobody can tell in time. */
  lowestAfterClosing(edges: readonly number[]): Promise<LowestAfter | null> {
    if (!this.#thread.isRunning) return Promise.resolve(null)
    const question = this.#question++
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer(null), ANSWER_WITHIN_MS)
      const answer = (lowest: LowestAfter | null) => {
        clearTimeout(timer)
        this.#waiting.delete(question)
        resolve(lowest)
      }
      this.#waiting.set(question, answer)
      this.#thread.tell({ type: 'close', question, edges })
    })
  }

  /** The network has other points than at its start: it begins anew, from the log. */
  renew(): void {
    this.#thread.renew()
  }

  stop(): Promise<void> {
    return this.#thread.stop()
  }

  #hear(message: FromAnalysis): void {
    this.#thread.did()
    if (message.type === 'estimate') this.#listener.onEstimate(message)
    else if (message.type === 'leaks') this.#listener.onLeaks(message)
    else if (message.type === 'unable') {
      this.#thread.giveUp()
      this.#listener.onFailure(`the network cannot be solved: ${message.why}`)
    } else this.#waiting.get(message.question)?.(message.lowest)
  }
}
