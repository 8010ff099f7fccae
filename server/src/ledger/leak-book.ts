import type { KnownLeak } from '@gastwin/analytics'
import { KEPT_DAYS } from './kept-readings.ts'
import { knownLeakOf, type SaidLeak } from './known-leaks.ts'

const KEPT_MS = KEPT_DAYS * 24 * 3_600_000
/** Two names for one leak that was cut off: the analysis names it anew after a start. */
const SAME_BEGIN_MS = 12 * 3_600_000

interface Entry {
  readonly leak: SaidLeak
  /** When it was last spoken of, and when it was first told to be cut off, Unix ms. */
  readonly saidAt: number
  readonly isolatedAt: number | null
}

/**
 * The leaks that the log tells of, as evidence for the ledger: what the analysis found, and how people closed it. Follows from the
 * records in their order; a record that comes twice changes nothing. What nobody spoke of for as long as readings are kept is gone, as
 * it is for whoever reads the log again.
 */
export class LeakBook {
  #entries: Entry[] = []

  /** @returns whether the ledger should be stated again. @param at Unix ms of the record */
  take(leak: SaidLeak, at: number): boolean {
    const before = this.#signature()
    const kept = this.#entries.filter((entry) => !isSame(entry, leak))
    const known = this.#entries.find((entry) => isSame(entry, leak))
    // A leak that is told open again flows again: somebody opened its valves by hand.
    const cutOff = leak.closed === null && leak.state !== 'isolated' ? null : (known?.isolatedAt ?? null)
    const isolatedAt = cutOff ?? (leak.state === 'isolated' ? at : null)
    // The analysis goes on to name what a person has closed until it reads of that.
    const stands = known !== undefined && known.leak.closed !== null && leak.closed === null
    this.#entries = [...kept, stands ? known : { leak, saidAt: at, isolatedAt }].filter(
      (entry) => entry.leak.state !== 'dismissed' && at - entry.saidAt <= KEPT_MS,
    )
    return this.#signature() !== before
  }

  /** Those that count, oldest first. @param now service clock, Unix ms */
  known(now: number): KnownLeak[] {
    return this.#entries
      .filter(({ saidAt }) => now - saidAt <= KEPT_MS)
      .flatMap(({ leak, isolatedAt }) => knownLeakOf(leak, isolatedAt) ?? [])
      .sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))
  }

  #signature(): string {
    return JSON.stringify(this.known(Number.NEGATIVE_INFINITY))
  }
}

/** A zone has one open leak at a time, and one rupture beside it. */
function isSame({ leak, isolatedAt }: Entry, said: SaidLeak): boolean {
  if (leak.id === said.id) return true
  if (leak.zone !== said.zone || leak.kind !== said.kind || leak.closed !== null) return false
  return isolatedAt === null || Math.abs(leak.started_at - said.started_at) <= SAME_BEGIN_MS
}
