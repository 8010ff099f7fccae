import type { Leak, LeakClosed } from '../contract/index.ts'

/** A leak as it stood when a person closed it, and how. */
export type ClosedLeak = Omit<Leak, 'closed'> & { readonly closed: LeakClosed }

/** As many are kept at hand; all are in the log. */
const MOST = 500

/**
 * Leaks that people have closed; follows from the log. The analysis forgets what is older than its history and numbers anew after a
 * start: a closed leak is known by its zone and time.
 */
export class ClosedLeaks {
  #closed: readonly ClosedLeak[] = []

  /** Oldest first. */
  get list(): readonly ClosedLeak[] {
    return this.#closed
  }

  /** A correction stands in the place of what it corrects. */
  take(leak: ClosedLeak): void {
    const others = leak.closed.before === undefined ? this.#closed : this.#closed.filter((one) => !isSame(one, leak))
    this.#closed = [...others, leak].slice(-MOST)
  }

  /** What was found, with what was closed in its place; what was withdrawn before stays beside it. */
  over(found: readonly Leak[]): readonly Leak[] {
    // A rupture may have come beside a leak that was known before.
    const isOver = ({ zone, kind, state, suspected_at }: Leak) =>
      state !== 'dismissed' &&
      this.#closed.some((c) => c.zone === zone && c.kind === kind && suspected_at <= firstClosedAt(c.closed))
    return [...this.#closed, ...found.filter((leak) => !isOver(leak))]
  }
}

/** From when on a new flow of the zone is another leak, Unix ms: what is corrected later ended when it was first closed. */
const firstClosedAt = ({ at, before }: LeakClosed): number => before?.[0]?.at ?? at

const isSame = (a: ClosedLeak, b: ClosedLeak): boolean =>
  a.id === b.id && a.zone === b.zone && a.suspected_at === b.suspected_at
