import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { BLOCK_HEADER_BYTES, type BlockHeader, findMagic, RECORD_HEADER_BYTES, readBlockHeader } from './block.ts'
import type { LogRecord } from './event-log.ts'

const CHUNK_BYTES = 1024 * 1024

export interface ScannedBlock {
  readonly header: BlockHeader
  /** Byte offset of the block in its segment. */
  readonly offset: number
  /** Byte offset behind the block. */
  readonly end: number
  /** A view of the scanner's chunk, which is never overwritten. */
  readonly body: Buffer
}

/** Walks over the blocks of one segment file, and finds the next valid one behind damage. */
export class BlockScanner {
  readonly #file: FileHandle
  readonly #logId: Buffer
  #offset: number
  #chunk: Buffer = Buffer.alloc(0)
  #chunkAt = 0

  constructor(file: FileHandle, logId: Buffer, offset: number) {
    this.#file = file
    this.#logId = logId
    this.#offset = offset
  }

  /** Where the next block is expected. */
  get offset(): number {
    return this.#offset
  }

  /** The block at `offset`, or undefined when no valid one stands there; then `offset` stays. */
  async next(): Promise<ScannedBlock | undefined> {
    const block = await this.#blockAt(this.#offset)
    if (block) this.#offset = block.end
    return block
  }

  /**
   * The next valid block behind `offset` whose position is not below `atLeast`, searched byte by byte. The length that a
   * damaged block claims is not believed: it must not cost the good block behind it.
   */
  async resync(atLeast: number): Promise<ScannedBlock | undefined> {
    let from = this.#offset + 1
    for (;;) {
      await this.#load(from, BLOCK_HEADER_BYTES)
      const at = findMagic(this.#chunk, from - this.#chunkAt)
      if (at < 0) {
        const searched = this.#chunkAt + this.#chunk.length
        if (this.#chunk.length < CHUNK_BYTES) return undefined
        from = Math.max(searched - 3, from + 1)
        continue
      }
      const offset = this.#chunkAt + at
      const block = await this.#blockAt(offset)
      if (block && block.header.position >= atLeast) {
        this.#offset = block.end
        return block
      }
      from = offset + 1
    }
  }

  async #blockAt(offset: number): Promise<ScannedBlock | undefined> {
    await this.#load(offset, BLOCK_HEADER_BYTES)
    const header = readBlockHeader(this.#chunk, offset - this.#chunkAt)
    if (!header?.logId.equals(this.#logId)) return undefined
    const size = BLOCK_HEADER_BYTES + header.bodyBytes
    // A length is compared with the file before memory is spent on it.
    if (!this.#has(offset, size) && offset + size > (await this.#file.stat()).size) return undefined
    await this.#load(offset, size)
    if (!this.#has(offset, size)) return undefined
    const start = offset - this.#chunkAt
    const body = this.#chunk.subarray(start + BLOCK_HEADER_BYTES, start + size)
    return crc32(body) === header.bodyCrc ? { header, offset, end: offset + size, body } : undefined
  }

  #has(offset: number, length: number): boolean {
    return offset >= this.#chunkAt && offset + length <= this.#chunkAt + this.#chunk.length
  }

  /** Makes the chunk hold the bytes, as far as the file has them. Chunks are fresh each time because records are views of them. */
  async #load(offset: number, length: number): Promise<void> {
    if (this.#has(offset, length)) return
    const chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length))
    let filled = 0
    while (filled < chunk.length) {
      const { bytesRead } = await this.#file.read(chunk, filled, chunk.length - filled, offset + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    this.#chunk = chunk.subarray(0, filled)
    this.#chunkAt = offset
  }
}

/** Appends the records of a block from position `from` on to `into`. */
export function readRecords(block: ScannedBlock, from: number, into: LogRecord[]): void {
  const { body, header } = block
  let at = 0
  for (let position = header.position; position < header.position + header.records; position++) {
    const length = body.readUInt32LE(at)
    const start = at + RECORD_HEADER_BYTES
    at = start + length
    if (position < from) continue
    into.push({
      position,
      kind: body.readUInt8(start - 9),
      receivedAt: body.readDoubleLE(start - 8),
      body: body.subarray(start, at),
    })
  }
}
