import { BLOCK_HEADER_BYTES, RECORD_HEADER_BYTES, sealBlock } from './block.ts'
import type { LogEntry } from './event-log.ts'

const FIRST_BYTES = 64 * 1024

/**
 * The entries of one group commit, encoded as they arrive into the block that will be written, and the appends that wait for
 * it. One promise per append, nothing per record.
 */
export class CommitGroup {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #used = BLOCK_HEADER_BYTES
  #records = 0
  #waiting: Waiting[] = []

  get records(): number {
    return this.#records
  }

  /** Bytes of the block so far, header included. */
  get bytes(): number {
    return this.#used
  }

  /** The part of `bytes` that the entries make up. */
  get entryBytes(): number {
    return this.#used - BLOCK_HEADER_BYTES
  }

  add(entry: LogEntry): void {
    const { body } = entry
    const end = this.#used + RECORD_HEADER_BYTES + body.length
    if (end > this.#buffer.length) this.#grow(end)
    const buffer = this.#buffer
    const at = this.#used
    buffer.writeUInt32LE(body.length, at)
    buffer[at + 4] = entry.kind
    buffer.writeDoubleLE(entry.receivedAt, at + 5)
    buffer.set(body, at + RECORD_HEADER_BYTES)
    this.#used = end
    this.#records++
  }

  /** Remembers an append whose last entry is in this group. */
  wait(waiting: Waiting): void {
    this.#waiting.push(waiting)
  }

  /** The finished block, valid until `reset`. */
  seal(position: number, logId: Buffer): Buffer {
    sealBlock(this.#buffer, this.#used - BLOCK_HEADER_BYTES, position, this.#records, logId)
    return this.#buffer.subarray(0, this.#used)
  }

  resolve(): void {
    for (const waiting of this.#waiting) waiting.resolve(waiting.position)
  }

  reject(error: Error): void {
    for (const waiting of this.#waiting) waiting.reject(error)
  }

  /** Makes the group empty again; its buffer is kept. */
  reset(): this {
    this.#used = BLOCK_HEADER_BYTES
    this.#records = 0
    this.#waiting = []
    return this
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, 0, this.#used)
    this.#buffer = grown
  }
}

interface Waiting {
  /** Position of the append's first entry. */
  readonly position: number
  readonly resolve: (position: number) => void
  readonly reject: (error: Error) => void
}
