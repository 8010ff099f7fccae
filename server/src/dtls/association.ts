import { ALERT, alertContent, readAlert } from './alert.ts'
import { HANDSHAKE, type HandshakeMessage, readFragments, wholeMessage } from './handshake-message.ts'
import type { PskEntry } from './psk-table.ts'
import { CONTENT, type DtlsRecord, LAST_SEQUENCE, writeRecord } from './record.ts'
import { type Direction, openRecord, sealRecord } from './record-cipher.ts'
import type { ReplayWindow } from './replay-window.ts'

/** Records that did not open after which an association ends: with tags of 8 bytes a forger has one chance in 2⁴⁴ by then. */
const MOST_FORGERIES = 2 ** 20
/** How often the last flight is said again, and how far apart, ms. */
const MOST_REPEATS = 20
const REPEAT_AFTER_MS = 100
/** The only epoch with keys: nothing is ever renegotiated. */
export const KEYED_EPOCH = 1

/** Both directions and what the handshake leaves behind. */
export interface AssociationKeys {
  readonly read: Direction
  readonly write: Direction
}

/** What a record came to. */
export type Heard =
  | { readonly kind: 'content'; readonly content: Buffer }
  | { readonly kind: 'closed' }
  | { readonly kind: 'nothing' }

const NOTHING: Heard = { kind: 'nothing' }
const CLOSED: Heard = { kind: 'closed' }

export interface AssociationParts {
  readonly entry: PskEntry
  readonly keys: AssociationKeys
  readonly window: ReplayWindow
  readonly address: string
  readonly port: number
  /** Our Finished, and the ordinal of the client's: it repeats its own while ours is lost. */
  readonly finished: HandshakeMessage
  readonly clientFinished: number
  /** Next sequence number in epoch 0. */
  readonly plainSequence: number
  /** Monotonic ms. */
  readonly now: number
}

/** An established association of one client: opens its records, seals ours. No I/O: what is to be sent is handed to `send`. */
export class Association {
  readonly entry: PskEntry
  readonly bornAt: number
  address: string
  port: number
  heardAt: number
  readonly #keys: AssociationKeys
  readonly #window: ReplayWindow
  readonly #finished: HandshakeMessage
  readonly #clientFinished: number
  #plainSequence: number
  #sequence = 0
  #forgeries = 0
  #repeats = 0
  #repeatedAt = Number.NEGATIVE_INFINITY

  constructor(parts: AssociationParts) {
    this.entry = parts.entry
    this.address = parts.address
    this.port = parts.port
    this.bornAt = parts.now
    this.heardAt = parts.now
    this.#keys = parts.keys
    this.#window = parts.window
    this.#finished = parts.finished
    this.#clientFinished = parts.clientFinished
    this.#plainSequence = parts.plainSequence
  }

  /** Our connection id, that its records carry; empty when they carry none. */
  get cid(): Uint8Array {
    return this.#keys.read.cid
  }

  /** Whether it has borne so much that it is to end. */
  get isSpent(): boolean {
    return this.#forgeries >= MOST_FORGERIES || this.#sequence >= LAST_SEQUENCE
  }

  /**
   * Takes a record in its name. From another address it is answered there from now on, if it is newer than everything before it.
   * @source RFC 9146 §6
   */
  hear(record: DtlsRecord, address: string, port: number, now: number, send: (bytes: Buffer) => void): Heard {
    if (record.epoch !== KEYED_EPOCH || !this.#window.isFresh(record.sequence)) return NOTHING
    // With connection ids agreed upon, a record without one is not of this association. RFC 9146 §3
    if ((record.cid === undefined) !== (this.cid.length === 0)) return NOTHING
    const opened = openRecord(this.#keys.read, record)
    if (opened === undefined) {
      this.#forgeries++
      return NOTHING
    }
    const isNewest = record.sequence > this.#window.newest
    this.#window.take(record.sequence)
    this.heardAt = now
    if (isNewest) {
      this.address = address
      this.port = port
    }
    const { type, plain } = opened
    if (type === CONTENT.application) return plain.length === 0 ? NOTHING : { kind: 'content', content: plain }
    if (type === CONTENT.handshake) this.#handshake(plain, now, send)
    else if (type === CONTENT.alert) return this.#alert(plain, send)
    return NOTHING
  }

  /** Content as a record to the client. */
  seal(type: number, content: Uint8Array): Buffer {
    return sealRecord(this.#keys.write, type, KEYED_EPOCH, this.#sequence++, content)
  }

  /** ChangeCipherSpec and Finished: the last flight, which a client may need again. */
  lastFlight(): Buffer {
    const change = writeRecord(CONTENT.changeCipherSpec, 0, this.#plainSequence++, Buffer.of(1))
    return Buffer.concat([change, this.seal(CONTENT.handshake, wholeMessage(this.#finished))])
  }

  #handshake(plain: Buffer, now: number, send: (bytes: Buffer) => void): void {
    for (const { type, ordinal } of readFragments(plain) ?? []) {
      if (type === HANDSHAKE.finished && ordinal === this.#clientFinished) {
        if (this.#repeats >= MOST_REPEATS || now - this.#repeatedAt < REPEAT_AFTER_MS) return
        this.#repeats++
        this.#repeatedAt = now
        send(this.lastFlight())
        return
      }
      if (type === HANDSHAKE.clientHello) {
        send(this.seal(CONTENT.alert, alertContent(ALERT.noRenegotiation)))
        return
      }
    }
  }

  #alert(plain: Buffer, send: (bytes: Buffer) => void): Heard {
    const alert = readAlert(plain)
    if (alert === undefined) return NOTHING
    if (alert.description === ALERT.closeNotify) send(this.seal(CONTENT.alert, alertContent(ALERT.closeNotify)))
    return alert.fatal || alert.description === ALERT.closeNotify ? CLOSED : NOTHING
  }
}
