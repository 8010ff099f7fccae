import { createHash, timingSafeEqual } from 'node:crypto'
import { Association, type AssociationKeys, KEYED_EPOCH } from './association.ts'
import { ByteCursor } from './byte-cursor.ts'
import type { ClientHello } from './client-hello.ts'
import {
  HANDSHAKE,
  type HandshakeFragment,
  type HandshakeMessage,
  MESSAGE_HEADER,
  readFragments,
  wholeMessage,
  writeFragments,
} from './handshake-message.ts'
import { masterSecret, trafficKeys, verifyData } from './key-schedule.ts'
import { LONGEST_IDENTITY, type PskEntry, type PskTable } from './psk-table.ts'
import { Reassembly } from './reassembly.ts'
import { CONTENT, type DtlsRecord, writeRecord } from './record.ts'
import { openRecord, type Suite } from './record-cipher.ts'
import { ReplayWindow } from './replay-window.ts'
import { serverHello } from './server-hello.ts'

const EMPTY = Buffer.alloc(0)
const RECORD_HEADER = 13

export interface HandshakeParts {
  readonly hello: ClientHello
  /** The ClientHello as it came, with its cookie. */
  readonly message: HandshakeMessage
  /** Sequence number of its record: our first record has the same. @source RFC 6347 §4.2.1 */
  readonly sequence: number
  readonly suite: Suite
  /** Our random, 32 bytes. */
  readonly random: Buffer
  /** The connection id that we give out; empty when the client wants none. */
  readonly cid: Buffer
  readonly address: string
  readonly port: number
  /** Most bytes of one datagram. */
  readonly mtu: number
  /** Monotonic ms. */
  readonly now: number
}

/** Outcome of a record in the keyed epoch. */
export type Attempt =
  | { readonly kind: 'established'; readonly association: Association }
  | { readonly kind: 'unproven' }
  | { readonly kind: 'nothing' }

/**
 * The server's side of one handshake, from a ClientHello whose cookie was good to the client's Finished. It answers nothing to what is
 * wrong: in plain text nobody knows who sent it.
 * @source RFC 6347 §4.2, RFC 4279 §2
 */
export class ServerHandshake {
  readonly address: string
  readonly port: number
  readonly cid: Buffer
  readonly startedAt: number
  /** Who it is, if he proves it. */
  entry: PskEntry | undefined
  /** A record did not open; told once. */
  isDoubted = false
  /** Flights sent again by the timer. */
  repeats = 0
  sentAt: number
  readonly #parts: HandshakeParts
  readonly #transcript = createHash('sha256')
  readonly #messages: Reassembly
  readonly #flight: readonly HandshakeMessage[]
  readonly #window = new ReplayWindow()
  #sequence: number
  #keys: AssociationKeys | undefined
  #master: Buffer = EMPTY

  constructor(parts: HandshakeParts) {
    const { hello, message, suite, random, cid } = parts
    this.#parts = parts
    this.address = parts.address
    this.port = parts.port
    this.cid = cid
    this.startedAt = parts.now
    this.sentAt = parts.now
    this.#sequence = parts.sequence
    this.#messages = new Reassembly(message.ordinal + 1)
    const body = serverHello({
      ...{ random, suite: suite.number, extendedMasterSecret: hello.extendedMasterSecret },
      ...{ renegotiation: hello.renegotiation, cid: hello.cid === undefined ? undefined : cid },
    })
    this.#flight = [
      { type: HANDSHAKE.serverHello, ordinal: message.ordinal, body },
      { type: HANDSHAKE.serverHelloDone, ordinal: message.ordinal + 1, body: EMPTY },
    ]
    for (const one of [message, ...this.#flight]) this.#transcript.update(wholeMessage(one))
  }

  /** Whether this is the hello with which it began. */
  isOf(hello: ClientHello): boolean {
    return hello.random.equals(this.#parts.hello.random)
  }

  /** Whether a client has said who it is. */
  get hasKeys(): boolean {
    return this.#keys !== undefined
  }

  /** ServerHello and ServerHelloDone as datagrams, with fresh sequence numbers each time. */
  flight(): readonly Buffer[] {
    const { mtu } = this.#parts
    const room = mtu - RECORD_HEADER - MESSAGE_HEADER
    const datagrams: Buffer[] = []
    for (const message of this.#flight)
      for (const part of writeFragments(message, room)) {
        const record = writeRecord(CONTENT.handshake, 0, this.#sequence++, part)
        const last = datagrams.at(-1)
        if (last !== undefined && last.length + record.length <= mtu)
          datagrams[datagrams.length - 1] = Buffer.concat([last, record])
        else datagrams.push(record)
      }
    return datagrams
  }

  /** Takes a fragment in plain text: parts of the client key exchange. */
  take(fragment: HandshakeFragment, keys: PskTable): void {
    if (fragment.type !== HANDSHAKE.clientKeyExchange || this.#keys !== undefined) return
    for (const message of this.#messages.take(fragment)) this.#exchangeKeys(message, keys)
  }

  /** Tries a record of the keyed epoch: the client's Finished. */
  attempt(record: DtlsRecord, address: string, port: number, now: number): Attempt {
    const keys = this.#keys
    if (keys === undefined || record.epoch !== KEYED_EPOCH || !this.#window.isFresh(record.sequence))
      return { kind: 'nothing' }
    if ((record.cid === undefined) !== (this.cid.length === 0)) return { kind: 'nothing' }
    const opened = openRecord(keys.read, record)
    if (opened === undefined) return { kind: 'unproven' }
    this.#window.take(record.sequence)
    if (opened.type !== CONTENT.handshake) return { kind: 'nothing' }
    for (const fragment of readFragments(opened.plain) ?? []) {
      if (fragment.type !== HANDSHAKE.finished) continue
      for (const message of this.#messages.take(fragment)) return this.#finish(message, keys, address, port, now)
    }
    return { kind: 'nothing' }
  }

  #exchangeKeys(message: HandshakeMessage, table: PskTable): void {
    const cursor = new ByteCursor(message.body)
    const identity = cursor.vector(2)
    this.#transcript.update(wholeMessage(message))
    const { hello, suite, random } = this.#parts
    const readable = !cursor.failed && cursor.left === 0 && identity.length <= LONGEST_IDENTITY
    const found = readable ? table.find(identity) : undefined
    const known = found !== undefined && (hello.extendedMasterSecret || found.legacy) ? found : undefined
    // Both are computed for everybody: how long it takes must not tell who is known.
    const decoy = table.decoy(identity)
    this.entry = known
    const master = masterSecret(known?.key ?? decoy, {
      ...{ clientRandom: hello.random, serverRandom: random },
      sessionHash: hello.extendedMasterSecret ? this.#transcript.copy().digest() : undefined,
    })
    const { clientKey, serverKey, clientIv, serverIv } = trafficKeys(master, hello.random, random)
    this.#master = master
    this.#keys = {
      read: { suite, key: clientKey, iv: clientIv, cid: this.cid },
      write: { suite, key: serverKey, iv: serverIv, cid: Buffer.from(hello.cid ?? EMPTY) },
    }
  }

  #finish(message: HandshakeMessage, keys: AssociationKeys, address: string, port: number, now: number): Attempt {
    const expected = verifyData(this.#master, 'client', this.#transcript.copy().digest())
    const { entry } = this
    const { body, ordinal } = message
    if (entry === undefined || body.length !== expected.length || !timingSafeEqual(body, expected))
      return { kind: 'unproven' }
    const hash = this.#transcript.copy().update(wholeMessage(message)).digest()
    const finished = {
      ...{ type: HANDSHAKE.finished, ordinal: this.#parts.message.ordinal + this.#flight.length },
      body: verifyData(this.#master, 'server', hash),
    }
    const association = new Association({
      ...{ entry, window: this.#window, address, port, clientFinished: ordinal, now, ...ownMemory(keys, finished) },
      plainSequence: this.#sequence,
    })
    this.#master.fill(0)
    return { kind: 'established', association }
  }
}

/** The same in one block of memory: what was cut out of larger ones would keep all of them. */
function ownMemory(
  { read, write }: AssociationKeys,
  finished: HandshakeMessage,
): { readonly keys: AssociationKeys; readonly finished: HandshakeMessage } {
  const parts = [read.key, read.iv, read.cid, write.key, write.iv, write.cid, finished.body]
  const block = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  const [readKey, readIv, readCid, writeKey, writeIv, writeCid, body] = parts.map((part) => {
    block.set(part, at)
    at += part.length
    return block.subarray(at - part.length, at)
  })
  return {
    keys: {
      read: { suite: read.suite, key: readKey ?? EMPTY, iv: readIv ?? EMPTY, cid: readCid ?? EMPTY },
      write: { suite: write.suite, key: writeKey ?? EMPTY, iv: writeIv ?? EMPTY, cid: writeCid ?? EMPTY },
    },
    finished: { type: finished.type, ordinal: finished.ordinal, body: body ?? EMPTY },
  }
}
