import { CONTENT_FORMAT, type OpenedMessage, openMessage, sealMessage } from '@gastwin/server/protocol'

/** What was under a seal. */
export interface Opened {
  readonly contentFormat: number
  readonly payload: Uint8Array
}

/** How far an order's number may lie from a concentrator's clock, which follows the platform's answers, ms. */
export const ORDER_LIFE_MS = 600_000

/** An order that was taken, and how it is answered. */
export interface OrderTaken {
  readonly order: Opened
  /** The answer that proves that it was taken, with what there is to say about it. */
  reply(words: Opened): Opened
}

/**
 * A device's side of one session: it seals what it says, believes no acknowledgement but that of its own message, and no order
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
   * @returns undefined for orders that are forged, old or played back
   */
  order(message: Opened, now: number, lifeMs = ORDER_LIFE_MS): OrderTaken | undefined {
    const order = this.#open(message)
    if (order === undefined) return undefined
    const { counter } = order
    if (counter <= this.#newestOrder || Math.abs(counter - now) > lifeMs) return undefined
    this.#newestOrder = counter
    return { order, reply: (words) => this.#taken(counter, words) }
  }

  /** Of an order of the platform that is too old: proves which was the newest. undefined for what anybody else may have sent. */
  refusal(message: Opened): { readonly refusal: Opened } | undefined {
    if (this.#open(message) === undefined) return undefined
    return { refusal: this.#taken(this.#newestOrder, { contentFormat: -1, payload: new Uint8Array(0) }) }
  }

  #open({ contentFormat, payload }: Opened): OpenedMessage | undefined {
    const order = contentFormat === CONTENT_FORMAT.SEALED ? openMessage(this.#key, payload) : undefined
    return order?.kind === 'order' && order.device === this.#device ? order : undefined
  }

  #taken(counter: number, { contentFormat, payload }: Opened): Opened {
    const header = { kind: 'taken', device: this.#device, counter, contentFormat } as const
    return { contentFormat: CONTENT_FORMAT.SEALED, payload: sealMessage(this.#key, header, payload) }
  }
}
