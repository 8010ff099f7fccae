import { randomInt } from 'node:crypto'
import dgram from 'node:dgram'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  type CoapMessage,
  encodeEmptyAck,
  encodeMessage,
  type MessageToSend,
  parseMessage,
  pathOptions,
  readOptions,
  textOption,
  uintOption,
} from '@gastwin/server/protocol'
import type { SeededRandom } from '../../seeded-random.ts'
import { EventHeap } from '../event-heap.ts'
import { type SecureIdentity, SecureUplink } from './secure-uplink.ts'

/** What became of a confirmable request. */
export type Outcome =
  | {
      readonly kind: 'answered'
      readonly code: number
      readonly contentFormat: number
      readonly payload: Uint8Array
      readonly maxAgeS: number
      /** Raw Block2 value, −1 when the answer is no block; the tag of the body it is of, in hexadecimal. */
      readonly block2: number
      readonly etag: string
      /** How often the request was sent before the answer came. */
      readonly transmissions: number
    }
  | { readonly kind: 'silent' }

/** A report, or another message that a device posts. */
interface Posted {
  readonly path: 'r' | 'reg'
  readonly contentFormat: number
  readonly payload: Uint8Array
  readonly query?: readonly string[]
}

/** A block of something that a device fetches. */
interface Fetched {
  readonly path: string
  readonly query: readonly string[]
  /** Raw option value: number, and size wanted. */
  readonly block2: number
}

export type Outgoing = (Posted | Fetched) & {
  /** Number that `open` or `adopt` gave. */
  readonly socket: number
  /** ms of the wall to wait after each transmission; their number is the number of transmissions. */
  readonly waits: readonly number[]
  /** The device is out of reach: it transmits, nobody hears. */
  readonly unheard?: boolean
  readonly done: (outcome: Outcome) => void
}

export interface PoolOptions {
  readonly host: string
  readonly port: number
  /** Probability that a datagram is lost, each way, and that one is sent twice. */
  readonly loss: number
  readonly repeat: number
  readonly random: SeededRandom
  /** Requests under way at most; others wait their turn. */
  readonly window: number
  /** Datagrams sent per tick at most. */
  readonly perTick: number
}

type Exchange = Outgoing & {
  readonly key: number
  readonly bytes: Uint8Array
  sent: number
}

/** CoAP clients of many devices on a few UDP sockets; a device keeps its socket. Retransmission runs on the wall clock. */
export class CoapClientPool {
  readonly counters = { sent: 0, repeated: 0, acked: 0, silent: 0, refused: 0, overload: 0, lost: 0, errors: 0 }
  readonly #options: PoolOptions
  readonly #sockets: dgram.Socket[] = []
  readonly #connected: boolean[] = []
  readonly #messageIds: number[] = []
  readonly #secure = new Map<number, SecureUplink>()
  readonly #open = new Map<number, Exchange>()
  readonly #queue: Outgoing[] = []
  #queueHead = 0
  readonly #timers = new EventHeap()
  #now = 0

  constructor(options: PoolOptions) {
    this.#options = options
  }

  get underWay(): number {
    return this.#open.size
  }
  get waiting(): number {
    return this.#queue.length - this.#queueHead
  }

  /** Opens sockets for devices that only speak. */
  async open(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.openOne()
  }

  /** One more. @param to another address than the pool's @returns its number; rejects when there is no way to it */
  async openOne(to: Pick<PoolOptions, 'host' | 'port'> = this.#options): Promise<number> {
    const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.connect(to.port, to.host, () => {
        socket.off('error', reject)
        resolve()
      })
    })
    const number = this.#add(socket, true)
    socket.on('message', (bytes) => this.#hear(number, bytes))
    return number
  }

  /** One for a device that speaks DTLS. @returns its number; rejects when there is no way to it */
  async openSecure(to: Pick<PoolOptions, 'host' | 'port'>, identity: SecureIdentity): Promise<number> {
    const number = await this.openOne(to)
    const socket = this.#sockets[number]
    this.#secure.set(number, new SecureUplink(identity, (datagram) => socket?.send(datagram, this.#failed)))
    return number
  }

  /** Devices that have a DTLS association. */
  get associations(): number {
    return [...this.#secure.values()].filter(({ established }) => established).length
  }

  /** Port from which a socket speaks. */
  portOf(number: number): number {
    return this.#sockets[number]?.address().port ?? 0
  }

  /** Takes in a bound socket that its owner listens to; answers must be handed to `receive`. */
  adopt(socket: dgram.Socket): number {
    return this.#add(socket, false)
  }

  #add(socket: dgram.Socket, connected: boolean): number {
    // While the service is away the system reports refusals; waiting and repeating is what devices do about it.
    socket.on('error', () => {
      this.counters.errors += 1
    })
    this.#connected.push(connected)
    this.#messageIds.push(randomInt(65_536))
    return this.#sockets.push(socket) - 1
  }

  send(out: Outgoing): void {
    this.#queue.push(out)
  }

  /** Sends what may go, repeats what is overdue. @param now wall clock, ms */
  tick(now: number): void {
    this.#now = now
    let sends = 0
    while (this.#timers.next <= now && sends < this.#options.perTick) {
      const exchange = this.#open.get(this.#timers.pop())
      if (exchange === undefined) continue
      if (exchange.sent < exchange.waits.length) {
        this.#transmit(exchange)
        this.counters.repeated += 1
        sends += 1
      } else this.#finish(exchange, { kind: 'silent' })
    }
    while (
      this.#queueHead < this.#queue.length &&
      this.#open.size < this.#options.window &&
      sends < this.#options.perTick
    ) {
      const out = this.#queue[this.#queueHead++]
      if (out === undefined) break
      this.#begin(out)
      sends += 1
    }
    if (this.#queueHead > 4096 && this.#queueHead * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#queueHead)
      this.#queueHead = 0
    }
  }

  #begin(out: Outgoing): void {
    const messageId = ((this.#messageIds[out.socket] ?? 0) + 1) & 0xffff
    this.#messageIds[out.socket] = messageId
    const key = out.socket * 65_536 + messageId
    const token = Uint8Array.of(messageId >> 8, messageId & 0xff)
    const bytes = encodeMessage({ type: COAP_TYPE.CON, messageId, token, ...requestOf(out) })
    const exchange: Exchange = { ...out, key, bytes, sent: 0 }
    this.#open.set(key, exchange)
    this.#transmit(exchange)
  }

  #transmit(exchange: Exchange): void {
    const { loss, repeat, random } = this.#options
    this.#timers.push(this.#now + (exchange.waits[exchange.sent] ?? 2000), exchange.key)
    exchange.sent += 1
    this.counters.sent += 1
    if (exchange.unheard === true || random.chance(loss)) {
      this.counters.lost += 1
      return
    }
    this.#put(exchange.socket, exchange.bytes)
    if (random.chance(repeat)) this.#put(exchange.socket, exchange.bytes)
  }

  #put(number: number, bytes: Uint8Array): void {
    const socket = this.#sockets[number]
    const secure = this.#secure.get(number)
    if (secure !== undefined) secure.put(bytes, this.#now)
    else if (this.#connected[number] === true) socket?.send(bytes, this.#failed)
    else socket?.send(bytes, this.#options.port, this.#options.host, this.#failed)
  }

  readonly #failed = (error: Error | null): void => {
    if (error !== null) this.counters.errors += 1
  }

  #hear(number: number, bytes: Uint8Array): void {
    const secure = this.#secure.get(number)
    for (const message of secure === undefined ? [bytes] : secure.receive(bytes)) this.receive(number, message)
  }

  /** A datagram from the service on one of the sockets. */
  receive(socket: number, bytes: Uint8Array): void {
    if (this.#options.random.chance(this.#options.loss)) {
      this.counters.lost += 1
      return
    }
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') return
    const separate = message.type === COAP_TYPE.CON || message.type === COAP_TYPE.NON
    if (message.type === COAP_TYPE.CON) this.#put(socket, encodeEmptyAck(message.messageId))
    const id = separate ? ((message.token[0] ?? 0) << 8) | (message.token[1] ?? 0) : message.messageId
    const exchange = this.#open.get(socket * 65_536 + id)
    if (exchange === undefined || (message.type === COAP_TYPE.ACK && message.code === COAP_CODE.EMPTY)) return
    this.#finish(exchange, outcomeOf(message, exchange.sent))
  }

  #finish(exchange: Exchange, outcome: Outcome): void {
    this.#open.delete(exchange.key)
    if (outcome.kind === 'silent') this.counters.silent += 1
    else if (outcome.code >> 5 === 2) this.counters.acked += 1
    else if (outcome.code === COAP_CODE.SERVICE_UNAVAILABLE) this.counters.overload += 1
    else this.counters.refused += 1
    exchange.done(outcome)
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#sockets.map((s, i) =>
        this.#connected[i] === true ? new Promise<void>((done) => s.close(() => done())) : undefined,
      ),
    )
  }
}

function requestOf(out: Outgoing): Pick<MessageToSend, 'code' | 'options' | 'payload'> {
  const path = pathOptions(out.path)
  const query = (out.query ?? []).map((text) => textOption(COAP_OPTION.URI_QUERY, text))
  if ('payload' in out)
    return {
      code: COAP_CODE.POST,
      options: [...path, uintOption(COAP_OPTION.CONTENT_FORMAT, out.contentFormat), ...query],
      payload: out.payload,
    }
  return { code: COAP_CODE.GET, options: [...path, ...query, uintOption(COAP_OPTION.BLOCK2, out.block2)] }
}

function outcomeOf(message: CoapMessage, transmissions: number): Outcome {
  if (message.type === COAP_TYPE.RST) return { kind: 'silent' }
  return {
    kind: 'answered',
    code: message.code,
    contentFormat: message.contentFormat,
    payload: message.payload,
    block2: message.block2,
    etag: message.block2 < 0 ? '' : tagOf(message),
    maxAgeS: message.maxAge < 0 ? 60 : message.maxAge,
    transmissions,
  }
}

const tagOf = (message: CoapMessage): string =>
  Buffer.from(readOptions(message).find(({ number }) => number === COAP_OPTION.ETAG)?.value ?? []).toString('hex')
