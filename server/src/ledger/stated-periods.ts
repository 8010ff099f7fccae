import { GAP_SHARES, type GapPeriod, reopenedPeriods } from '@gastwin/analytics'
import type { GapRevision, GapStatement } from '../contract/index.ts'
import type { GapSpan, RecordedStatement } from './gap-records.ts'

/** A share that moved by more than this part of the supply goes on record again; less is the sampler's last digit. */
const MOVED = 0.002
const MOST_REVISIONS = 1_000

/** A period as the model answered it, with its costs. */
export interface AnsweredPeriod {
  readonly every: GapSpan
  readonly period: GapPeriod
  readonly yuan: GapStatement['shares_yuan']
}

const keyOf = (every: GapSpan, zone: string, from: number) => `${every}/${zone}/${from}`

/** What was stated before: from it follow revision numbers, the log of changes, and what has to go on record. */
export class StatedPeriods {
  readonly #stated = new Map<string, GapStatement>()
  #revisions: GapRevision[] = []

  /** Changes, newest first. */
  get revisions(): readonly GapRevision[] {
    return this.#revisions
  }

  /** Takes what an earlier run put on record. */
  restore({ every, statement, change }: RecordedStatement): void {
    this.#stated.set(keyOf(every, statement.zone, statement.from), statement)
    if (change !== null) this.#log([change])
  }

  /**
   * States periods anew.
   * @param at service clock, Unix ms
   * @returns all of them as statements, and those that go on record because they are new or changed
   */
  state(
    answered: readonly AnsweredPeriod[],
    at: number,
  ): {
    readonly statements: Readonly<Record<GapSpan, readonly GapStatement[]>>
    readonly toRecord: readonly RecordedStatement[]
  } {
    const statements: Record<GapSpan, GapStatement[]> = { day: [], week: [], month: [] }
    const toRecord: RecordedStatement[] = []
    const changes: GapRevision[] = []
    for (const { every, period, yuan } of answered) {
      const key = keyOf(every, period.zone, period.from)
      const before = this.#stated.get(key)
      const [reopened] = before === undefined ? [] : reopenedPeriods([asPeriod(before)], [period])
      const revision = before === undefined ? 1 : before.revision + (reopened === undefined ? 0 : 1)
      const statement = statementOf(period, yuan, revision, at)
      statements[every].push(statement)
      let change: GapRevision | null = null
      if (reopened !== undefined) {
        const { zone, from, to, supply_change_m3, sales_change_m3, gap_change_m3 } = reopened
        change = { zone, from, to, at, revision, supply_change_m3, sales_change_m3, gap_change_m3 }
        changes.push(change)
      }
      if (before !== undefined && change === null && !moved(before, statement)) continue
      this.#stated.set(key, statement)
      toRecord.push({ every, statement, change })
    }
    this.#log(changes)
    return { statements, toRecord }
  }

  /** Forgets periods that end before an instant, Unix ms: their readings are no longer held. */
  forget(before: number): void {
    for (const [key, { to }] of this.#stated) if (to < before) this.#stated.delete(key)
  }

  #log(changes: readonly GapRevision[]): void {
    this.#revisions = [...changes.toReversed(), ...this.#revisions].slice(0, MOST_REVISIONS)
  }
}

/** Sums may stand with a rounding error of the last bit beside each other: what is stated adds up as doubles do. */
const statementOf = (
  period: GapPeriod,
  yuan: GapStatement['shares_yuan'],
  revision: number,
  at: number,
): GapStatement => {
  const { shares, ...ledger } = period
  return { ...ledger, shares_m3: shares, shares_yuan: yuan, revision, stated_at: at }
}

const asPeriod = ({ shares_m3, ...ledger }: GapStatement): GapPeriod => ({ ...ledger, shares: shares_m3 })

const moved = (before: GapStatement, after: GapStatement): boolean =>
  GAP_SHARES.some((share) =>
    (['p05', 'p50', 'p95'] as const).some(
      (quantile) =>
        Math.abs(after.shares_m3[share][quantile] - before.shares_m3[share][quantile]) >
        MOVED * Math.abs(after.supply_m3),
    ),
  )
