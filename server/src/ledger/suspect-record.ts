import type { SuspectFinding } from '../contract/index.ts'
import type { RecordedSuspect } from './gap-records.ts'

/** From this probability on a suspect counts as found and goes on record, and again when it changed by so much. */
export const SUSPECTED = 0.1
const CHANGED = 0.1
const MOST = 500

const keyOf = ({ meter, kind }: SuspectFinding) => `${meter}/${kind}`

/** One record for each reason: a meter may be a thief's today and stand still tomorrow. */
const byReason = (suspect: SuspectFinding): SuspectFinding[] => [
  { ...suspect, also: [] },
  ...suspect.also.map((reason) => ({ ...suspect, ...reason, yuan_per_month: null, also: [] })),
]

/** Whom the ledger suspected before, since when, and what of it is on record. */
export class SuspectRecord {
  readonly #found = new Map<string, number>()
  readonly #recorded = new Map<string, SuspectFinding>()

  /** When each was first found, Unix ms, by `meter/kind`. */
  get found(): ReadonlyMap<string, number> {
    return this.#found
  }

  restore({ suspect, foundAt }: RecordedSuspect): void {
    const key = keyOf(suspect)
    if (suspect.probability === 0) {
      this.#found.delete(key)
      this.#recorded.delete(key)
      return
    }
    this.#found.set(key, foundAt)
    this.#recorded.set(key, suspect)
  }

  /** @returns what has to go on record; a suspicion that fell away comes with probability 0 */
  state(suspects: readonly SuspectFinding[], at: number): RecordedSuspect[] {
    const reasons = suspects.flatMap(byReason).filter(({ probability }) => probability >= SUSPECTED)
    const now = new Map(reasons.map((one) => [keyOf(one), one]))
    const changed: RecordedSuspect[] = []
    for (const [key, suspect] of [...now].slice(0, MOST)) {
      const before = this.#recorded.get(key)
      if (!this.#found.has(key)) this.#found.set(key, at)
      if (before !== undefined && Math.abs(before.probability - suspect.probability) < CHANGED) continue
      this.#recorded.set(key, suspect)
      changed.push({ suspect, foundAt: this.#found.get(key) ?? at })
    }
    for (const [key, suspect] of this.#recorded) {
      if (now.has(key)) continue
      changed.push({ suspect: { ...suspect, probability: 0, facts: [] }, foundAt: this.#found.get(key) ?? at })
      this.#recorded.delete(key)
      this.#found.delete(key)
    }
    return changed
  }
}
