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
    const text = problemText(problem)
    this.takeTo(this.#bytes.length, 'unread', text)
    return { format, fields: this.fields, problem: text }
  }
}

/** What is wrong with a frame, in words. */
export const problemText = ({ reason, at, detail }: Malformed): string => `${reason} at byte ${at}: ${detail}`

/**
 * Takes the frames of a message apart one by one, with what stands before, between and behind them.
 * @param found  all frames of the bytes, in their order, and the runs that are none
 * @param explainOne  takes the fields of one frame; returns what is wrong with it, in words
 */
export function explainFrames<Found extends { readonly kind: 'frame'; readonly at: number }>(
  format: string,
  bytes: Uint8Array,
  found: readonly (Found | Malformed)[],
  explainOne: (list: FieldList, frame: Found) => string | undefined,
): Explanation {
  const list = new FieldList(bytes)
  let problem: string | undefined
  for (const [i, frame] of found.entries()) {
    if (frame.kind === 'malformed') {
      problem ??= problemText(frame)
      const next = found[i + 1]
      list.takeTo(next?.kind === 'frame' ? next.at : bytes.length, 'unread', problem)
      continue
    }
    list.takeTo(frame.at, 'preamble', 'wakes the receiver')
    const trouble = explainOne(list, frame)
    problem ??= trouble
  }
  list.takeTo(bytes.length, 'preamble', 'wakes the receiver')
  return { format, fields: list.fields, ...(problem !== undefined && { problem }) }
}

/** A time for people; a clock that is no time says so. */
export const timeText = (ms: number): string =>
  Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'no time'
