import type { MeterRegister } from './meter-registers.ts'
import { HOUR_MS, type PeriodGrid } from './period-grid.ts'

/** Homes and others that are read more seldom than this, ms, are spread over the hours between their readings. */
const SELDOM_MS = 2 * HOUR_MS

/**
 * What meters of a zone that are read once a day or more seldom counted, evenly between their readings, m³ by the hour. Before its
 * first and after its last reading a meter goes at its own mean rate.
 */
export function homesHours(registers: readonly MeterRegister[], zone: number, grid: PeriodGrid): Float64Array {
  // Rates change only where a meter was read: their changes are gathered, and summed once.
  const change = new Float64Array(grid.hours + 1)
  const rate = (from: number, to: number, perHour: number) => {
    const clip = (at: number) => Math.min(grid.hours, Math.max(0, at))
    for (const [at, by] of [
      [clip(from), perHour],
      [clip(to), -perHour],
    ] as const) {
      const hour = Math.floor(at)
      // A part of the hour is left: the rest of the change comes with the next one.
      change[hour] = (change[hour] as number) + by * (1 - (at - hour))
      if (hour < grid.hours) change[hour + 1] = (change[hour + 1] as number) + by * (at - hour)
    }
  }
  for (const { zone: own, everyMs, time, total } of registers) {
    const last = time.length - 1
    if (own !== zone || everyMs <= SELDOM_MS || last < 1) continue
    const hourOf = (k: number) => ((time[k] as number) - grid.begin) / HOUR_MS
    const length = hourOf(last) - hourOf(0)
    const mean = length > 0 ? (total[last] as number) / length : 0
    rate(Number.NEGATIVE_INFINITY, hourOf(0), mean)
    for (let k = 1; k <= last; k++) {
      const [from, to] = [hourOf(k - 1), hourOf(k)]
      if (to > from) rate(from, to, ((total[k] as number) - (total[k - 1] as number)) / (to - from))
    }
    rate(hourOf(last), Number.POSITIVE_INFINITY, mean)
  }
  let sum = 0
  return change.subarray(0, grid.hours).map((by) => {
    sum += by
    return Math.max(0, sum)
  })
}
