import { appendFile, type FileHandle, open, readFile, truncate } from 'node:fs/promises'
import { StoreError } from '@gastwin/twin'
import { type AuditFacts, type AuditVerdict, auditLine, claimedHash, GENESIS, verifyLines } from './audit-chain.ts'

const LINE_BREAK = 0x0a

/** Where a record stands in the chain. */
export interface AuditReceipt {
  readonly sequence: number
  /** SM3, 64 hexadecimal digits. */
  readonly hash: string
}

/**
 * What safety did and why, one JSON record a line, appended and synced one by one, each carrying the SM3 of the one before: a
 * record that is changed, taken out or put in later breaks the chain. Only one process may write it.
 */
export class AuditLog {
  readonly #file: string
  readonly #handle: FileHandle
  #length: number
  #sequence: number
  #hash: string
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  #broken: unknown
  /** State of the chain when it was opened. */
  readonly verdict: AuditVerdict
  /** Bytes of an unfinished last record that were moved to `FILE.torn`. */
  readonly tornBytes: number

  private constructor(file: string, handle: FileHandle, length: number, lines: readonly string[], tornBytes: number) {
    this.#file = file
    this.#handle = handle
    this.#length = length
    this.#sequence = lines.length
    this.#hash = lines.map(claimedHash).findLast((hash) => hash !== undefined) ?? GENESIS
    this.verdict = verifyLines(lines)
    this.tornBytes = tornBytes
  }

  /**
   * Opens or creates the file. A last record that was cut by a crash (it was never acknowledged) is moved to `FILE.torn`. A chain
   * that is broken elsewhere stays as evidence: `verdict` says where, and new records go on from the last hash.
   * @param openFile for tests: a disk that refuses
   * @throws StoreError LOG_CORRUPT when the file cannot be opened
   */
  static async open(file: string, openFile: typeof open = open): Promise<AuditLog> {
    try {
      const { lines, length, torn } = await readLines(file)
      if (torn.length > 0) {
        await appendFile(`${file}.torn`, torn, { flush: true })
        await truncate(file, length)
      }
      return new AuditLog(file, await openFile(file, 'a'), length, lines, torn.length)
    } catch (error) {
      throw new StoreError('LOG_CORRUPT', `audit log ${file} cannot be opened: ${String(error)}`, { file }, error)
    }
  }

  /** Hash of the last record. */
  get hash(): string {
    return this.#hash
  }

  /**
   * Appends a record; resolves when it is on the disk. Records get their place in the order of the calls; those that are asked for
   * while the disk is busy share its next sync.
   * @param at Unix ms of the service's clock
   * @throws StoreError LOG_FULL when the disk refuses; the record is then not part of the chain
   */
  append(at: number, event: string, facts: AuditFacts): Promise<AuditReceipt> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ at, event, facts, resolve, reject })
      this.#writing ??= Promise.resolve().then(() => this.#writeAll())
    })
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#handle.close()
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        const receipts = await this.#write(group)
        for (const [i, { resolve }] of group.entries()) resolve(receipts[i] as AuditReceipt)
      } catch (error) {
        for (const { reject } of group) reject(this.#refusal(error))
      }
    }
    this.#writing = undefined
  }

  async #write(group: readonly Waiting[]): Promise<readonly AuditReceipt[]> {
    if (this.#broken !== undefined) throw this.#broken
    const receipts: AuditReceipt[] = []
    let text = ''
    let hash = this.#hash
    for (const { at, event, facts } of group) {
      const sequence = this.#sequence + receipts.length + 1
      const record = auditLine(hash, sequence, at, event, facts)
      hash = record.hash
      text += `${record.line}\n`
      receipts.push({ sequence, hash })
    }
    const bytes = Buffer.from(text)
    try {
      await this.#handle.appendFile(bytes)
      await this.#handle.datasync()
    } catch (error) {
      // Half a record must not stand before the next one.
      await truncate(this.#file, this.#length).catch((second: unknown) => {
        this.#broken = second
      })
      throw error
    }
    this.#length += bytes.length
    this.#sequence += group.length
    this.#hash = hash
    return receipts
  }

  #refusal(cause: unknown): StoreError {
    return new StoreError(
      'LOG_FULL',
      `audit log ${this.#file} refuses records: ${String(cause)}`,
      { file: this.#file },
      cause,
    )
  }
}

interface Waiting {
  readonly at: number
  readonly event: string
  readonly facts: AuditFacts
  readonly resolve: (receipt: AuditReceipt) => void
  readonly reject: (error: StoreError) => void
}

/** Checks the chain of a file, also while it is written. @throws StoreError LOG_CORRUPT when it cannot be read */
export async function verifyAuditLog(file: string): Promise<AuditVerdict> {
  try {
    const { lines, torn } = await readLines(file)
    const verdict = verifyLines(lines)
    return verdict.ok && torn.length > 0 ? { ok: false, line: lines.length + 1, reason: 'unreadable' } : verdict
  } catch (error) {
    throw new StoreError('LOG_CORRUPT', `audit log ${file} cannot be read: ${String(error)}`, { file }, error)
  }
}

/** The whole lines, their length in bytes, and the bytes of a last record that is not whole. */
async function readLines(file: string): Promise<{ lines: string[]; length: number; torn: Uint8Array }> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  let length = bytes.lastIndexOf(LINE_BREAK) + 1
  const lines = length === 0 ? [] : bytes.toString('utf8', 0, length - 1).split('\n')
  const last = lines.at(-1)
  // After a power failure the line break may be on the disk and the text before it not.
  if (length === bytes.length && last !== undefined && claimedHash(last) === undefined) {
    lines.pop()
    length = length < 2 ? 0 : bytes.lastIndexOf(LINE_BREAK, length - 2) + 1
  }
  return { lines, length, torn: bytes.subarray(length) }
}
