import { Worker } from 'node:worker_threads'
import { entryPath } from '../entry.ts'
import type { AnalysisOrder, FromAnalysis, LowestAfter, ToAnalysis } from './analysis-messages.ts'

const STOP_WITHIN_MS = 3_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
const ANSWER_WITHIN_MS = 2_000

export interface AnalysisListener {
  readonly onEstimate: (message: Extract<FromAnalysis, { type: 'estimate' }>) => void
  readonly onLeaks: (message: Extract<FromAnalysis, { type: 'leaks' }>) => void
  readonly onFailure: (error: string) => void
}

/** The analysis thread as the service sees it: started again when it dies, because safety and ingest do not need it. */
export class Analysis {
  readonly #order: AnalysisOrder
  readonly #listener: AnalysisListener
  readonly #waiting = new Map<number, (lowest: LowestAfter | null) => void>()
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #stopping = false
  #question = 0
  #pause = FIRST_PAUSE_MS

  constructor(order: AnalysisOrder, listener: AnalysisListener) {
    this.#order = order
    this.#listener = listener
  }

  /** Once, when the service is ready: reading a large network again would take the processor from a start. */
  start(): void {
    this.#start()
  }

  /** Place nearest to its least pressure when edges are closed besides what is closed; null when nobody can tell in time. */
  lowestAfterClosing(edges: readonly number[]): Promise<LowestAfter | null> {
    if (this.#worker === undefined) return Promise.resolve(null)
    const question = this.#question++
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer(null), ANSWER_WITHIN_MS)
      const answer = (lowest: LowestAfter | null) => {
        clearTimeout(timer)
        this.#waiting.delete(question)
        resolve(lowest)
      }
      this.#waiting.set(question, answer)
      this.#tell({ type: 'close', question, edges })
    })
  }

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

  #tell(message: ToAnalysis): void {
    this.#worker?.postMessage(message)
  }

  #start(): void {
    if (this.#stopping) return
    const worker = new Worker(entryPath(import.meta.url, './analysis-main.js'), {
      workerData: this.#order,
      execArgv: [],
    })
    this.#worker = worker
    worker.on('message', (message: FromAnalysis) => {
      this.#pause = FIRST_PAUSE_MS
      if (message.type === 'estimate') this.#listener.onEstimate(message)
      else if (message.type === 'leaks') this.#listener.onLeaks(message)
      else if (message.type === 'unable') {
        this.#stopping = true
        this.#listener.onFailure(`the network cannot be solved: ${message.why}`)
      } else this.#waiting.get(message.question)?.(message.lowest)
    })
    worker.on('error', (error) => this.#listener.onFailure(error.stack ?? String(error)))
    worker.on('exit', () => {
      this.#worker = undefined
      for (const answer of this.#waiting.values()) answer(null)
      if (this.#stopping) return
      this.#timer = setTimeout(() => this.#start(), this.#pause)
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS)
    })
  }
}
