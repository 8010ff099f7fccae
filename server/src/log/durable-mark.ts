import fs from 'node:fs'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { LOG_ID_BYTES, readPosition, writePosition } from './block.ts'

/**
 * The file `durable`: how far the log is known to be safe on disk, for readers in other threads and processes, which see
 * bytes in the page cache that may not be on the disk. 20 bytes: log id 8, end position u64, CRC-32 of both. It is written
 * after each fsync and not synced itself: it may be behind the truth after a power cut, never before it.
 */
export interface DurableMark {
  readonly logId: Buffer
  /** Next position after the last durable record. */
  readonly end: number
}

const MARK_BYTES = 20
export const MARK_NAME = 'durable'

export function encodeMark(mark: DurableMark): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES)
  mark.logId.copy(bytes, 0)
  writePosition(bytes, mark.end, LOG_ID_BYTES)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16)
  return bytes
}

/** The mark, or undefined when the bytes are no mark (missing, torn by a write at the same moment, damaged). */
export function decodeMark(bytes: Buffer): DurableMark | undefined {
  if (bytes.length < MARK_BYTES || bytes.readUInt32LE(16) !== crc32(bytes.subarray(0, 16))) return undefined
  return { logId: Buffer.from(bytes.subarray(0, LOG_ID_BYTES)), end: readPosition(bytes, LOG_ID_BYTES) }
}

/** Reads the mark of a log directory; a mark caught in the middle of a write is read again a few times. */
export async function readMark(dir: string): Promise<DurableMark | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const bytes = await fs.promises.readFile(path.join(dir, MARK_NAME)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (bytes === undefined) return undefined
    const mark = decodeMark(bytes)
    if (mark) return mark
  }
  return undefined
}

/** Keeps the mark file up to date without ever holding up a commit: at most one write is under way, the newest end wins. */
export class DurableMarkWriter {
  readonly #fd: number
  readonly #logId: Buffer
  #written: number
  #wanted: number
  #busy: Promise<void> | undefined

  constructor(fd: number, logId: Buffer, end: number) {
    this.#fd = fd
    this.#logId = logId
    this.#written = end
    this.#wanted = end
  }

  advance(end: number): void {
    this.#wanted = end
    this.#busy ??= this.#write()
  }

  /** Resolves when the newest end is in the file. */
  async settled(): Promise<void> {
    while (this.#busy) await this.#busy
  }

  async #write(): Promise<void> {
    while (this.#written !== this.#wanted) {
      const end = this.#wanted
      const bytes = encodeMark({ logId: this.#logId, end })
      // A mark that cannot be written only delays readers; the log itself stays right, and the next commit tries again.
      await new Promise<void>((resolve) => fs.write(this.#fd, bytes, 0, bytes.length, 0, () => resolve()))
      this.#written = end
    }
    this.#busy = undefined
  }
}
