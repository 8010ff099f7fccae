import type { CborReader } from './reader.ts'

/**
 * Walks the one map of a message in deterministic order. `read` takes the value of a key it knows and returns true; other keys
 * are passed over.
 */
export function readMap(reader: CborReader, read: (key: number) => boolean): void {
  const pairs = reader.map()
  let previous = -1
  for (let i = 0; i < pairs && !reader.problem; i++) {
    const at = reader.at
    const key = reader.uint()
    if (key <= previous) reader.fail('unsupported', at, 'keys are not in rising order')
    previous = key
    if (!read(key)) reader.skip()
  }
}

/** The message must end here. */
export function expectEnd(reader: CborReader): void {
  if (!reader.problem && !reader.atEnd) reader.fail('trailing-bytes', reader.at, 'bytes behind the message')
}

/** An unsigned integer that may not be larger than `max`. */
export function uintUpTo(reader: CborReader, max: number, what: string): number {
  const at = reader.at
  const value = reader.uint()
  if (value > max) reader.fail('out-of-range', at, `${what} above ${max}`)
  return value
}

/** The word of a list whose position is on the wire. */
export function wordOf<T>(reader: CborReader, words: readonly T[], what: string): T | undefined {
  const at = reader.at
  const word = words[reader.uint()]
  if (word === undefined) reader.fail('out-of-range', at, `${what} has no name`)
  return word
}
