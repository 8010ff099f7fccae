import type { DayPanel } from '../theft/day-panel.ts'
import type { WeighedSuspicion } from './explain-gap.ts'
import { suspicionDays } from './suspicion-days.ts'

/**
 * What each meter used by the day, m³ as its register counts: the courses that a learned model reads, one row a suspicion.
 * @param firstWeekday of the first day, 0 … 6
 */
export function dayUse(found: readonly WeighedSuspicion[], firstWeekday: number): DayPanel {
  const days = found[0]?.zone.clock.grid.days ?? 0
  const values = new Float32Array(found.length * days).fill(Number.NaN)
  found.forEach((one, row) => {
    suspicionDays(one).forEach(({ use_m3 }, day) => {
      if (use_m3 !== null) values[row * days + day] = Math.max(0, use_m3)
    })
  })
  return { rows: found.length, days, values, firstWeekday }
}
