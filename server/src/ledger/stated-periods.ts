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
    const key = keyOf(every, statement.zone, statement.from)
    this.#stated.set(key, { ...NO_LEAKS, ...supplyOf(statement), ...statement })
    if (change !== null) this.#log([{ ...NO_LEAK_CHANGE, ...change }])
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
      const change = before === undefined ? null : changeOf(before, period, at)
      const statement = statementOf(period, yuan, change?.revision ?? before?.revision ?? 1, at)
      statements[every].push(statement)
      if (change !== null) changes.push(change)
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

/** Records of before leaks were told have none. */
const NO_LEAKS = { known_leaks: [] }
const NO_LEAK_CHANGE = { leak_change_m3: 0 }

/** Records of before the supply was judged tell no more than how many hours were measured. */
const supplyOf = ({ inlet_coverage }: GapStatement): Pick<GapStatement, 'supply_state' | 'supply_doubt_m3'> => ({
  supply_state: inlet_coverage > 1 - 1e-9 ? 'measured' : 'partly',
  supply_doubt_m3: null,
})

/** What late data, or another word about a leak, changed in a period; null when neither did. */
function changeOf(before: GapStatement, period: GapPeriod, at: number): GapRevision | null {
  const [reopened] = reopenedPeriods([asPeriod(before)], [period])
  if (reopened === undefined && wordOf(before.known_leaks) === wordOf(period.known_leaks)) return null
  const nothing = before.gap_m3 === null ? null : 0
  const { supply_change_m3 = 0, sales_change_m3 = 0, gap_change_m3 = nothing } = reopened ?? {}
  const [leakBefore, leakAfter] = [before.shares_m3?.leak.p50, period.shares?.leak.p50]
  return {
    ...{ zone: period.zone, from: period.from, to: period.to, at, revision: before.revision + 1 },
    ...{ supply_change_m3, sales_change_m3, gap_change_m3 },
    leak_change_m3: leakBefore === undefined || leakAfter === undefined ? null : leakAfter - leakBefore,
  }
}

/** What is said of leaks apart from numbers, which move a little with every report. */
const wordOf = (leaks: GapPeriod['known_leaks']): string =>
  leaks
    .map(({ id, standing, until }) => `${id}/${standing}/${until === null}`)
    .sort()
    .join()

/** Sums may stand with a rounding error of the last bit beside each other: what is stated adds up as doubles do. */
const statementOf = (
  period: GapPeriod,
  yuan: GapStatement['shares_yuan'],
  revision: number,
  at: number,
): GapStatement => {
  const { shares, known_leaks, ...ledger } = period
  return { ...ledger, known_leaks: [...known_leaks], shares_m3: shares, shares_yuan: yuan, revision, stated_at: at }
}

const asPeriod = ({ shares_m3, supply_doubt_m3, ...ledger }: GapStatement): GapPeriod => ({
  ...ledger,
  supply_doubt_m3: supply_doubt_m3 ?? 0,
  shares: shares_m3,
})

function moved(before: GapStatement, after: GapStatement): boolean {
  const [old, shares] = [before.shares_m3, after.shares_m3]
  if (old === null || shares === null) return old !== shares
  return GAP_SHARES.some((share) =>
    (['p05', 'p50', 'p95'] as const).some(
      (quantile) => Math.abs(shares[share][quantile] - old[share][quantile]) > MOVED * Math.abs(after.supply_m3),
    ),
  )
}
