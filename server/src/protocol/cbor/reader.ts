import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'

/** Major types. @source RFC 8949 §3.1 */
export const MAJOR = { UINT: 0, NEGATIVE: 1, BYTES: 2, TEXT: 3, ARRAY: 4, MAP: 5, TAG: 6, SIMPLE: 7 } as const

const MAX_DEPTH = 8
const UTF8 = new TextDecoder('utf-8', { fatal: true })
const NOTHING = new Uint8Array(0)

/**
 * A cursor over deterministic CBOR: definite lengths, shortest heads, no tags, no floats. It never throws: the first problem is
 * kept, everything read afterwards is 0 or empty, and the caller asks once, at the end.
 * @source RFC 8949 §4.2.1
 */
export class CborReader {
  readonly #bytes: Uint8Array
  #at: number
  #problem: Malformed | undefined
  #argument = 0

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  /** Offset of the next item. */
  get at(): number {
    return this.#at
  }
  /** The first thing that went wrong. */
  get problem(): Malformed | undefined {
    return this.#problem
  }
  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Refuses the input; a first problem stays. */
  fail(reason: Malformed['reason'], at: number, detail: string): void {
    this.#problem ??= malformed(reason, at, detail)
    this.#at = this.#bytes.length
  }

  /** Major type of the next item without reading it, −1 at the end. */
  peekMajor(): number {
    const head = this.#bytes[this.#at]
    return head === undefined ? -1 : head >> 5
  }

  /** 0 … 2⁵³−1 */
  uint(): number {
    return this.#head() === MAJOR.UINT ? this.#argument : this.#wrong('an unsigned integer')
  }

  /** −2⁵³+1 … 2⁵³−1 */
  int(): number {
    const major = this.#head()
    if (major === MAJOR.UINT) return this.#argument
    return major === MAJOR.NEGATIVE ? -1 - this.#argument : this.#wrong('an integer')
  }

  bool(): boolean {
    if (this.#head() === MAJOR.SIMPLE && (this.#argument === 20 || this.#argument === 21)) return this.#argument === 21
    this.#wrong('true or false')
    return false
  }

  /** Number of items that follow. An item has at least one byte, so the count is bounded by the input. */
  array(): number {
    return this.#head() === MAJOR.ARRAY ? this.#counted(1) : this.#wrong('an array')
  }

  /** Number of key–value pairs that follow. */
  map(): number {
    return this.#head() === MAJOR.MAP ? this.#counted(2) : this.#wrong('a map')
  }

  /** A view into the input. */
  bytes(): Uint8Array {
    if (this.#head() === MAJOR.BYTES) return this.#take()
    this.#wrong('a byte string')
    return NOTHING
  }

  text(): string {
    if (this.#head() !== MAJOR.TEXT) {
      this.#wrong('a text')
      return ''
    }
    const at = this.#at
    try {
      return UTF8.decode(this.#take())
    } catch {
      this.fail('out-of-range', at, 'a text is not UTF-8')
      return ''
    }
  }

  /** Passes over one item of any kind. */
  skip(depth = 0): void {
    if (depth > MAX_DEPTH) this.fail('unsupported', this.#at, `nested deeper than ${MAX_DEPTH}`)
    const major = this.#head()
    if (major === MAJOR.BYTES || major === MAJOR.TEXT) this.#take()
    else if (major === MAJOR.ARRAY || major === MAJOR.MAP) {
      const items = major === MAJOR.MAP ? 2 * this.#counted(2) : this.#counted(1)
      for (let i = 0; i < items && !this.#problem; i++) this.skip(depth + 1)
    }
  }

  #counted(bytesEach: number): number {
    const count = this.#argument
    if (count * bytesEach <= this.#bytes.length - this.#at) return count
    this.fail('truncated', this.#bytes.length, 'fewer items than announced')
    return 0
  }

  #take(): Uint8Array {
    const from = this.#at
    const to = from + this.#argument
    if (to > this.#bytes.length) {
      this.fail('truncated', this.#bytes.length, 'the bytes end inside a string')
      return NOTHING
    }
    this.#at = to
    return this.#bytes.subarray(from, to)
  }

  #wrong(expected: string): number {
    this.fail('unsupported', this.#at, `expected ${expected} before this offset`)
    return 0
  }

  /** Reads one head: the major type is returned, the argument kept. −1 after a problem. */
  #head(): number {
    const at = this.#at
    const first = this.#bytes[at]
    if (this.#problem) return -1
    if (first === undefined) {
      this.fail('truncated', at, 'the bytes end before an item')
      return -1
    }
    const major = first >> 5
    const low = first & 0x1f
    this.#at = at + 1
    if (low < 24) this.#argument = low
    else if (low > 27 || major === MAJOR.SIMPLE)
      return this.#refuse(at, 'floats, indefinite lengths and reserved heads')
    else if (!this.#readArgument(1 << (low - 24), at)) return -1
    if (major === MAJOR.TAG) return this.#refuse(at, 'tags')
    if (major === MAJOR.SIMPLE && low !== 20 && low !== 21) return this.#refuse(at, 'null and undefined')
    return major
  }

  #refuse(at: number, what: string): number {
    this.fail('unsupported', at, `${what} are not part of the profile`)
    return -1
  }

  #readArgument(size: number, at: number): boolean {
    const end = this.#at + size
    if (end > this.#bytes.length) {
      this.fail('truncated', this.#bytes.length, 'the bytes end inside a number')
      return false
    }
    let value = 0
    for (let i = this.#at; i < end; i++) value = value * 256 + (this.#bytes[i] as number)
    if (value > Number.MAX_SAFE_INTEGER) {
      this.fail('out-of-range', at, 'a number above 2⁵³−1')
      return false
    }
    if (value < (size === 1 ? 24 : 256 ** (size / 2))) {
      this.fail('bad-length', at, 'a number is not in its shortest form')
      return false
    }
    this.#argument = value
    this.#at = end
    return true
  }
}
