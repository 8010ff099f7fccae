import { setTimeout as pause } from 'node:timers/promises'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  encodeMessage,
  parseMessage,
  pathOptions,
  textOption,
  uintOption,
} from '../../protocol/index.ts'
import { UdpPeer } from './udp-peer.ts'

export interface CallAnswer {
  readonly code: number
  readonly contentFormat: number
  readonly payload: Uint8Array
  /** Raw Block2 value, −1 when the answer is no block. */
  readonly block2: number
}

/** A device's way of calling the service: one confirmable request after the other from one socket, again after a 5.03. */
export class CoapCaller {
  readonly #peer: UdpPeer
  #messageId = Math.floor(Math.random() * 60_000)

  private constructor(peer: UdpPeer) {
    this.#peer = peer
  }

  static async open(port: number): Promise<CoapCaller> {
    return new CoapCaller(await UdpPeer.open(port))
  }

  get port(): number {
    return this.#peer.localPort
  }

  async post(path: 'r' | 'reg', contentFormat: number, payload: Uint8Array): Promise<CallAnswer> {
    for (let tries = 0; ; tries++) {
      const answer = await this.postOnce(path, contentFormat, payload)
      if (answer.code !== COAP_CODE.SERVICE_UNAVAILABLE || tries > 100) return answer
      await pause(100)
    }
  }

  /** Takes a 5.03 for an answer. */
  postOnce(path: 'r' | 'reg', contentFormat: number, payload: Uint8Array): Promise<CallAnswer> {
    const messageId = ++this.#messageId & 0xffff
    const bytes = encodeMessage({
      ...{ type: COAP_TYPE.CON, code: COAP_CODE.POST, messageId, token: Uint8Array.of(messageId & 0xff) },
      options: [...pathOptions(path), uintOption(COAP_OPTION.CONTENT_FORMAT, contentFormat)],
      payload,
    })
    return this.#exchange(bytes, messageId)
  }

  /** Fetches one block. @param block2 raw option value */
  async get(path: string, query: readonly string[], block2: number): Promise<CallAnswer> {
    const options = [
      ...pathOptions(path),
      ...query.map((text) => textOption(COAP_OPTION.URI_QUERY, text)),
      uintOption(COAP_OPTION.BLOCK2, block2),
    ]
    for (let tries = 0; ; tries++) {
      const messageId = ++this.#messageId & 0xffff
      const token = Uint8Array.of(messageId & 0xff)
      const bytes = encodeMessage({ type: COAP_TYPE.CON, code: COAP_CODE.GET, messageId, token, options })
      const answer = await this.#exchange(bytes, messageId)
      if (answer.code !== COAP_CODE.SERVICE_UNAVAILABLE || tries > 100) return answer
      await pause(100)
    }
  }

  /** Said again until it is answered, as a confirmable message is; what comes late of an earlier one is passed over. */
  async #exchange(bytes: Uint8Array, messageId: number): Promise<CallAnswer> {
    for (let sent = 0; sent < 5; sent++) {
      this.#peer.send(bytes)
      for (let heard = await this.#peer.next(); heard !== undefined; heard = await this.#peer.next()) {
        const answer = parseMessage(heard)
        if (answer.kind !== 'malformed' && answer.messageId === messageId) return answer
      }
    }
    throw new Error('no answer came')
  }

  close(): void {
    this.#peer.close()
  }
}
