import { CONTENT_FORMAT, openMessage, sealMessage } from '@gastwin/server/protocol'

/** What was under a seal. */
export interface Opened {
  readonly contentFormat: number
  readonly payload: Uint8Array
}

/** How far an order's number may lie from the concentrator's clock, which follows the platform's answers, ms. */
export const ORDER_LIFE_MS = 600_000

/**
 * A concentrator's side of one session: it seals what it says, believes no acknowledgement but that of its own message, and no order
 * that is not newer than all before it.
 */
export class SealedUplink {
  readonly #device: number
  readonly #key: Uint8Array
  #counter = 0
  #newestOrder = 0

  /** @param key of the session, 16 bytes */
  constructor(device: number, key: Uint8Array) {
    this.#device = device
    this.#key = key
  }

  /** A message under its own counter. */
  seal({ contentFormat, payload }: Opened): { readonly counter: number; readonly payload: Uint8Array } {
    this.#counter += 1
    const header = { kind: 'message', device: this.#device, counter: this.#counter, contentFormat } as const
    return { counter: this.#counter, payload: sealMessage(this.#key, header, payload) }
  }

  /** The platform's answer to the message with this counter; undefined for what anybody else may have sent. */
  answer(counter: number, { contentFormat, payload }: Opened): Opened | undefined {
    const opened = contentFormat === CONTENT_FORMAT.SEALED ? openMessage(this.#key, payload) : undefined
    const isOurs = opened?.kind === 'answer' && opened.device === this.#device && opened.counter === counter
    return isOurs ? opened : undefined
  }

  /**
   * An order that came to its port.
   * @param now its clock, Unix ms
   * @returns what is ordered and the reply that says so; undefined for orders that are forged, old or played back
   */
  order(
    { contentFormat, payload }: Opened,
    now: number,
    lifeMs = ORDER_LIFE_MS,
  ): { readonly order: Opened; readonly reply: Opened } | undefined {
    const order = contentFormat === CONTENT_FORMAT.SEALED ? openMessage(this.#key, payload) : undefined
    if (order?.kind !== 'order' || order.device !== this.#device) return undefined
    const { counter } = order
    if (counter <= this.#newestOrder || Math.abs(counter - now) > lifeMs) return undefined
    this.#newestOrder = counter
    const header = { kind: 'taken', device: this.#device, counter, contentFormat: -1 } as const
    const reply = sealMessage(this.#key, header, new Uint8Array(0))
    return { order, reply: { contentFormat: CONTENT_FORMAT.SEALED, payload: reply } }
  }
}
