import type { GapStatement } from '@gastwin/server/contract'

const DAY_MS = 86_400_000

/** Days of the period; a period cut short by the present counts as long as it is. */
export const daysOf = ({ from, to }: Pick<GapStatement, 'from' | 'to'>): number => Math.max(0, (to - from) / DAY_MS)

/** m³ a day at the reference state. */
export const gapPerDay = (statement: GapStatement): number => perDay(statement.gap_m3, statement)

export function perDay(volume: number, period: Pick<GapStatement, 'from' | 'to'>): number {
  const days = daysOf(period)
  return days === 0 ? 0 : volume / days
}

export interface Interval {
  readonly p05: number
  readonly p95: number
}

/** How much of the gap has a named cause, m³ a day: the gap itself is a sum of readings, only its causes are in doubt. */
export function explainedPerDay(statement: GapStatement): Interval {
  const { unexplained } = statement.shares_m3
  return {
    p05: perDay(statement.gap_m3 - unexplained.p95, statement),
    p95: perDay(statement.gap_m3 - unexplained.p05, statement),
  }
}

/** Share of the gap that has a cause even if the unexplained part is at its far end, 0 … 1. */
export function confidenceOf({ gap_m3, shares_m3 }: GapStatement): number {
  const far = Math.max(Math.abs(shares_m3.unexplained.p05), Math.abs(shares_m3.unexplained.p95))
  return gap_m3 === 0 ? 0 : Math.max(0, 1 - far / Math.abs(gap_m3))
}
