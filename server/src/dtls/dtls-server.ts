import { randomBytes } from 'node:crypto'
import { SourceBudget } from '../ingest/source-budget.ts'
import { hashEndpoint, SOURCE_KEY_WORDS, writeSourceKey } from '../ingest/source-key.ts'
import { ALERT, alertContent, plainAlert } from './alert.ts'
import type { Association } from './association.ts'
import { AssociationTable, sourceName } from './association-table.ts'
import { type ClientHello, readClientHello } from './client-hello.ts'
import { HelloCookies } from './cookie.ts'
import { DTLS_LIMITS, type DtlsCounters, type DtlsLimits, newDtlsCounters } from './dtls-limits.ts'
import {
  HANDSHAKE,
  type HandshakeFragment,
  type HandshakeMessage,
  readFragments,
  wholeMessage,
} from './handshake-message.ts'
import type { PskEntry, PskTable } from './psk-table.ts'
import { CONTENT, DTLS_1_2, type DtlsRecord, readRecords, writeRecord } from './record.ts'
import { SUITES } from './record-cipher.ts'
import { ServerHandshake } from './server-handshake.ts'
import { helloVerifyRequest } from './server-hello.ts'

/** Connection ids that we give out: long enough that nobody hits one by chance. */
const CID_BYTES = 8
/** A hello that counts higher is no begin: our own numbers go on from its numbers and must not run over. */
const MOST_ORDINAL = 64
const MOST_SEQUENCE = 2 ** 32

/** What the server asks of its surroundings. */
export interface DtlsEvents {
  readonly send: (bytes: Buffer, address: string, port: number) => void
  readonly opened: (number: number, association: Association) => void
  /** It speaks from another source. */
  readonly moved: (number: number, association: Association) => void
  readonly received: (number: number, content: Buffer) => void
  readonly closed: (number: number) => void
  /** Somebody used an identity that exists and did not know its key. */
  readonly wrongKey: (identity: string, address: string, port: number) => void
}

/**
 * A DTLS 1.2 server for pre-shared keys: datagrams in, contents of authentic records out. No I/O and no clock of its own. Whatever a
 * datagram holds, nothing throws and nothing is kept before its sender has shown that it receives at its address.
 * @source RFC 6347, RFC 4279, RFC 6655, RFC 7627, RFC 5746, RFC 9146
 */
export class DtlsServer {
  readonly counters: DtlsCounters = newDtlsCounters()
  readonly #events: DtlsEvents
  readonly #limits: DtlsLimits
  readonly #cookies = new HelloCookies()
  readonly #associations: AssociationTable
  /** By source; the oldest first. */
  readonly #handshakes = new Map<string, ServerHandshake>()
  readonly #handshakeOfCid = new Map<string, ServerHandshake>()
  readonly #datagrams: SourceBudget
  readonly #hellos: SourceBudget
  readonly #ofSource: SourceBudget
  readonly #ofAddress: SourceBudget
  readonly #key = new Uint32Array(SOURCE_KEY_WORDS)
  readonly #seed = randomBytes(4).readUInt32LE(0)
  #keys: PskTable

  constructor(keys: PskTable, events: DtlsEvents, limits: DtlsLimits = DTLS_LIMITS) {
    this.#keys = keys
    this.#events = events
    this.#limits = limits
    this.#associations = new AssociationTable(limits.associations, randomBytes(4).readUInt32LE(0) * 65_536)
    this.#datagrams = new SourceBudget(limits.datagrams, 16_384)
    this.#hellos = new SourceBudget(limits.hellos, 16_384)
    this.#ofSource = new SourceBudget(limits.ofSource, 16_384)
    this.#ofAddress = new SourceBudget(limits.ofAddress, 16_384)
  }

  get associations(): number {
    return this.#associations.size
  }

  get handshakes(): number {
    return this.#handshakes.size
  }

  /** Takes a datagram. @param now monotonic ms */
  receive(datagram: Buffer, address: string, port: number, now: number): void {
    this.counters.datagrams++
    writeSourceKey(this.#key, address, port, 0)
    if (!this.#datagrams.take(hashEndpoint(this.#key, port, this.#seed), now)) {
      this.counters.overBudget++
      return
    }
    const records = readRecords(datagram, CID_BYTES)
    if (records.length === 0) this.counters.unreadable++
    for (const record of records) {
      if (record.epoch === 0 && record.cid === undefined) this.#plain(record, address, port, now)
      else this.#keyed(record, address, port, now)
    }
  }

  /** Sends content to a client; false when there is no such association any more. */
  send(number: number, content: Uint8Array): boolean {
    const association = this.#associations.get(number)
    if (association === undefined || association.isSpent) return false
    this.counters.answered++
    this.#toClient(association, association.seal(CONTENT.application, content))
    return true
  }

  /** Keys that hold from here on; associations of identities of which something else is said now end. */
  useKeys(keys: PskTable): void {
    this.#keys = keys
    for (const identity of [...this.#associations.identities()]) {
      const now = keys.named(identity)
      for (const number of [...this.#associations.ofIdentity(identity)]) {
        const entry = this.#associations.get(number)?.entry
        if (entry !== undefined && !(now !== undefined && saysTheSame(entry, now))) this.#end(number, true)
      }
    }
    for (const handshake of [...this.#handshakes.values()]) this.#abandon(handshake)
  }

  /** Lets time pass: flights said again, handshakes and associations that end. To be called about once a second. */
  tick(now: number): void {
    const { handshakeMs, firstRepeatMs, mostRepeats, idleMs } = this.#limits
    for (const handshake of [...this.#handshakes.values()]) {
      if (now - handshake.startedAt >= handshakeMs) {
        this.#abandon(handshake)
        continue
      }
      const due = handshake.sentAt + firstRepeatMs * 2 ** handshake.repeats
      if (handshake.hasKeys || handshake.repeats >= mostRepeats || now < due) continue
      handshake.repeats++
      handshake.sentAt = now
      this.#sendFlight(handshake, true)
    }
    for (const number of this.#associations.silentSince(now - idleMs)) this.#end(number, true)
  }

  #plain(record: DtlsRecord, address: string, port: number, now: number): void {
    // A ChangeCipherSpec is known by the epoch behind it; an alert in plain text may be of anybody.
    if (record.type !== CONTENT.handshake) return
    const fragments = readFragments(record.fragment)
    if (fragments === undefined) {
      this.counters.unreadable++
      return
    }
    for (const fragment of fragments) {
      if (fragment.type === HANDSHAKE.clientHello) this.#hello(record, fragment, address, port, now)
      else this.#handshakes.get(sourceName(address, port))?.take(fragment, this.#keys)
    }
  }

  /** Nothing is allocated for a ClientHello in parts: its cookie could not be looked at before it is put together. */
  #hello(record: DtlsRecord, fragment: HandshakeFragment, address: string, port: number, now: number): void {
    const { part, length, ordinal } = fragment
    const isSane = part.length === length && ordinal <= MOST_ORDINAL && record.sequence <= MOST_SEQUENCE
    const hello = isSane ? readClientHello(part) : undefined
    if (hello === undefined) {
      this.counters.unreadable++
      return
    }
    if (!this.#cookies.isGood(hello.cookie, address, port, hello.parameters, now)) {
      this.#verify(record, hello, address, port, now)
      return
    }
    const known = this.#handshakes.get(sourceName(address, port))
    if (known?.isOf(hello)) {
      if (!known.hasKeys && known.repeats < this.#limits.mostRepeats + 8) {
        known.repeats++
        this.#sendFlight(known, true)
      }
      return
    }
    const message = { type: HANDSHAKE.clientHello, ordinal, body: part }
    this.#begin(record, hello, message, address, port, now)
  }

  #verify({ sequence }: DtlsRecord, hello: ClientHello, address: string, port: number, now: number): void {
    if (!this.#hellos.take(hashEndpoint(this.#key, 0, this.#seed), now)) {
      this.counters.overBudget++
      return
    }
    this.counters.verified++
    const body = helloVerifyRequest(this.#cookies.issue(address, port, hello.parameters, now))
    const message = wholeMessage({ type: HANDSHAKE.helloVerifyRequest, ordinal: 0, body })
    this.#events.send(writeRecord(CONTENT.handshake, 0, sequence, message), address, port)
  }

  #begin(
    { sequence }: DtlsRecord,
    hello: ClientHello,
    message: HandshakeMessage,
    address: string,
    port: number,
    now: number,
  ): void {
    const isWithin =
      this.#ofSource.take(hashEndpoint(this.#key, port, this.#seed), now) &&
      this.#ofAddress.take(hashEndpoint(this.#key, 0, this.#seed), now)
    if (!isWithin) {
      this.counters.overBudget++
      return
    }
    const suite = SUITES.find(({ number }) => hello.suites.includes(number))
    const speaks = hello.version >> 8 === 0xfe && hello.version <= DTLS_1_2
    if (!speaks || suite === undefined || !hello.plainCompression || hello.renegotiating) {
      this.counters.refused++
      const why = speaks ? ALERT.handshakeFailure : ALERT.protocolVersion
      this.#events.send(plainAlert(why, sequence), address, port)
      return
    }
    const former = this.#handshakes.get(sourceName(address, port))
    if (former !== undefined) this.#abandon(former)
    const oldest = this.#handshakes.values().next().value
    if (oldest !== undefined && this.#handshakes.size >= this.#limits.handshakes) this.#abandon(oldest)
    const cid = hello.cid === undefined ? Buffer.alloc(0) : randomBytes(CID_BYTES)
    const { mtu } = this.#limits
    const random = randomBytes(32)
    const handshake = new ServerHandshake({
      ...{ hello, message, sequence, suite, random, cid, address, port, mtu, now },
    })
    this.counters.handshakes++
    this.#handshakes.set(sourceName(address, port), handshake)
    if (cid.length > 0) this.#handshakeOfCid.set(cid.toString('latin1'), handshake)
    this.#sendFlight(handshake, false)
  }

  #keyed(record: DtlsRecord, address: string, port: number, now: number): void {
    const { cid } = record
    const handshake =
      cid === undefined
        ? this.#handshakes.get(sourceName(address, port))
        : this.#handshakeOfCid.get(cid.toString('latin1'))
    if (handshake !== undefined && this.#attempt(handshake, record, address, port, now)) return
    const number = cid === undefined ? this.#associations.at(address, port) : this.#associations.withCid(cid)
    const association = number === undefined ? undefined : this.#associations.get(number)
    if (number === undefined || association === undefined) {
      if (handshake === undefined) this.counters.rejected++
      return
    }
    const [oldAddress, oldPort, heardAt] = [association.address, association.port, association.heardAt]
    const heard = association.hear(record, address, port, now, (bytes) => {
      if (bytes[0] === CONTENT.changeCipherSpec) this.counters.repeated++
      this.#toClient(association, bytes)
    })
    if (association.address !== oldAddress || association.port !== oldPort) {
      this.counters.moved++
      this.#events.moved(number, association)
    }
    if (heard.kind === 'closed') this.#end(number, false)
    else if (association.isSpent || now - association.bornAt > this.#limits.ageMs) this.#end(number, true)
    else if (heard.kind === 'content') {
      this.counters.received++
      this.#associations.touch(number, now)
      this.#events.received(number, heard.content)
    } else if (association.heardAt === heardAt) this.counters.rejected++
  }

  /** @returns whether the record was of the handshake */
  #attempt(handshake: ServerHandshake, record: DtlsRecord, address: string, port: number, now: number): boolean {
    const attempt = handshake.attempt(record, address, port, now)
    if (attempt.kind === 'established') {
      this.#forget(handshake)
      this.counters.established++
      const { association } = attempt
      const { number, crowded } = this.#associations.add(association, now)
      for (const one of crowded) this.#end(one, false)
      this.#events.opened(number, association)
      this.#toClient(association, association.lastFlight())
      return true
    }
    if (attempt.kind === 'unproven' && !handshake.isDoubted) this.#doubt(handshake)
    return false
  }

  #doubt(handshake: ServerHandshake): void {
    handshake.isDoubted = true
    if (handshake.entry === undefined) this.counters.unknownIdentity++
    else {
      this.counters.wrongKey++
      this.#events.wrongKey(handshake.entry.identity, handshake.address, handshake.port)
    }
  }

  #sendFlight(handshake: ServerHandshake, again: boolean): void {
    if (again) this.counters.repeated++
    for (const datagram of handshake.flight()) this.#events.send(datagram, handshake.address, handshake.port)
  }

  #toClient({ address, port }: Association, bytes: Buffer): void {
    this.#events.send(bytes, address, port)
  }

  #abandon(handshake: ServerHandshake): void {
    this.counters.abandoned++
    this.#forget(handshake)
  }

  #forget(handshake: ServerHandshake): void {
    this.#handshakes.delete(sourceName(handshake.address, handshake.port))
    if (handshake.cid.length > 0) this.#handshakeOfCid.delete(handshake.cid.toString('latin1'))
  }

  /** @param tell whether the client is told */
  #end(number: number, tell: boolean): void {
    const association = this.#associations.remove(number)
    if (association === undefined) return
    this.counters.closed++
    if (tell) this.#toClient(association, association.seal(CONTENT.alert, alertContent(ALERT.closeNotify)))
    this.#events.closed(number)
  }
}

const saysTheSame = (a: PskEntry, b: PskEntry): boolean =>
  Buffer.from(a.key).equals(b.key) && a.only === b.only && a.legacy === b.legacy && `${a.devices}` === `${b.devices}`
