const WIDTH = 64

/**
 * Which of the newest 64 sequence numbers of an epoch were taken. What is older counts as taken.
 * @source RFC 6347 §4.1.2.6, RFC 4303 §3.4.3
 */
export class ReplayWindow {
  /** Highest number taken, −1 before the first. */
  #newest = -1
  /** Bit i of the two words: newest − i was taken. */
  #low = 0
  #high = 0

  get newest(): number {
    return this.#newest
  }

  /** Whether a record of this number may still be looked at. */
  isFresh(sequence: number): boolean {
    const back = this.#newest - sequence
    if (back < 0) return true
    if (back >= WIDTH) return false
    return ((back < 32 ? this.#low >>> back : this.#high >>> (back - 32)) & 1) === 0
  }

  /** Marks a number as taken; only after its record proved authentic, or a forger could close the window. */
  take(sequence: number): void {
    const forward = sequence - this.#newest
    if (forward > 0) {
      this.#shift(forward)
      this.#newest = sequence
      this.#low |= 1
    } else if (-forward < 32) this.#low |= 1 << -forward
    else if (-forward < WIDTH) this.#high |= 1 << (-forward - 32)
  }

  #shift(by: number): void {
    if (by >= WIDTH) {
      this.#low = 0
      this.#high = 0
    } else if (by >= 32) {
      this.#high = by === 32 ? this.#low : this.#low << (by - 32)
      this.#low = 0
    } else {
      this.#high = (this.#high << by) | (this.#low >>> (32 - by))
      this.#low <<= by
    }
  }
}
