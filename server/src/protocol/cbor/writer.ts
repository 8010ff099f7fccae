import { InvariantError } from '@gastwin/twin'
import { MAJOR } from './reader.ts'

const UTF8 = new TextEncoder()

/** Writes deterministic CBOR: shortest heads, definite lengths. Keys come out in the order they are written. @source RFC 8949 §4.2.1 */
export class CborWriter {
  #bytes = new Uint8Array(256)
  #at = 0

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  /** @throws InvariantError TWN_INVARIANT when it is no integer of at most 53 bits */
  int(value: number): this {
    if (!Number.isSafeInteger(value)) throw new InvariantError('TWN_INVARIANT', `not an integer of 53 bits: ${value}`)
    return value < 0 ? this.#head(MAJOR.NEGATIVE, -1 - value) : this.#head(MAJOR.UINT, value)
  }

  bool(value: boolean): this {
    return this.#head(MAJOR.SIMPLE, value ? 21 : 20)
  }

  array(items: number): this {
    return this.#head(MAJOR.ARRAY, items)
  }

  map(pairs: number): this {
    return this.#head(MAJOR.MAP, pairs)
  }

  bytes(value: Uint8Array): this {
    return this.#head(MAJOR.BYTES, value.length).#append(value)
  }

  text(value: string): this {
    const encoded = UTF8.encode(value)
    return this.#head(MAJOR.TEXT, encoded.length).#append(encoded)
  }

  #append(encoded: Uint8Array): this {
    this.#reserve(encoded.length)
    this.#bytes.set(encoded, this.#at)
    this.#at += encoded.length
    return this
  }

  #head(major: number, argument: number): this {
    this.#reserve(9)
    const size = argument < 24 ? 0 : argument < 0x100 ? 1 : argument < 0x1_0000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8
    const low = size === 0 ? argument : 24 + Math.log2(size)
    this.#bytes[this.#at++] = (major << 5) | low
    for (let rest = argument, i = size - 1; i >= 0; i--) {
      this.#bytes[this.#at + i] = rest % 256
      rest = Math.floor(rest / 256)
    }
    this.#at += size
    return this
  }

  #reserve(room: number): void {
    if (this.#at + room <= this.#bytes.length) return
    const larger = new Uint8Array(2 * (this.#bytes.length + room))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
