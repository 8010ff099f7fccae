/** How far behind the newest a message may come and still be fresh: datagrams overtake each other. */
const WINDOW = 64

/** The newest counter heard under a session, and which of those shortly before it were: bit n stands for the newest − n. */
interface Heard {
  readonly session: number
  newest: number
  seen: bigint
}

/** As JSON; `seen` in hexadecimal. */
export type SavedCounter = readonly [device: number, session: number, newest: number, seen: string]

const MASK = (1n << BigInt(WINDOW)) - 1n

/** Counters of sealed messages: each is taken once under a session (as in RFC 4303 §3.4.3), and a new session begins anew. */
export class MessageCounters {
  readonly #heard = new Map<number, Heard>()

  /**
   * Notes a message whose seal was good.
   * @param session position of the session in the log
   * @returns false when it was said before, or is too old to know
   */
  take(device: number, session: number, counter: number): boolean {
    const heard = this.#heard.get(device)
    if (heard === undefined || heard.session < session) {
      this.#heard.set(device, { session, newest: counter, seen: 1n })
      return true
    }
    if (heard.session > session) return false
    const ahead = counter - heard.newest
    if (ahead > 0) {
      heard.seen = ahead >= WINDOW ? 1n : ((heard.seen << BigInt(ahead)) | 1n) & MASK
      heard.newest = counter
      return true
    }
    const bit = 1n << BigInt(Math.min(-ahead, WINDOW))
    if (-ahead >= WINDOW || (heard.seen & bit) !== 0n) return false
    heard.seen |= bit
    return true
  }

  save(): readonly SavedCounter[] {
    return [...this.#heard].map(([device, { session, newest, seen }]) => [device, session, newest, seen.toString(16)])
  }

  load(saved: readonly SavedCounter[]): void {
    for (const [device, session, newest, seen] of saved)
      this.#heard.set(device, { session, newest, seen: BigInt(`0x${seen}`) })
  }
}
