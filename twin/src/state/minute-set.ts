const MINUTES = 32 * 1440
const WORDS = MINUTES / 32

/** Which minutes of the last 32 days are known, one bit each, moving with the newest. */
export class MinuteSet {
  readonly bits: Uint32Array
  newest: number

  constructor(bits: Uint32Array = new Uint32Array(WORDS), newest = -1) {
    this.bits = bits
    this.newest = newest
  }

  /** @param minute minutes since 1970. @returns whether it is `added`, was `known`, or lies before the window */
  add(minute: number): 'added' | 'known' | 'too_old' {
    if (minute <= this.newest - MINUTES) return 'too_old'
    if (minute > this.newest) this.#move(minute)
    const at = minute % MINUTES
    const word = this.bits[at >> 5] ?? 0
    const bit = 1 << (at & 31)
    if ((word & bit) !== 0) return 'known'
    this.bits[at >> 5] = word | bit
    return 'added'
  }

  #move(minute: number): void {
    if (this.newest < 0 || minute - this.newest >= MINUTES) this.bits.fill(0)
    else for (let m = this.newest + 1; m <= minute; m++) this.#clear(m % MINUTES)
    this.newest = minute
  }

  #clear(at: number): void {
    this.bits[at >> 5] = (this.bits[at >> 5] ?? 0) & ~(1 << (at & 31))
  }
}

/** The minute a sample belongs to: the one whose end is nearest, as an instrument may speak a little early or late. */
export function minuteOf(at: number): number {
  return Math.round(at / 60_000)
}
