import dgram from 'node:dgram'
import { once } from 'node:events'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  encodeMessage,
  parseMessage,
  pathOptions,
  uintOption,
} from '../protocol/index.ts'

const WINDOW = 64
const RESEND_MS = 2_000
const MOST_SENDS = 5

interface Waiting {
  readonly bytes: Uint8Array
  sends: number
  timer: NodeJS.Timeout
}

/** Sends confirmable reports from one socket, many in flight, each repeated until it is answered (RFC 7252 §4.2, fixed pauses). */
export class DeviceSender {
  readonly #socket: dgram.Socket
  readonly #waiting = new Map<number, Waiting>()
  #messageId = 0
  #free: (() => void) | undefined
  answered = 0
  refused = 0

  private constructor(socket: dgram.Socket) {
    this.#socket = socket
    socket.on('message', (bytes) => this.#receive(bytes))
    socket.on('error', () => {})
  }

  static async open(host: string, port: number): Promise<DeviceSender> {
    const socket = dgram.createSocket('udp4')
    socket.connect(port, host)
    await once(socket, 'connect')
    return new DeviceSender(socket)
  }

  /** Resolves when the report is on its way; waits while 64 are unanswered. */
  async send(payload: Uint8Array, contentFormat: number): Promise<void> {
    while (this.#waiting.size >= WINDOW) {
      await new Promise<void>((resolve) => {
        this.#free = resolve
      })
    }
    this.#messageId = (this.#messageId + 1) & 0xffff
    const messageId = this.#messageId
    const bytes = reportMessage(messageId, payload, contentFormat)
    this.#waiting.set(messageId, { bytes, sends: 1, timer: setTimeout(() => this.#resend(messageId), RESEND_MS) })
    this.#socket.send(bytes)
  }

  pause(ms: number): Promise<void> {
    return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms))
  }

  /** Waits for the answers that are still due. */
  async close(): Promise<void> {
    while (this.#waiting.size > 0) {
      await new Promise<void>((resolve) => {
        this.#free = resolve
      })
    }
    this.#socket.close()
  }

  #receive(bytes: Uint8Array): void {
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') return
    const waiting = this.#waiting.get(message.messageId)
    if (waiting === undefined) return
    this.#end(message.messageId, waiting)
    if (message.code >> 5 === 2) this.answered++
    else this.refused++
  }

  #resend(messageId: number): void {
    const waiting = this.#waiting.get(messageId)
    if (waiting === undefined) return
    if (waiting.sends >= MOST_SENDS) {
      this.#end(messageId, waiting)
      return
    }
    waiting.sends++
    waiting.timer = setTimeout(() => this.#resend(messageId), RESEND_MS)
    this.#socket.send(waiting.bytes)
  }

  #end(messageId: number, waiting: Waiting): void {
    clearTimeout(waiting.timer)
    this.#waiting.delete(messageId)
    this.#free?.()
  }
}

function reportMessage(messageId: number, payload: Uint8Array, contentFormat: number): Uint8Array {
  return encodeMessage({
    type: COAP_TYPE.CON,
    code: COAP_CODE.POST,
    messageId,
    token: Uint8Array.of(messageId >> 8, messageId & 0xff),
    options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, contentFormat)],
    payload,
  })
}
