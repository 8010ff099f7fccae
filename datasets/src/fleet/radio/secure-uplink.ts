import { PskClient } from '@gastwin/server/protocol'

/** A device's identity and key for DTLS. */
export interface SecureIdentity {
  readonly identity: string
  readonly key: Uint8Array
}

/** After so long a handshake is begun anew, ms of the wall. */
const HANDSHAKE_MS = 2_000
/** Messages in a row without an answer after which a device believes its association lost. */
const MOST_UNANSWERED = 3
const MOST_WAITING = 4

/**
 * CoAP messages of one device over DTLS. It makes an association when it first speaks, and another when nobody answers any more; what
 * is lost on the way is said again by whoever repeats the message.
 */
export class SecureUplink {
  readonly #identity: SecureIdentity
  readonly #send: (datagram: Uint8Array) => void
  #client: PskClient
  #begunAt = Number.NEGATIVE_INFINITY
  #waiting: Uint8Array[] = []
  #unanswered = 0

  constructor(identity: SecureIdentity, send: (datagram: Uint8Array) => void) {
    this.#identity = identity
    this.#send = send
    this.#client = this.#fresh()
  }

  get established(): boolean {
    return this.#client.established
  }

  /** Sends a message. @param now wall clock, ms */
  put(message: Uint8Array, now: number): void {
    if (this.#client.established && this.#unanswered < MOST_UNANSWERED) {
      this.#unanswered++
      this.#send(this.#client.say(message))
      return
    }
    this.#waiting = [...this.#waiting.slice(1 - MOST_WAITING), message]
    if (now - this.#begunAt < HANDSHAKE_MS) return
    this.#begunAt = now
    this.#unanswered = 0
    this.#client = this.#fresh()
    for (const datagram of this.#client.hello()) this.#send(datagram)
  }

  /** Takes a datagram. @returns messages in it */
  receive(datagram: Uint8Array): readonly Uint8Array[] {
    const client = this.#client
    for (const answer of client.hear(Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length)))
      this.#send(answer)
    const messages = client.contents.splice(0)
    if (messages.length > 0) this.#unanswered = 0
    if (!client.established) return messages
    // The platform ended it, as when its keys changed.
    if (client.alerts.length > 0) {
      this.#client = this.#fresh()
      this.#begunAt = Number.NEGATIVE_INFINITY
      return messages
    }
    for (const message of this.#waiting.splice(0)) this.#send(client.say(message))
    return messages
  }

  #fresh(): PskClient {
    return new PskClient({ ...this.#identity, cid: new Uint8Array(0) })
  }
}
