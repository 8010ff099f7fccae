import { TERMINAL_WORDS, type TerminalLogEntry } from '@gastwin/twin'

const MORE = 0x80
const BITS = 7
const GROUPS = 5

/**
 * Lines of a terminal's log, each as the seconds since the one before, the number of its word (one byte), and its value folded
 * (0, −1, 1, −2 … → 0, 1, 2, 3 …); numbers in groups of seven bits, low group first, the top bit saying that more follow.
 * @returns Unix s of the first line, 0 without one, and the bytes
 */
export function packLog(entries: readonly TerminalLogEntry[]): { readonly first: number; readonly bytes: Uint8Array } {
  const first = Math.floor((entries[0]?.at ?? 0) / 1000)
  const bytes: number[] = []
  let last = first
  for (const { at, what, value } of entries) {
    const second = Math.max(last, Math.floor(at / 1000))
    pushNumber(bytes, second - last)
    bytes.push(TERMINAL_WORDS.indexOf(what))
    pushNumber(bytes, value < 0 ? -2 * value - 1 : 2 * value)
    last = second
  }
  return { first, bytes: Uint8Array.from(bytes) }
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value
  for (; rest >= MORE; rest = Math.floor(rest / MORE)) bytes.push(MORE + (rest % MORE))
  bytes.push(rest)
}

/** Mirror of `packLog`; undefined when a line is cut. Words of a later make are passed over. */
export function unpackLog(first: number, bytes: Uint8Array): TerminalLogEntry[] | undefined {
  const entries: TerminalLogEntry[] = []
  let second = first
  let at = 0
  const next = (): number => {
    let value = 0
    for (let group = 0; group < GROUPS; group++) {
      const byte = bytes[at++]
      if (byte === undefined) return Number.NaN
      value += (byte % MORE) * 2 ** (BITS * group)
      if (byte < MORE) return value
    }
    return Number.NaN
  }
  while (at < bytes.length) {
    second += next()
    const word = bytes[at++]
    const folded = next()
    if (word === undefined || Number.isNaN(second) || Number.isNaN(folded)) return undefined
    const what = TERMINAL_WORDS[word]
    const value = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
    if (what !== undefined) entries.push({ at: second * 1000, what, value })
  }
  return entries
}
