/** Reads fields of the TLS presentation language. Past the end everything is empty and `failed` is set; nothing throws. */
export class ByteCursor {
  readonly #bytes: Buffer
  #at = 0
  failed = false

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** A big-endian number of one to three bytes. */
  number(bytes: 1 | 2 | 3): number {
    const at = this.#at
    return this.#has(bytes) ? this.#bytes.readUIntBE(at, bytes) : 0
  }

  take(bytes: number): Buffer {
    const at = this.#at
    return this.#has(bytes) ? this.#bytes.subarray(at, at + bytes) : Buffer.alloc(0)
  }

  /** A vector with its length in front. */
  vector(lengthBytes: 1 | 2): Buffer {
    return this.take(this.number(lengthBytes))
  }

  #has(bytes: number): boolean {
    if (this.failed || this.left < bytes) {
      this.failed = true
      return false
    }
    this.#at += bytes
    return true
  }
}
