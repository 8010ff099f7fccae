import { randomBytes } from 'node:crypto'
import type dgram from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { type Observable, Subject } from 'rxjs'
import {
  type AnswerToSend,
  COAP_CODE,
  COAP_TYPE,
  type CoapMessage,
  encodeReply,
  encodeReset,
  parseMessage,
  resetFor,
} from '../protocol/index.ts'
import { type AdmissionLimits, admit, DEFAULT_LIMITS, type Load, type Priority } from './admission.ts'
import type { StaticAnswer } from './block-answer.ts'
import { classifyRequest } from './classify-request.ts'
import { ExchangeTable } from './exchange-table.ts'
import type { InboundRequest } from './inbound-request.ts'
import { type IngestSnapshot, newCounters, REFUSED_COUNTER } from './ingest-counters.ts'
import { type CoapResource, type CoapResources, DEVICE_RESOURCES, findResource } from './resources.ts'
import { isSecure, type Peer, type SecureLink } from './secure-link.ts'
import { type BudgetLimits, SourceBudget } from './source-budget.ts'
import { hashEndpoint, SOURCE_KEY_WORDS, writeAssociationKey, writeSourceKey } from './source-key.ts'
import { bindUdp, type UdpAddress } from './udp-socket.ts'

export interface CoapEndpointOptions extends UdpAddress {
  /** Clock of the service, Unix ms. */
  readonly now: () => number
  /** Clock of the protocol (lifetimes of exchanges, budgets), ms; default `now`. A demo's service clock runs faster than the wall. */
  readonly wall?: () => number
  /** Class of a request, for admission; default `classifyRequest`. */
  readonly classify?: (resource: CoapResource, message: CoapMessage) => Priority
  /** Whether a request that is not urgent is turned away before anything is done for it: its terminal was forced offline. */
  readonly keepAway?: (message: CoapMessage, address: string, port: number) => boolean
  /**
   * Seconds after which the sender of a patient report is to come again, because its radio cell carries what it can; 0 when it may
   * come in.
   */
  readonly returnAfter?: (message: CoapMessage) => number
  /** Answers GETs that only read, such as blocks of firmware; undefined when nothing is there. They are not remembered: each may be asked again. */
  readonly serve?: (message: CoapMessage) => StaticAnswer | undefined
  /** How late the event loop runs, ms; asked once for each turn. */
  readonly loopDelayMs?: () => number
  /** Records that wait for the log beside the requests in work; asked once for each turn. */
  readonly backlog?: () => number
  readonly limits?: AdmissionLimits
  readonly budget?: BudgetLimits
  /** Brings requests of proven peers beside those of the socket. */
  readonly secure?: SecureLink | undefined
  readonly resources?: CoapResources
  /** Exchanges remembered against retransmission; default 2²⁰ (about 52 MB and as much for answers, taken as they fill). */
  readonly exchanges?: number
  readonly exchangeLifetimeMs?: number
  /** Default 4 MiB: about 100 ms of 100 000 datagrams a second. */
  readonly receiveBufferBytes?: number
  /** Told once about things that an operator should change. */
  readonly warn?: (message: string) => void
}

/** The CoAP server for devices: datagrams in, requests out, answers back. */
export interface CoapEndpoint {
  /** The requests of one turn of the event loop travel together, its alarms before them. Completes on close. */
  readonly requests$: Observable<readonly InboundRequest[]>
  readonly port: number
  /** Answers a request, on the acknowledgement of a confirmable one. A second answer to the same request is not sent. */
  answer(request: InboundRequest, code: number, answer?: AnswerToSend): void
  /** Leaves a request unanswered and forgets it, so that its retransmission is a fresh request: the log did not take it. */
  drop(request: InboundRequest): void
  /** A source (`address:port`) that is not trusted has a budget of one datagram a second; the others keep theirs. */
  distrust(from: string, isDistrusted: boolean): void
  /** Datagrams of sources that are not trusted, dropped unread since the last call. */
  takeDropped(): readonly { readonly from: string; readonly dropped: number }[]
  snapshot(): IngestSnapshot
  close(): Promise<void>
}

const ANSWER_BYTES_PER_EXCHANGE = 48
/** Of a source that is not trusted: an urgent alarm may be among what it sends. */
const DISTRUSTED: BudgetLimits = { perSecond: 1, burst: 10 }

/**
 * Opens the endpoint.
 * @throws (rejects) the system's error when the address cannot be bound
 * @source RFC 7252
 */
export async function openCoapEndpoint(options: CoapEndpointOptions): Promise<CoapEndpoint> {
  const wanted = options.receiveBufferBytes ?? 4 * 1024 * 1024
  const { socket, receiveBufferBytes } = await bindUdp(options, wanted)
  if (receiveBufferBytes < wanted) {
    options.warn?.(
      `the system grants a UDP receive buffer of ${receiveBufferBytes} instead of ${wanted} bytes: raise net.core.rmem_max, or datagrams are lost in bursts`,
    )
  }
  return new UdpCoapEndpoint(socket, options)
}

class UdpCoapEndpoint implements CoapEndpoint {
  readonly #socket: dgram.Socket
  readonly #options: CoapEndpointOptions
  readonly #wall: () => number
  readonly #resources: CoapResources
  readonly #limits: AdmissionLimits
  readonly #classify: (resource: CoapResource, message: CoapMessage) => Priority
  readonly #exchanges: ExchangeTable
  readonly #budget: SourceBudget
  readonly #distrustedBudget = new SourceBudget(DISTRUSTED, 4_096)
  /** By hash of the source. */
  readonly #distrusted = new Map<number, { readonly from: string; dropped: number }>()
  readonly #requests = new Subject<readonly InboundRequest[]>()
  readonly #counters = newCounters()
  readonly #key = new Uint32Array(SOURCE_KEY_WORDS)
  readonly #seed: number
  #batch: InboundRequest[] = []
  #alarms: InboundRequest[] = []
  /** The load at the first datagram of the turn. */
  #load: Load | undefined
  #turnScheduled = false
  #messageId: number

  constructor(socket: dgram.Socket, options: CoapEndpointOptions) {
    this.#socket = socket
    this.#options = options
    this.#wall = options.wall ?? options.now
    this.#resources = options.resources ?? DEVICE_RESOURCES
    this.#limits = options.limits ?? DEFAULT_LIMITS
    this.#classify = options.classify ?? classifyRequest
    const random = randomBytes(8)
    this.#seed = random.readUInt32LE(0)
    this.#messageId = random.readUInt16LE(4)
    const capacity = options.exchanges ?? 2 ** 20
    this.#exchanges = new ExchangeTable({
      capacity,
      answerBytes: capacity * ANSWER_BYTES_PER_EXCHANGE,
      seed: this.#seed,
      ...(options.exchangeLifetimeMs === undefined ? {} : { lifetimeMs: options.exchangeLifetimeMs }),
    })
    this.#budget = new SourceBudget(options.budget ?? { perSecond: 5_000, burst: 10_000 })
    socket.on('message', (bytes, from) => this.#receive(bytes, from))
    options.secure?.listen((bytes, peer) => this.#receive(bytes, peer))
    socket.on('error', () => {
      this.#counters.socketErrors++
    })
  }

  get requests$(): Observable<readonly InboundRequest[]> {
    return this.#requests
  }

  get port(): number {
    return (this.#socket.address() as AddressInfo).port
  }

  answer(request: InboundRequest, code: number, answer: AnswerToSend = {}): void {
    if (!this.#exchanges.isInWork(request.exchange)) return
    const bytes = this.#reply(request.message, code, answer, request)
    // A repeated non-confirmable request is ignored, so its answer need not be kept. RFC 7252 §4.3
    this.#exchanges.finish(request.exchange, request.confirmable ? bytes : undefined)
  }

  drop(request: InboundRequest): void {
    if (this.#exchanges.isInWork(request.exchange)) this.#exchanges.forget(request.exchange)
  }

  distrust(from: string, isDistrusted: boolean): void {
    const colon = from.lastIndexOf(':')
    const port = Number(from.slice(colon + 1))
    const key = new Uint32Array(SOURCE_KEY_WORDS)
    writeSourceKey(key, from.slice(0, colon), port, 0)
    const source = hashEndpoint(key, port, this.#seed)
    if (!isDistrusted) this.#distrusted.delete(source)
    else if (!this.#distrusted.has(source)) this.#distrusted.set(source, { from, dropped: 0 })
  }

  takeDropped(): readonly { readonly from: string; readonly dropped: number }[] {
    const told: { readonly from: string; readonly dropped: number }[] = []
    for (const source of this.#distrusted.values()) {
      if (source.dropped > 0) told.push({ ...source })
      source.dropped = 0
    }
    return told
  }

  snapshot(): IngestSnapshot {
    return { ...this.#counters, inWork: this.#exchanges.inWork, rememberedExchanges: this.#exchanges.size }
  }

  async close(): Promise<void> {
    this.#requests.complete()
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()))
  }

  #receive(bytes: Buffer, peer: Peer): void {
    const { address, port } = peer
    const counters = this.#counters
    counters.datagrams++
    counters.bytesIn += bytes.length
    const now = this.#wall()
    writeSourceKey(this.#key, address, port, 0)
    const source = hashEndpoint(this.#key, port, this.#seed)
    const distrusted = this.#distrusted.size > 0 ? this.#distrusted.get(source) : undefined
    // Who forges the address of a proven peer in the clear must not spend its budget.
    const bucket = isSecure(peer) ? peer.association : source
    if (!(distrusted === undefined ? this.#budget : this.#distrustedBudget).take(bucket, now)) {
      if (distrusted !== undefined) distrusted.dropped++
      counters.overBudget++
      return
    }
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') {
      counters.malformed++
      this.#reset(resetFor(bytes), peer)
    } else if (message.type === COAP_TYPE.ACK || message.type === COAP_TYPE.RST) counters.stray++
    else if (message.code === COAP_CODE.EMPTY) {
      if (message.type === COAP_TYPE.CON) counters.pings++
      else counters.stray++
      this.#resetConfirmable(message, peer)
    } else if (message.code >> 5 !== 0) {
      counters.stray++
      this.#resetConfirmable(message, peer)
    } else this.#request(message, peer, now)
  }

  #request(message: CoapMessage, peer: Peer, now: number): void {
    const counters = this.#counters
    const { address, port } = peer
    if (message.code === COAP_CODE.GET && message.badOption === 0 && this.#serve(message, peer)) return
    const resource = findResource(this.#resources, message)
    if (typeof resource === 'number') {
      counters.refusedByRule++
      // A non-confirmable message with an option that is not understood is rejected in silence. RFC 7252 §5.4.1
      const silent = resource === COAP_CODE.BAD_OPTION && message.type === COAP_TYPE.NON
      if (!silent) this.#reply(message, resource, {}, peer)
      return
    }
    const key = this.#key
    // Ids of messages are of an association, not of an address: nobody in the clear can take one in its stead. RFC 7252 §9.1.1
    if (isSecure(peer)) writeAssociationKey(key, peer.association, message.messageId)
    else key[4] = (port << 16) | message.messageId
    const known = this.#exchanges.find(key, now)
    if (known >= 0) {
      const answer = this.#exchanges.answerOf(known)
      if (answer) {
        counters.duplicatesAnswered++
        // The send is asynchronous and the ring may be written before it is done.
        this.#send(Buffer.from(answer), peer)
      } else counters.duplicatesDropped++
      return
    }
    const priority = this.#classify(resource, message)
    if (priority !== 'alarm' && this.#options.keepAway?.(message, address, port)) {
      counters.keptAway++
      this.#reply(message, COAP_CODE.FORBIDDEN, {}, peer)
      return
    }
    const crowded = priority === 'residential' ? (this.#options.returnAfter?.(message) ?? 0) : 0
    const stayAway =
      crowded > 0 ? crowded : admit(priority, this.#currentLoad(), this.#limits, message.messageId / 0xffff)
    if (crowded > 0) counters.crowdedCell++
    else if (stayAway > 0) counters[REFUSED_COUNTER[priority]]++
    if (stayAway > 0) {
      this.#reply(message, COAP_CODE.SERVICE_UNAVAILABLE, { maxAge: stayAway }, peer)
      return
    }
    counters.requests++
    // Alarms travel as a batch of their own, ahead of the rest of the turn: decisions do not wait for hundreds of daily reports.
    const batch = priority === 'alarm' ? this.#alarms : this.#batch
    batch.push({
      receivedAt: this.#options.now(),
      address,
      port,
      resource: resource.name,
      priority,
      contentFormat: message.contentFormat,
      payload: message.payload,
      confirmable: message.type === COAP_TYPE.CON,
      message,
      exchange: this.#exchanges.begin(key, now),
      ...(isSecure(peer) ? { proven: peer.proven, association: peer.association } : undefined),
    })
  }

  /** Under load what is only read waits, but not as long as reports of homes: a device that was refused a block keeps its radio on. */
  #serve(message: CoapMessage, peer: Peer): boolean {
    const found = this.#options.serve?.(message)
    if (found === undefined) return false
    const counters = this.#counters
    const stayAway = admit('commercial', this.#currentLoad(), this.#limits, message.messageId / 0xffff)
    if (stayAway > 0) {
      counters.refusedCommercial++
      this.#reply(message, COAP_CODE.SERVICE_UNAVAILABLE, { maxAge: stayAway }, peer)
    } else {
      counters.served++
      this.#reply(message, found.code, found.answer, peer)
    }
    return true
  }

  /** Also sees to it that the turn ends: the loads of two turns are two measurements. */
  #currentLoad(): Load {
    this.#load ??= {
      waiting: this.#exchanges.inWork + (this.#options.backlog?.() ?? 0),
      loopDelayMs: this.#options.loopDelayMs?.() ?? 0,
    }
    if (!this.#turnScheduled) {
      this.#turnScheduled = true
      setImmediate(() => this.#endTurn())
    }
    return this.#load
  }

  #endTurn(): void {
    this.#turnScheduled = false
    this.#load = undefined
    const alarms = this.#alarms
    const batch = this.#batch
    this.#alarms = []
    this.#batch = []
    if (alarms.length > 0) this.#requests.next(alarms)
    if (batch.length > 0) this.#requests.next(batch)
  }

  #resetConfirmable(message: CoapMessage, peer: Peer): void {
    if (message.type === COAP_TYPE.CON) this.#reset(encodeReset(message.messageId), peer)
  }

  #reset(bytes: Uint8Array | undefined, peer: Peer): void {
    if (bytes === undefined) return
    this.#counters.resets++
    this.#send(bytes, peer)
  }

  #reply(message: CoapMessage, code: number, answer: AnswerToSend, peer: Peer): Uint8Array {
    if (message.type === COAP_TYPE.NON) this.#messageId = (this.#messageId + 1) & 0xffff
    // The block that was accepted as a whole is echoed. RFC 7959 §2.3
    const whole = message.block1 >= 0 && code >> 5 === 2 ? { ...answer, block1: message.block1 } : answer
    const bytes = encodeReply(message, code, whole, this.#messageId)
    this.#counters.answers++
    this.#send(bytes, peer)
    return bytes
  }

  #send(bytes: Uint8Array, peer: Peer): void {
    this.#counters.bytesOut += bytes.length
    if (isSecure(peer)) {
      this.#options.secure?.send(peer.association, bytes)
      return
    }
    try {
      this.#socket.send(bytes, peer.port, peer.address, this.#onSent)
    } catch {
      // Closed in the meantime, or a source port that no answer can reach.
      this.#counters.sendErrors++
    }
  }

  readonly #onSent = (error: Error | null): void => {
    if (error) this.#counters.sendErrors++
  }
}
