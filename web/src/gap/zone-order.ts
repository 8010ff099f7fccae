import type { GapStatement } from '@gastwin/server/contract'
import { confidenceOf, explainedPerDay, gapPerDay, type Interval, isStated } from './statement-figures.ts'

export const RANK_KEYS = ['rank', 'zone', 'rate', 'volume', 'explained', 'days', 'confidence', 'course'] as const
export type RankKey = (typeof RANK_KEYS)[number]

export interface ZoneRow {
  readonly zone: string
  readonly statement: GapStatement
  /** Place by m³ a day × confidence, 1 is first. */
  readonly rank: number
  /** m³ a day; null, like the next two, where the supply was not measured. */
  readonly volume: number | null
  readonly explained: Interval | null
  readonly confidence: number | null
  /** Gap rates of the last 30 days, oldest first; null where a day has no statement. */
  readonly course: readonly (number | null)[]
  readonly daysAbove: number
}

/**
 * One row per zone of a period, the zone where most can be won first: m³ a day × confidence, whatever its sign. Zones whose supply was
 * not measured come last.
 * @param course gap rates of the last days by zone; @param target gap rate
 */
export function rankZones(
  statements: readonly GapStatement[],
  course: ReadonlyMap<string, readonly (number | null)[]>,
  target: number,
): readonly ZoneRow[] {
  const rows = statements.map((statement) => {
    const rates = course.get(statement.zone) ?? []
    return {
      zone: statement.zone,
      statement,
      rank: 0,
      volume: isStated(statement) ? gapPerDay(statement) : null,
      explained: isStated(statement) ? explainedPerDay(statement) : null,
      confidence: isStated(statement) ? confidenceOf(statement) : null,
      course: rates,
      daysAbove: rates.filter((rate) => rate !== null && rate > target).length,
    }
  })
  return rows.sort((a, b) => weight(b) - weight(a) || order(a.zone, b.zone)).map((row, i) => ({ ...row, rank: i + 1 }))
}

const weight = ({ volume, confidence }: Pick<ZoneRow, 'volume' | 'confidence'>) =>
  volume === null || confidence === null ? -1 : Math.abs(volume) * confidence
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** @param down largest first; ids and ranks read from small to large otherwise. */
export function sortRows(rows: readonly ZoneRow[], key: RankKey, down: boolean): readonly ZoneRow[] {
  const value = (row: ZoneRow): number | string => {
    switch (key) {
      case 'rank':
        return row.rank
      case 'zone':
        return row.zone
      case 'rate':
        return row.statement.gap_rate ?? Number.NEGATIVE_INFINITY
      case 'volume':
        return row.volume ?? Number.NEGATIVE_INFINITY
      case 'explained':
        return row.explained?.p05 ?? Number.NEGATIVE_INFINITY
      case 'days':
        return row.daysAbove
      case 'confidence':
        return row.confidence ?? Number.NEGATIVE_INFINITY
      case 'course':
        return row.course.findLast((rate) => rate !== null) ?? Number.NEGATIVE_INFINITY
    }
  }
  const sign = down ? -1 : 1
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)]
    return x < y ? -sign : x > y ? sign : a.rank - b.rank
  })
}

/** Gap rates of the last `days` days by zone, from daily statements; the newest day anyone has is the last for all. */
export function courseOf(daily: readonly GapStatement[], days = 30): ReadonlyMap<string, readonly (number | null)[]> {
  const begins = [...new Set(daily.map((s) => s.from))].sort((a, b) => a - b).slice(-days)
  const place = new Map(begins.map((from, i) => [from, i]))
  const course = new Map<string, (number | null)[]>()
  for (const { zone, from, gap_rate } of daily) {
    const i = place.get(from)
    if (i === undefined) continue
    const rates = course.get(zone) ?? Array<number | null>(begins.length).fill(null)
    rates[i] = gap_rate
    course.set(zone, rates)
  }
  return course
}
