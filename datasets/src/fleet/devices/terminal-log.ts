import { TERMINAL_WORDS, type TerminalLogEntry, type TerminalLogPiece, type TerminalWord } from '@gastwin/twin'

/** A terminal keeps its log so long (S0-109). */
const KEPT_MS = 30 * 86_400_000
/** Lines of one piece: with the register beside them they stay within an enciphered packet (S0-65). */
const LINES_A_PIECE = 20
const DAY_MS = 86_400_000

/** What a terminal noted of its communication and work, oldest first; three numbers a line, because a city has many of them. */
export class TerminalLog {
  readonly #lines: number[] = []

  /** @param at Unix ms by the terminal's own clock */
  note(at: number, what: TerminalWord, value = 0): void {
    const second = Math.floor(at / 1000)
    let old = 0
    while ((this.#lines[old] ?? second) < second - KEPT_MS / 1000) old += 3
    if (old > 0) this.#lines.splice(0, old)
    this.#lines.push(second, TERMINAL_WORDS.indexOf(what), value)
  }

  /** The lines of the last days, in pieces for a command; one empty piece when there is none. @param now Unix ms */
  pieces(command: number, days: number, now: number): TerminalLogPiece[] {
    const entries: TerminalLogEntry[] = []
    for (let i = 0; i < this.#lines.length; i += 3) {
      const [second = 0, word = 0, value = 0] = this.#lines.slice(i, i + 3)
      const what = TERMINAL_WORDS[word]
      if (what !== undefined && second * 1000 >= now - days * DAY_MS) entries.push({ at: second * 1000, what, value })
    }
    entries.sort((a, b) => a.at - b.at)
    const pieces = Math.max(1, Math.ceil(entries.length / LINES_A_PIECE))
    return Array.from({ length: pieces }, (_, i) => ({
      ...{ command, piece: i + 1, pieces },
      entries: entries.slice(i * LINES_A_PIECE, (i + 1) * LINES_A_PIECE),
    }))
  }
}
