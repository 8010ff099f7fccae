/** Number of a cell that devices say when they know none. */
export const NO_CELL = 65_535
const MINUTE_MS = 60_000

/**
 * How many answers each radio cell carried in the last minute: every report is answered, so its reports are its downlinks. What
 * can wait does not ride on an answer while a cell has more than its share. A cell that nobody named is not limited.
 */
export class CellLoad {
  readonly #limit: number
  /** Answers in the minute under way and in the one before, by cell. */
  #now = new Map<number, number>()
  #before = new Map<number, number>()
  /** Answers of the fullest cell in each of them. */
  #mostNow = 0
  #mostBefore = 0
  #minute = 0

  /** @param answersAMinute of one cell above which what can wait is held back */
  constructor(answersAMinute: number) {
    this.#limit = answersAMinute
  }

  /** A report of a device in a cell was answered. @param at Unix ms */
  note(cell: number, at: number): void {
    this.#turn(at)
    const count = (this.#now.get(cell) ?? 0) + 1
    this.#now.set(cell, count)
    if (cell !== NO_CELL) this.#mostNow = Math.max(this.#mostNow, count)
  }

  /** Answers a minute of a cell, over the last one to two minutes. */
  rate(cell: number, at: number): number {
    this.#turn(at)
    const share = 1 - (at % MINUTE_MS) / MINUTE_MS
    return (this.#now.get(cell) ?? 0) + share * (this.#before.get(cell) ?? 0)
  }

  /** Whether no cell can have carried so many answers a minute: asked first, where each report is asked about. */
  isCalm(answersAMinute: number, at: number): boolean {
    this.#turn(at)
    return this.#mostNow + this.#mostBefore < answersAMinute
  }

  isBusy(cell: number, at: number): boolean {
    return cell !== NO_CELL && this.rate(cell, at) > this.#limit
  }

  #turn(at: number): void {
    const minute = Math.floor(at / MINUTE_MS)
    if (minute <= this.#minute) return
    this.#before = minute === this.#minute + 1 ? this.#now : new Map()
    this.#mostBefore = minute === this.#minute + 1 ? this.#mostNow : 0
    this.#mostNow = 0
    this.#now = new Map()
    this.#minute = minute
  }
}
