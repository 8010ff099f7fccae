/** What is reported within this time is of one event, ms. */
const TOGETHER_MS = 120_000

interface Change {
  readonly at: number
  readonly since: number
  readonly before: number
  readonly now: number
}

/**
 * Reports between the usual ones. An RTU that sees its pressure fall does not wait for its time: what it says then, against what it
 * said last, is the first that is known of a rupture.
 */
export class SuddenChanges {
  readonly #changes = new Map<number, Change>()

  /** @param key of transmitter and channel. @param at Unix ms. @param before its last usual value. */
  take(key: number, at: number, before: number, now: number): void {
    const known = this.#changes.get(key)
    const first = known !== undefined && Math.abs(at - known.since) < TOGETHER_MS ? known : { since: at, before }
    this.#changes.set(key, { at, since: first.since, before: first.before, now })
  }

  /** How many channels have spoken before their time lately. */
  heard(at: number): number {
    let count = 0
    for (const { since } of this.#changes.values()) if (Math.abs(at - since) <= TOGETHER_MS) count += 1
    return count
  }

  /** How much a value has moved lately; NaN where nothing was said between the usual reports. */
  of(key: number, at: number): number {
    const change = this.#changes.get(key)
    return change === undefined || Math.abs(at - change.since) > TOGETHER_MS ? Number.NaN : change.now - change.before
  }
}
