import type { GapStatement } from '@gastwin/server/contract'
import type { GapPeriod, PeriodLength } from '../state/gap-period.ts'

const DAY_MS = 86_400_000
/** How far back each length is asked for. */
export const REACH_MS: Readonly<Record<PeriodLength, number>> = {
  day: 32 * DAY_MS,
  week: 27 * 7 * DAY_MS,
  month: 13 * 31 * DAY_MS,
}

export interface KnownPeriod {
  readonly from: number
  readonly to: number
}

/** The periods that have a statement, newest first. */
export function knownPeriods(statements: readonly GapStatement[]): readonly KnownPeriod[] {
  const ends = new Map<number, number>()
  for (const { from, to } of statements) ends.set(from, Math.max(to, ends.get(from) ?? to))
  return [...ends].map(([from, to]) => ({ from, to })).sort((a, b) => b.from - a.from)
}

/** Index of the period that was asked for; the newest when it is not (or no longer) known. */
export function indexOfPeriod(known: readonly KnownPeriod[], { from }: GapPeriod): number {
  return Math.max(0, from === undefined ? 0 : known.findIndex((p) => p.from === from))
}
