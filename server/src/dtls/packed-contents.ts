/**
 * Contents of associations as they travel between threads: one block of memory for many, handed over and not copied.
 * Each is u48 association, u16 length, content; big endian.
 */
const HEAD = 8
const FIRST_BYTES = 4_096

export class ContentPacker {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #used = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  add(association: number, content: Uint8Array): void {
    const end = this.#used + HEAD + content.length
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, end))
      this.#bytes.copy(larger, 0, 0, this.#used)
      this.#bytes = larger
    }
    this.#bytes.writeUIntBE(association, this.#used, 6)
    this.#bytes.writeUInt16BE(content.length, this.#used + 6)
    this.#bytes.set(content, this.#used + HEAD)
    this.#used = end
    this.#count++
  }

  /** What was packed, in memory of its own that may be handed over; nothing is left. */
  take(): Uint8Array<ArrayBuffer> {
    const packed = new Uint8Array(this.#bytes.buffer, 0, this.#used)
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
    this.#used = 0
    this.#count = 0
    return packed
  }
}

/** Calls `each` with every content of a block; it is a view. @returns how many there were */
export function unpackContents(packed: Uint8Array, each: (association: number, content: Buffer) => void): number {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  let count = 0
  for (let at = 0; at + HEAD <= bytes.length; count++) {
    const length = bytes.readUInt16BE(at + 6)
    each(bytes.readUIntBE(at, 6), bytes.subarray(at + HEAD, at + HEAD + length))
    at += HEAD + length
  }
  return count
}
