import type { HandshakeFragment, HandshakeMessage } from './handshake-message.ts'

/** Longest message that a client with a pre-shared key has to send, bytes: an identity of 128 bytes with room to spare. */
const LONGEST_MESSAGE = 512
/** Messages ahead of the one that is due which are kept: client key exchange and Finished are all there are. */
const MOST_AHEAD = 2

interface Gathering {
  readonly type: number
  readonly body: Buffer
  /** One byte a byte of the body: 1 where it came. */
  readonly came: Uint8Array
  missing: number
}

/**
 * Puts the messages of a handshake together from fragments in any order, overlapping or repeated, and hands them out in their order.
 * Memory is bounded by the longest message; what does not fit to what came before is dropped.
 */
export class Reassembly {
  #next: number
  readonly #gathering = new Map<number, Gathering>()

  /** @param first ordinal of the first message to come */
  constructor(first: number) {
    this.#next = first
  }

  /** Ordinal of the message that is due. */
  get next(): number {
    return this.#next
  }

  /** Takes a fragment. @returns messages that are complete and in turn */
  take({ type, ordinal, length, offset, part }: HandshakeFragment): readonly HandshakeMessage[] {
    if (ordinal < this.#next || ordinal >= this.#next + MOST_AHEAD || length > LONGEST_MESSAGE) return []
    let one = this.#gathering.get(ordinal)
    if (one === undefined) {
      one = { type, body: Buffer.alloc(length), came: new Uint8Array(length), missing: length }
      this.#gathering.set(ordinal, one)
    }
    if (one.type !== type || one.body.length !== length) return []
    for (let i = 0; i < part.length; i++) {
      // The first bytes to come stay: a later fragment cannot rewrite a message.
      if (one.came[offset + i] === 1) continue
      one.came[offset + i] = 1
      one.body[offset + i] = part[i] ?? 0
      one.missing--
    }
    return this.#inTurn()
  }

  #inTurn(): readonly HandshakeMessage[] {
    const ready: HandshakeMessage[] = []
    for (;;) {
      const one = this.#gathering.get(this.#next)
      if (one === undefined || one.missing > 0) return ready
      this.#gathering.delete(this.#next)
      ready.push({ type: one.type, ordinal: this.#next, body: one.body })
      this.#next++
    }
  }
}
