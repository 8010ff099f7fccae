import dgram from 'node:dgram'
import {
  COAP_CODE,
  COAP_TYPE,
  CONTENT_FORMAT,
  type DeviceLookup,
  decodeReport,
  decodeValveReply,
  deviceKey,
  encodeAnswer,
  encodeMessage,
  encodeReply,
  encodeValveRequest,
  parseMessage,
  pathOptions,
  type QueuedCommand,
  uintOption,
  type ValveOperation,
  type ValveReply,
  type VendorProfile,
} from '@gastwin/server/protocol'
import type { ConcentratorOrder, Report } from '@gastwin/twin'

/** A small CoAP server made of the real codecs: takes reports, answers with the clock, and remembers what came. */
export class CoapResponder {
  readonly reports: Report[] = []
  /** Content-Formats heard. */
  readonly formats = new Set<number>()
  readonly sizes = { plain: 0, sealed: 0 }
  malformed = 0
  turnedAway = 0
  repeats = 0
  /** Answers nothing while true. */
  mute = false
  /** Tells everybody to come again after so many seconds, where it is above 0. */
  laterS = 0
  readonly queued = new Map<number, QueuedCommand>()
  /** What a concentrator is told on its message. */
  orders: (report: Report) => readonly ConcentratorOrder[] = () => []
  readonly #socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
  readonly #lookup: DeviceLookup
  readonly #now: () => number
  readonly #answers = new Map<string, Uint8Array>()
  readonly #replies = new Map<number, (reply: ValveReply) => void>()
  #id = 1

  /** @param profileOf as in the service's archive */
  constructor(masterKey: Uint8Array, now: () => number, profileOf: (device: number) => VendorProfile | undefined) {
    this.#now = now
    this.#lookup = { keyOf: (device) => deviceKey(masterKey, device), statusProfileOf: () => 'standard', profileOf }
    this.#socket.on('message', (bytes, from) => this.#receive(bytes, from))
  }

  async open(): Promise<number> {
    await new Promise<void>((done) => this.#socket.bind(0, '127.0.0.1', () => done()))
    return this.#socket.address().port
  }

  async close(): Promise<void> {
    await new Promise<void>((done) => this.#socket.close(() => done()))
  }

  /** Sends a valve request and waits for the reply. */
  command(port: number, operation: ValveOperation, device: number, commandId: number): Promise<ValveReply> {
    const messageId = this.#id++
    const payload = encodeValveRequest({ operation, device, commandId })
    const options = [...pathOptions('v'), uintOption(12, CONTENT_FORMAT.CBOR)]
    const bytes = encodeMessage({ type: COAP_TYPE.CON, code: COAP_CODE.POST, messageId, options, payload })
    return new Promise((resolve) => {
      this.#replies.set(messageId, resolve)
      this.#socket.send(bytes, port, '127.0.0.1')
    })
  }

  /** Says orders to a concentrator that listens. */
  order(port: number, orders: readonly ConcentratorOrder[]): void {
    const options = [...pathOptions('o'), uintOption(12, CONTENT_FORMAT.CBOR)]
    const payload = encodeAnswer(CONTENT_FORMAT.CBOR, { device: -1, now: this.#now(), orders }, this.#lookup)
    const messageId = this.#id++
    this.#socket.send(
      encodeMessage({ type: COAP_TYPE.CON, code: COAP_CODE.POST, messageId, options, payload }),
      port,
      '127.0.0.1',
    )
  }

  #receive(bytes: Buffer, from: dgram.RemoteInfo): void {
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') {
      this.malformed += 1
      return
    }
    if (message.type === COAP_TYPE.ACK) {
      const reply = decodeValveReply(message.payload)
      if (!('kind' in reply)) this.#replies.get(message.messageId)?.(reply)
      return
    }
    if (this.mute) return
    const key = `${from.port}/${message.messageId}`
    const known = this.#answers.get(key)
    if (known !== undefined) this.repeats += 1
    const answer = known ?? this.#take(bytes, from)
    if (answer === undefined) return
    this.#answers.set(key, answer)
    this.#socket.send(answer, from.port, from.address)
  }

  #take(bytes: Buffer, _from: dgram.RemoteInfo): Uint8Array | undefined {
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') return undefined
    if (this.laterS > 0) {
      this.turnedAway += 1
      return encodeReply(message, COAP_CODE.SERVICE_UNAVAILABLE, { maxAge: this.laterS }, 1)
    }
    const format = message.contentFormat
    const report = decodeReport(format, message.payload, this.#lookup)
    if ('readings' in report) {
      const kind = format === CONTENT_FORMAT.CJT188_SM4 ? 'sealed' : 'plain'
      this.sizes[kind] = Math.max(this.sizes[kind], bytes.length)
      this.reports.push(report)
      this.formats.add(format)
      const command = this.queued.get(report.device)
      this.queued.delete(report.device)
      const answer = {
        device: report.device,
        now: this.#now(),
        ...(command === undefined ? {} : { command }),
        ...(report.kind === 'concentrator' ? { orders: this.orders(report) } : {}),
      }
      const payload = encodeAnswer(format, answer, this.#lookup)
      return encodeReply(message, COAP_CODE.CHANGED, { contentFormat: format, payload }, 1)
    }
    this.malformed += 1
    return undefined
  }
}
