import type { Malformed } from '@gastwin/twin'
import { toHex } from '../bytes/hex.ts'

/** One field of a frame, for people. */
export interface ExplainedField {
  /** From the first byte given. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
  readonly hex: string
  readonly name: string
  readonly meaning: string
}

/** A frame taken apart. The fields cover all its bytes, in order, without gap. */
export interface Explanation {
  readonly format: string
  readonly fields: readonly ExplainedField[]
  /** Why it could not be read to the end. */
  readonly problem?: string
}

/** Collects the fields of one frame in wire order. */
export class FieldList {
  readonly fields: ExplainedField[] = []
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get at(): number {
    return this.#at
  }

  /** The next `length` bytes are called `name`. */
  take(length: number, name: string, meaning: string): void {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    if (bytes.length > 0)
      this.fields.push({ offset: this.#at, length: bytes.length, hex: toHex(bytes, ' '), name, meaning })
    this.#at += bytes.length
  }

  /** Everything up to `end` is called `name`. */
  takeTo(end: number, name: string, meaning: string): void {
    this.take(end - this.#at, name, meaning)
  }

  /** The bytes that could not be read. */
  fail(format: string, problem: Malformed): Explanation {
    const text = `${problem.reason} at byte ${problem.at}: ${problem.detail}`
    this.takeTo(this.#bytes.length, 'unread', text)
    return { format, fields: this.fields, problem: text }
  }
}

/** A time for people; a clock that is no time says so. */
export const timeText = (ms: number): string =>
  Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'no time'
