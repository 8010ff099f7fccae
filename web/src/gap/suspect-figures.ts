import type { GapShareName, GapStatement, Suspect } from '@gastwin/server/contract'
import { isStated, perDay } from './statement-figures.ts'

/** The share that suspects of a kind would explain; null where the gas is counted and no gap. */
export const SHARE_OF_KIND: Readonly<Record<Suspect['kind'], GapShareName | null>> = {
  theft: 'theft',
  stopped: 'meter_bias',
  oversized: 'meter_bias',
  leak_behind_meter: null,
  small_flow: null,
}

/** What the suspects of a share come to beside the share itself, m³ a day. */
export interface SuspectSum {
  readonly share: GapShareName
  readonly count: number
  /** Σ probability × m³ a day. */
  readonly expected: number
  /** The share in the zone's statement. */
  readonly p05: number
  readonly p50: number
  readonly p95: number
}

/** One sum per share that has suspects with a known volume; none where the supply was not measured. */
export function suspectSums(suspects: readonly Suspect[], statement: GapStatement): readonly SuspectSum[] {
  if (!isStated(statement)) return []
  const sums = new Map<GapShareName, { count: number; expected: number }>()
  for (const { kind, probability, m3_per_day } of suspects) {
    const share = SHARE_OF_KIND[kind]
    if (m3_per_day === null || share === null) continue
    const sum = sums.get(share) ?? { count: 0, expected: 0 }
    sum.count++
    sum.expected += probability * m3_per_day.p50
    sums.set(share, sum)
  }
  return [...sums].map(([share, sum]) => {
    const { p05, p50, p95 } = statement.shares_m3[share]
    return { share, ...sum, p05: perDay(p05, statement), p50: perDay(p50, statement), p95: perDay(p95, statement) }
  })
}

export const SUSPECT_KEYS = ['kind', 'meter', 'volume', 'probability', 'since', 'worth', 'evidence'] as const
export type SuspectKey = (typeof SUSPECT_KEYS)[number]

export interface RankedSuspect extends Suspect {
  /** Place by probability, 1 is first; the mark on the map. */
  readonly rank: number
}

export function rankSuspects(suspects: readonly Suspect[]): readonly RankedSuspect[] {
  return [...suspects].sort((a, b) => b.probability - a.probability).map((s, i) => ({ ...s, rank: i + 1 }))
}

export function sortSuspects(
  suspects: readonly RankedSuspect[],
  key: SuspectKey,
  down: boolean,
): readonly RankedSuspect[] {
  const least = Number.NEGATIVE_INFINITY
  const value = (s: RankedSuspect): number | string => {
    switch (key) {
      case 'kind':
        return s.kind
      case 'meter':
        return s.meter
      case 'volume':
        return s.m3_per_day?.p50 ?? least
      case 'probability':
        return s.probability
      case 'since':
        return s.since ?? least
      case 'worth':
        return s.yuan_per_month ?? least
      case 'evidence':
        return s.facts.length
    }
  }
  const sign = down ? -1 : 1
  return [...suspects].sort((a, b) => {
    const [x, y] = [value(a), value(b)]
    return x < y ? -sign : x > y ? sign : a.rank - b.rank
  })
}
