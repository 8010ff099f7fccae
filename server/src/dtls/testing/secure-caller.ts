import dgram from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  type CoapMessage,
  encodeMessage,
  parseMessage,
  pathOptions,
  uintOption,
} from '../../protocol/index.ts'
import { PskClient, type PskClientOptions } from '../psk-client.ts'

const AGAIN_MS = 300
const MOST_TRIES = 60

/** A post as a device makes it. */
export const reportRequest = (messageId: number, contentFormat: number, payload: Uint8Array): Uint8Array =>
  encodeMessage({
    ...{ type: COAP_TYPE.CON, code: COAP_CODE.POST, messageId, token: Uint8Array.of(messageId & 0xff) },
    options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, contentFormat)],
    payload,
  })

/** A device that speaks CoAP over DTLS from a socket of its own, with the client of these tests. */
export class SecureCaller {
  readonly #port: number
  readonly #client: PskClient
  #socket: dgram.Socket | undefined
  #messageId = Math.floor(Math.random() * 60_000)

  private constructor(port: number, options: PskClientOptions) {
    this.#port = port
    this.#client = new PskClient(options)
  }

  /** @returns a caller with an association; undefined when none came about within `withinMs` */
  static async open(port: number, options: PskClientOptions, withinMs = 3_000): Promise<SecureCaller | undefined> {
    const caller = new SecureCaller(port, options)
    await caller.roam()
    const { established } = await caller.#say(caller.#client.hello(), () => caller.#client.established, withinMs)
    if (established) return caller
    caller.close()
    return undefined
  }

  get client(): PskClient {
    return this.#client
  }

  get port(): number {
    const address = this.#socket?.address() as AddressInfo | undefined
    return address?.port ?? 0
  }

  /** Goes on from another port, as behind a translator that forgot it. */
  async roam(): Promise<void> {
    this.close()
    const socket = dgram.createSocket('udp4')
    socket.on('message', (bytes) => {
      for (const answer of this.#client.hear(bytes)) socket.send(answer, this.#port, '127.0.0.1')
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    this.#socket = socket
  }

  /** A report and its answer; again while there is none, and after a 5.03. */
  async report(contentFormat: number, payload: Uint8Array): Promise<CoapMessage> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const messageId = ++this.#messageId & 0xffff
      const request = reportRequest(messageId, contentFormat, payload)
      let answer: CoapMessage | undefined
      const isThere = (): boolean => {
        for (const content of this.#client.contents.splice(0)) {
          const message = parseMessage(content)
          if (message.kind !== 'malformed' && message.messageId === messageId) answer = message
        }
        return answer !== undefined
      }
      for (let sent = 0; sent < 10 && answer === undefined; sent++)
        await this.#say([this.#client.say(request)], isThere, AGAIN_MS)
      if (answer !== undefined && answer.code !== COAP_CODE.SERVICE_UNAVAILABLE) return answer
      if (answer === undefined) break
      await pause(100)
    }
    throw new Error('no answer')
  }

  /** Sends a message once and waits for the next content. */
  async exchange(message: Uint8Array): Promise<void> {
    const before = this.#client.contents.length
    this.#socket?.send(this.#client.say(message), this.#port, '127.0.0.1')
    const socket = this.#socket
    if (socket === undefined) throw new Error('closed')
    while (this.#client.contents.length === before)
      await once(socket, 'message', { signal: AbortSignal.timeout(2_000) })
  }

  close(): void {
    this.#socket?.close()
    this.#socket = undefined
  }

  async #say(
    datagrams: readonly Buffer[],
    isDone: () => boolean,
    withinMs: number,
  ): Promise<{ readonly established: boolean }> {
    for (const bytes of datagrams) this.#socket?.send(bytes, this.#port, '127.0.0.1')
    for (let waited = 0; waited < withinMs && !isDone(); waited += 5) await pause(5)
    return { established: isDone() }
  }
}
