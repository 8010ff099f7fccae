import type { GapPeriod } from './gap-period.ts'

/** What late data changed in a period that had been stated before, m³. */
export interface ReopenedPeriod {
  readonly zone: string
  readonly from: number
  readonly to: number
  readonly before: GapPeriod
  readonly after: GapPeriod
  readonly supply_change_m3: number
  readonly sales_change_m3: number
  /** Null when the gap was not stated before, or is no longer: its supply was not measured. */
  readonly gap_change_m3: number | null
}

/** Changes smaller than this are rounding, m³. */
const NOTHING_M3 = 0.005

/** Periods whose ledger differs from what was stated before: late data re-opens them. */
export function reopenedPeriods(before: readonly GapPeriod[], after: readonly GapPeriod[]): ReopenedPeriod[] {
  const stated = new Map(before.map((period) => [`${period.zone}/${period.from}/${period.to}`, period]))
  return after.flatMap((period): ReopenedPeriod[] => {
    const old = stated.get(`${period.zone}/${period.from}/${period.to}`)
    if (old === undefined) return []
    const change = {
      supply_change_m3: period.supply_m3 - old.supply_m3,
      sales_change_m3: period.sales_m3 - old.sales_m3,
      gap_change_m3: period.gap_m3 === null || old.gap_m3 === null ? null : period.gap_m3 - old.gap_m3,
    }
    const wasStated = (period.gap_m3 === null) === (old.gap_m3 === null)
    if (wasStated && Object.values(change).every((value) => Math.abs(value ?? 0) < NOTHING_M3)) return []
    return [{ zone: period.zone, from: period.from, to: period.to, before: old, after: period, ...change }]
  })
}
