import { entryPath } from '../entry.ts'
import { KeptThread } from '../kept-thread.ts'
import type { ContactBytes, ContactOrder, FromContactWork, ToContactWork } from './contact-work.ts'
import type { ContactRefusal } from './first-contact.ts'

/** Questions that may wait: about two seconds of work. More are turned away at once, so that nobody waits in vain. */
const MOST_WAITING = 128

/** The thread of the signatures as the service sees it: asked, and started again when it dies. */
export class ContactThread {
  readonly #thread: KeptThread<FromContactWork, ToContactWork>
  readonly #waiting = new Map<number, (message: FromContactWork | undefined) => void>()
  #question = 0

  constructor(order: ContactOrder, onFailure: (error: Error) => void) {
    this.#thread = new KeptThread({
      file: entryPath(import.meta.url, './contact-main.js'),
      order: () => order,
      onMessage: (message) => {
        this.#thread.did()
        this.#answer(message.question, message)
      },
      onError: onFailure,
      onExit: () => {
        for (const question of [...this.#waiting.keys()]) this.#answer(question, undefined)
      },
      stopWithinMs: 1_000,
      firstPauseMs: 500,
      longestPauseMs: 30_000,
    })
    this.#thread.start()
  }

  /** Whether it would take a question now. */
  get hasRoom(): boolean {
    return this.#thread.isRunning && this.#waiting.size < MOST_WAITING
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** The platform's proof; undefined when the thread died over it. */
  async prove(contact: ContactBytes): Promise<Uint8Array | undefined> {
    const answer = await this.#ask((question) => ({ type: 'prove', question, contact }))
    return answer?.type === 'proved' ? answer.proof : undefined
  }

  /** Why the device is not who it says, null when it is; undefined when the thread died over it. @param at Unix seconds */
  async check(contact: ContactBytes, proof: Uint8Array, at: number): Promise<ContactRefusal | null | undefined> {
    const answer = await this.#ask((question) => ({ type: 'check', question, contact, proof, at }))
    return answer?.type === 'checked' ? answer.refusal : undefined
  }

  stop(): Promise<void> {
    return this.#thread.stop()
  }

  #ask(message: (question: number) => ToContactWork): Promise<FromContactWork | undefined> {
    const question = this.#question++
    return new Promise((resolve) => {
      this.#waiting.set(question, resolve)
      this.#thread.tell(message(question))
    })
  }

  #answer(question: number, message: FromContactWork | undefined): void {
    const answer = this.#waiting.get(question)
    this.#waiting.delete(question)
    answer?.(message)
  }
}
