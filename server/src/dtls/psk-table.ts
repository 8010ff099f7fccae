import { createHmac, randomBytes } from 'node:crypto'

/** What the utility said of one identity. */
export interface PskEntry {
  /** As it stands in the file. */
  readonly identity: string
  readonly key: Uint8Array
  /** Numbers of the devices that it may speak for. */
  readonly devices: readonly number[]
  /** Its devices are believed over DTLS only. */
  readonly only: boolean
  /** Its client may do without the extended master secret. */
  readonly legacy: boolean
}

/** Longest identity and key. @source RFC 4279 §5.3 */
export const LONGEST_IDENTITY = 128
export const LONGEST_KEY = 64
const DECOY_BYTES = 16

const wire = (identity: string): string => Buffer.from(identity, 'utf8').toString('latin1')

/** Keys by identity. */
export class PskTable {
  readonly #entries: ReadonlyMap<string, PskEntry>
  readonly #secret = randomBytes(32)

  constructor(entries: readonly PskEntry[]) {
    this.#entries = new Map(entries.map((entry) => [wire(entry.identity), entry]))
  }

  get size(): number {
    return this.#entries.size
  }

  /** @param identity bytes as a client sent them */
  find(identity: Buffer): PskEntry | undefined {
    return this.#entries.get(identity.toString('latin1'))
  }

  /** The entry with the text of another one. */
  named(identity: string): PskEntry | undefined {
    return this.#entries.get(wire(identity))
  }

  /** A key that nobody has, the same for the same stranger: to him a wrong identity looks like a wrong key. @source RFC 4279 §5.1 */
  decoy(identity: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#secret).update(identity).digest().subarray(0, DECOY_BYTES)
  }

  *all(): IterableIterator<PskEntry> {
    yield* this.#entries.values()
  }
}
