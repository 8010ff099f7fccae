import { xxhash32 } from './xxhash32.ts'

/**
 * A snapshot file is a row of sections. Each: 32 bytes of u32 `magic, kind, index, offset low, offset high, bytes, checksum of the
 * payload, checksum of the words before`, then the payload. Little-endian.
 */
const MAGIC = 0x53575447
const HEAD = 32
/** Payload of one section at most, so that a reader never waits for much. */
const MOST = 4 << 20

export interface SectionHead {
  readonly kind: number
  readonly index: number
  /** Byte offset of the payload in the whole array. */
  readonly offset: number
  readonly bytes: number
}

type AnyArray = ArrayBufferView<ArrayBufferLike>

/**
 * One array as sections. The payloads are views of the array: write them before it changes.
 * @param base where the array begins in the whole, when it is a part, bytes
 */
export function* sectionsOf(kind: number, index: number, array: AnyArray, base = 0): IterableIterator<Uint8Array> {
  let offset = 0
  do {
    const bytes = Math.min(MOST, array.byteLength - offset)
    const payload = new Uint8Array(array.buffer, array.byteOffset + offset, bytes)
    const low = (base + offset) % 0x1_0000_0000
    const high = Math.floor((base + offset) / 0x1_0000_0000)
    const head = new Uint32Array([MAGIC, kind, index, low, high, bytes, xxhash32(payload), 0])
    head[7] = headSum(head)
    yield new Uint8Array(head.buffer)
    if (bytes > 0) yield payload
    offset += bytes
  } while (offset < array.byteLength)
}

function headSum(head: Uint32Array): number {
  return xxhash32(new Uint8Array(head.buffer, head.byteOffset, 28))
}

/**
 * Takes a snapshot's bytes in pieces of any size and copies each payload once, to where `target` says.
 * A fault is kept as text; after it nothing more is taken.
 */
export class SectionReader {
  readonly #target: (head: SectionHead) => Uint8Array | string
  readonly #taken: (head: SectionHead, payload: Uint8Array) => string | undefined
  readonly #head = new Uint8Array(HEAD)
  readonly #words = new Uint32Array(this.#head.buffer)
  #headHave = 0
  #section: Section | undefined
  #have = 0
  #fault: string | undefined

  /**
   * @param target the bytes to fill, or why the section cannot be taken
   * @param taken told when a section is whole; answers a fault or nothing
   */
  constructor(
    target: (head: SectionHead) => Uint8Array | string,
    taken: (head: SectionHead, payload: Uint8Array) => string | undefined,
  ) {
    this.#target = target
    this.#taken = taken
  }

  get fault(): string | undefined {
    return this.#fault
  }
  /** Stands between two sections. */
  get whole(): boolean {
    return this.#section === undefined && this.#headHave === 0
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length && this.#fault === undefined) {
      at += this.#section === undefined ? this.#pushHead(chunk, at) : this.#pushPayload(chunk, at, this.#section)
    }
  }

  #pushHead(chunk: Uint8Array, at: number): number {
    const bytes = Math.min(HEAD - this.#headHave, chunk.length - at)
    this.#head.set(chunk.subarray(at, at + bytes), this.#headHave)
    this.#headHave += bytes
    if (this.#headHave < HEAD) return bytes
    this.#headHave = 0
    const [magic, kind = 0, index = 0, low = 0, high = 0, length = 0, sum = 0, own] = this.#words
    if (magic !== MAGIC || own !== headSum(this.#words)) this.#fault = 'a section header is damaged'
    else {
      const head = { kind, index, offset: high * 0x1_0000_0000 + low, bytes: length }
      const payload = this.#target(head)
      if (typeof payload === 'string') this.#fault = payload
      else if (payload.length !== length) this.#fault = `section ${kind}/${index} has an unexpected length`
      else {
        this.#section = { head, payload, sum }
        this.#have = 0
        if (length === 0) this.#finish(this.#section)
      }
    }
    return bytes
  }

  #pushPayload(chunk: Uint8Array, at: number, section: Section): number {
    const bytes = Math.min(section.payload.length - this.#have, chunk.length - at)
    section.payload.set(chunk.subarray(at, at + bytes), this.#have)
    this.#have += bytes
    if (this.#have === section.payload.length) this.#finish(section)
    return bytes
  }

  #finish(section: Section): void {
    this.#section = undefined
    const { kind, index } = section.head
    this.#fault =
      xxhash32(section.payload) === section.sum
        ? this.#taken(section.head, section.payload)
        : `section ${kind}/${index} fails its checksum`
  }
}

interface Section {
  readonly head: SectionHead
  readonly payload: Uint8Array
  readonly sum: number
}
