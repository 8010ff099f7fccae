import type { GapStatement } from '@gastwin/server/contract'

/** A statement whose supply was measured, so that there is a gap. */
export type StatedGap = GapStatement & {
  readonly gap_m3: number
  readonly shares_m3: NonNullable<GapStatement['shares_m3']>
  readonly shares_yuan: NonNullable<GapStatement['shares_yuan']>
}

export const isStated = (statement: GapStatement): statement is StatedGap =>
  statement.gap_m3 !== null && statement.shares_m3 !== null && statement.shares_yuan !== null

const DAY_MS = 86_400_000

/** Days of the period; a period cut short by the present counts as long as it is. */
export const daysOf = ({ from, to }: Pick<GapStatement, 'from' | 'to'>): number => Math.max(0, (to - from) / DAY_MS)

/** m³ a day at the reference state. */
export const gapPerDay = (statement: StatedGap): number => perDay(statement.gap_m3, statement)

export function perDay(volume: number, period: Pick<GapStatement, 'from' | 'to'>): number {
  const days = daysOf(period)
  return days === 0 ? 0 : volume / days
}

export interface Interval {
  readonly p05: number
  readonly p95: number
}

/** What is left of a gap when its lasting causes are taken away: it levels out, or nobody knows. */
const NOT_LASTING = ['timing', 'unread', 'unexplained'] as const

/**
 * How much of the gap has a lasting cause (leak, theft, meter error, temperature and pressure), m³ a day. The gap itself is a
 * sum of readings, so this is as uncertain as the rest of it; the three parts of the rest count as independent.
 */
export function explainedPerDay(statement: StatedGap): Interval {
  let rest = 0
  let above = 0
  let below = 0
  for (const name of NOT_LASTING) {
    const { p05, p50, p95 } = statement.shares_m3[name]
    rest += p50
    above += (p95 - p50) ** 2
    below += (p50 - p05) ** 2
  }
  const middle = statement.gap_m3 - rest
  return {
    p05: perDay(middle - Math.sqrt(above), statement),
    p95: perDay(middle + Math.sqrt(below), statement),
  }
}

/** Share of the gap that has a lasting cause at the least, 0 … 1. */
export function confidenceOf(statement: StatedGap): number {
  const gap = gapPerDay(statement)
  const { p05, p95 } = explainedPerDay(statement)
  if (gap === 0) return 0
  return Math.min(1, Math.max(0, gap > 0 ? p05 / gap : p95 / gap))
}
