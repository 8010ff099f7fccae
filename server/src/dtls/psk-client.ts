import { createHash, randomBytes } from 'node:crypto'
import { InvariantError } from '@gastwin/twin'
import { ByteCursor } from './byte-cursor.ts'
import { EXTENSION, extension, vector } from './client-hello.ts'
import { HANDSHAKE, type HandshakeMessage, readFragments, wholeMessage, writeFragments } from './handshake-message.ts'
import { masterSecret, trafficKeys, verifyData } from './key-schedule.ts'
import { Reassembly } from './reassembly.ts'
import { CONTENT, DTLS_1_2, type DtlsRecord, readRecords, writeRecord } from './record.ts'
import { type Direction, openRecord, SUITES, sealRecord } from './record-cipher.ts'

const EMPTY = Buffer.alloc(0)
const NO_LIMIT = 16_384

export interface PskClientOptions {
  readonly identity: string
  readonly key: Uint8Array
  /** Numbers of suites to offer; default both. */
  readonly suites?: readonly number[]
  /** The connection id that records to the client shall carry; undefined: no extension. */
  readonly cid?: Uint8Array
  /** Default true. */
  readonly extendedMasterSecret?: boolean
  /** Most bytes of a message in one record. */
  readonly fragmentBytes?: number
  readonly version?: number
  /** Value of a renegotiation_info extension; default empty as in a first handshake. */
  readonly renegotiation?: Uint8Array
}

/**
 * A DTLS client without sockets and timers: an emulated device, or a test, carries what it says and hears, and says it again. It
 * offers no more than the server speaks.
 */
export class PskClient {
  readonly #options: PskClientOptions
  readonly #random = randomBytes(32)
  readonly #heard = new Reassembly(1)
  #transcript = createHash('sha256')
  #cookie: Buffer = EMPTY
  #sequence = 0
  #keyedSequence = 0
  #ordinal = 0
  #serverRandom: Buffer = EMPTY
  #suite: (typeof SUITES)[number] | undefined
  #serverCid: Buffer = EMPTY
  #hasCid = false
  #extended = false
  #read: Direction | undefined
  #write: Direction | undefined
  #master: Buffer = EMPTY
  #expected: Buffer = EMPTY
  #exchange: HandshakeMessage | undefined
  #finished: HandshakeMessage | undefined
  established = false
  /** Contents that came, and alerts. */
  readonly contents: Buffer[] = []
  readonly alerts: number[] = []

  constructor(options: PskClientOptions) {
    this.#options = options
  }

  get cid(): Buffer {
    return this.#serverCid
  }

  /** A ClientHello, with the cookie if there is one. */
  hello(): Buffer[] {
    const { suites = SUITES.map(({ number }) => number), cid, version = DTLS_1_2, renegotiation } = this.#options
    const head = Buffer.allocUnsafe(2)
    head.writeUInt16BE(version)
    const suiteBytes = Buffer.concat(suites.map((number) => Buffer.of(number >> 8, number & 0xff)))
    const extensions = Buffer.concat([
      extension(EXTENSION.renegotiation, vector(1, renegotiation ?? EMPTY)),
      ...(this.#options.extendedMasterSecret === false ? [] : [extension(EXTENSION.extendedMasterSecret, EMPTY)]),
      ...(cid === undefined ? [] : [extension(EXTENSION.connectionId, vector(1, cid))]),
    ])
    const body = Buffer.concat([
      ...[head, this.#random, Buffer.of(0), vector(1, this.#cookie), vector(2, suiteBytes), vector(1, Buffer.of(0))],
      vector(2, extensions),
    ])
    const message = { type: HANDSHAKE.clientHello, ordinal: this.#cookie.length === 0 ? 0 : 1, body }
    this.#transcript = createHash('sha256').update(wholeMessage(message))
    this.#ordinal = 2
    return this.#plain(message)
  }

  /** What is to be answered to a datagram. */
  hear(datagram: Buffer): Buffer[] {
    const own = this.#options.cid?.length ?? 0
    return readRecords(datagram, own).flatMap((record) => this.#record(record))
  }

  /** Client key exchange, ChangeCipherSpec, Finished; again with fresh numbers when asked again. */
  flight(): Buffer[] {
    if (this.#exchange === undefined || this.#finished === undefined || this.#write === undefined) return []
    const change = writeRecord(CONTENT.changeCipherSpec, 0, this.#sequence++, Buffer.of(1))
    const parts = writeFragments(this.#finished, this.#options.fragmentBytes ?? NO_LIMIT)
    return [...this.#plain(this.#exchange), change, ...parts.map((part) => this.seal(CONTENT.handshake, part))]
  }

  /** Content as a record. */
  seal(type: number, content: Uint8Array): Buffer {
    if (this.#write === undefined) throw new InvariantError('TWN_INVARIANT', 'a DTLS client speaks before it has keys')
    return sealRecord(this.#write, type, 1, this.#keyedSequence++, content)
  }

  say(content: Uint8Array | string): Buffer {
    return this.seal(CONTENT.application, Buffer.from(content))
  }

  #plain(message: HandshakeMessage): Buffer[] {
    const whole = message.type === HANDSHAKE.clientHello ? NO_LIMIT : (this.#options.fragmentBytes ?? NO_LIMIT)
    return writeFragments(message, whole).map((part) => writeRecord(CONTENT.handshake, 0, this.#sequence++, part))
  }

  #record(record: DtlsRecord): Buffer[] {
    if (record.epoch === 0) {
      if (record.type === CONTENT.alert) this.alerts.push(record.fragment[1] ?? -1)
      return record.type === CONTENT.handshake ? this.#handshake(record.fragment) : []
    }
    const opened = this.#read === undefined ? undefined : openRecord(this.#read, record)
    if (opened?.type === CONTENT.application) this.contents.push(opened.plain)
    else if (opened?.type === CONTENT.alert) this.alerts.push(opened.plain[1] ?? -1)
    else if (opened?.type === CONTENT.handshake) return this.#handshake(opened.plain)
    return []
  }

  #handshake(plain: Buffer): Buffer[] {
    const answers: Buffer[] = []
    for (const fragment of readFragments(plain) ?? []) {
      if (fragment.type === HANDSHAKE.helloVerifyRequest) {
        const cursor = new ByteCursor(fragment.part)
        cursor.number(2)
        this.#cookie = Buffer.from(cursor.vector(1))
        answers.push(...this.hello())
      } else for (const message of this.#heard.take(fragment)) answers.push(...this.#message(message))
    }
    return answers
  }

  #message(message: HandshakeMessage): Buffer[] {
    if (message.type === HANDSHAKE.finished) {
      this.established = message.body.equals(this.#expected)
      return []
    }
    this.#transcript.update(wholeMessage(message))
    if (message.type === HANDSHAKE.serverHello) this.#serverHello(message.body)
    return message.type === HANDSHAKE.serverHelloDone ? this.#exchangeKeys() : []
  }

  #serverHello(body: Buffer): void {
    const cursor = new ByteCursor(body)
    cursor.number(2)
    this.#serverRandom = Buffer.from(cursor.take(32))
    cursor.vector(1)
    const number = cursor.number(2)
    this.#suite = SUITES.find((one) => one.number === number)
    cursor.number(1)
    const extensions = new ByteCursor(cursor.left > 0 ? cursor.vector(2) : EMPTY)
    while (extensions.left > 0) {
      const kind = extensions.number(2)
      const value = extensions.vector(2)
      if (kind === EXTENSION.extendedMasterSecret) this.#extended = true
      if (kind === EXTENSION.connectionId) {
        this.#hasCid = true
        this.#serverCid = Buffer.from(value.subarray(1))
      }
    }
  }

  #exchangeKeys(): Buffer[] {
    const suite = this.#suite
    if (suite === undefined) return []
    const body = vector(2, Buffer.from(this.#options.identity))
    this.#exchange = { type: HANDSHAKE.clientKeyExchange, ordinal: this.#ordinal++, body }
    this.#transcript.update(wholeMessage(this.#exchange))
    this.#master = masterSecret(this.#options.key, {
      ...{ clientRandom: this.#random, serverRandom: this.#serverRandom },
      sessionHash: this.#extended ? this.#transcript.copy().digest() : undefined,
    })
    const keys = trafficKeys(this.#master, this.#random, this.#serverRandom)
    this.#read = { suite, key: keys.serverKey, iv: keys.serverIv, cid: this.#options.cid ?? EMPTY }
    this.#write = { suite, key: keys.clientKey, iv: keys.clientIv, cid: this.#hasCid ? this.#serverCid : EMPTY }
    const proof = verifyData(this.#master, 'client', this.#transcript.copy().digest())
    this.#finished = { type: HANDSHAKE.finished, ordinal: this.#ordinal++, body: proof }
    this.#transcript.update(wholeMessage(this.#finished))
    this.#expected = verifyData(this.#master, 'server', this.#transcript.copy().digest())
    return this.flight()
  }
}
