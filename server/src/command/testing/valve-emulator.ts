import { createSocket, type Socket } from 'node:dgram'
import {
  COAP_CODE,
  type CoapMessage,
  decodeValveRequest,
  encodeEmptyAck,
  encodeMessage,
  encodeReply,
  encodeReset,
  encodeValveReply,
  parseMessage,
  type ValveOperation,
} from '../../protocol/index.ts'

/** How an emulated actuator misbehaves. */
export interface Manners {
  /** Waits before it answers, ms. */
  readonly delayMs?: number
  /** First acknowledges with an empty ACK, then answers with a message of its own. */
  readonly separate?: boolean
  /** Datagrams that get lost on the way, counted from the first. */
  readonly lose?: number
  /** Never answers this operation. */
  readonly silentOn?: ValveOperation
  /** Says this number instead of its own. */
  readonly claims?: number
  readonly refuses?: ValveOperation
  readonly answers?: 'reset' | 'garbage' | 'error' | 'rubbish payload' | 'another command'
}

/** A valve actuator on a real UDP socket of 127.0.0.1, as docs/CBOR-PROFILE.md §6 describes it. */
export class ValveEmulator {
  readonly heard: { readonly operation: ValveOperation; readonly at: number; readonly contentFormat: number }[] = []
  readonly messageIds = new Set<number>()
  port = 0
  readonly #socket: Socket
  readonly #device: number
  readonly #manners: Manners
  #datagrams = 0
  #selected = -1

  private constructor(device: number, manners: Manners) {
    this.#device = device
    this.#manners = manners
    this.#socket = createSocket('udp4')
    this.#socket.on('message', (datagram, { port, address }) => {
      this.#hear(datagram, (answer) => this.#socket.send(answer, port, address))
    })
  }

  static async start(device: number, manners: Manners = {}): Promise<ValveEmulator> {
    const valve = new ValveEmulator(device, manners)
    await new Promise<void>((resolve) => valve.#socket.bind(0, '127.0.0.1', resolve))
    valve.port = valve.#socket.address().port
    return valve
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.close(resolve)
    })
  }

  #hear(datagram: Uint8Array, send: (answer: Uint8Array) => void): void {
    const message = parseMessage(datagram)
    if (message.kind === 'malformed' || message.code !== COAP_CODE.POST || message.path !== 'v') return
    const request = decodeValveRequest(message.payload)
    if ('kind' in request) return
    this.messageIds.add(message.messageId)
    this.heard.push({ operation: request.operation, at: performance.now(), contentFormat: message.contentFormat })
    const { lose = 0, silentOn, delayMs = 0, separate = false } = this.#manners
    if (this.#datagrams++ < lose || silentOn === request.operation) return
    if (separate) send(encodeEmptyAck(message.messageId))
    const answer = this.#answer(message, request)
    if (delayMs === 0) send(answer)
    else setTimeout(() => send(answer), delayMs)
  }

  #answer(message: CoapMessage, request: { operation: ValveOperation; commandId: number }): Uint8Array {
    const { operation, commandId } = request
    const { answers, claims, refuses, separate } = this.#manners
    if (answers === 'reset') return encodeReset(message.messageId)
    if (answers === 'garbage') return Uint8Array.of(0x6f, 0xff, 0xff)
    if (answers === 'error') return encodeReply(message, COAP_CODE.INTERNAL_SERVER_ERROR, {}, 0)
    const accepted = refuses !== operation && (operation === 'select' || this.#selected === commandId)
    if (accepted && operation === 'select') this.#selected = commandId
    const position = operation === 'close' && accepted ? 'moving' : 'open'
    const id = answers === 'another command' ? commandId + 1 : commandId
    const reply = encodeValveReply({ operation, device: claims ?? this.#device, commandId: id, accepted, position })
    const payload = answers === 'rubbish payload' ? Uint8Array.of(0xff) : reply
    return separate
      ? encodeMessage({ type: 1, code: COAP_CODE.CHANGED, messageId: 4711, token: message.token, payload })
      : encodeReply(message, COAP_CODE.CHANGED, { contentFormat: 60, payload }, 0)
  }
}
