import type { WeighedSuspicion } from './explain-gap.ts'
import { DAY_MS } from './period-grid.ts'

/** One day of a suspected meter, m³ as its register counts. */
export interface SuspicionDay {
  /** Unix ms. */
  readonly from: number
  /** By its readings; null when none of its readings tells this day. */
  readonly use_m3: number | null
  /** As its past and its neighbours foretell. */
  readonly expected_m3: number | null
}

/** The days of the zone's grid as the meter lived them, for people who want to judge themselves. */
export function suspicionDays({ zone, meter, theft }: WeighedSuspicion): SuspicionDay[] {
  const { grid, atHour } = zone.clock
  const { register, cut } = meter
  const last = register.time[register.time.length - 1] ?? 0
  const first = register.time[0] ?? 0
  return Array.from({ length: grid.days }, (_, day): SuspicionDay => {
    const from = grid.begin + day * DAY_MS
    const told = first <= from && last >= from + DAY_MS && cut.missing[day] === 0 && cut.missing[day + 1] === 0
    const clock = (atHour[day * 24 + 24] as number) - (atHour[day * 24] as number)
    const expected = theft.model.steady + theft.model.withClock * clock
    return {
      from,
      use_m3: told ? (cut.stood[day + 1] as number) - (cut.stood[day] as number) : null,
      expected_m3: theft.model.windows > 0 ? expected : null,
    }
  })
}
