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
  #queue: Promise<unknown> = Promise.resolve()
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
   * Appends a record; resolves when it is on the disk. Records get their place in the order of the calls.
   * @param at Unix ms of the service's clock
   * @throws StoreError LOG_FULL when the disk refuses; the record is then not part of the chain
   */
  append(at: number, event: string, facts: AuditFacts): Promise<AuditReceipt> {
    const turn = this.#queue.then(() => this.#write(at, event, facts))
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  async close(): Promise<void> {
    await this.#queue
    await this.#handle.close()
  }

  async #write(at: number, event: string, facts: AuditFacts): Promise<AuditReceipt> {
    if (this.#broken !== undefined) throw this.#refusal(this.#broken)
    const { line, hash } = auditLine(this.#hash, this.#sequence + 1, at, event, facts)
    const bytes = Buffer.from(`${line}\n`)
    try {
      await this.#handle.appendFile(bytes)
      await this.#handle.datasync()
    } catch (error) {
      // Half a record must not stand before the next one.
      await truncate(this.#file, this.#length).catch((second: unknown) => {
        this.#broken = second
      })
      throw this.#refusal(error)
    }
    this.#length += bytes.length
    this.#sequence++
    this.#hash = hash
    return { sequence: this.#sequence, hash }
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
