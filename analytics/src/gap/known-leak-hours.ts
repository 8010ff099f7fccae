import type { KnownLeak } from './known-leak.ts'
import { HOUR_MS, type PeriodGrid } from './period-grid.ts'

/** m³ of each hour that leave a zone by leaks which people have seen and mended. */
export function mendedFlow(leaks: readonly KnownLeak[], grid: PeriodGrid): Float64Array {
  const sum = new Float64Array(grid.hours)
  for (const leak of leaks) {
    if (leak.standing !== 'repaired' || !(leak.flow.p50 > 0)) continue
    hoursOf(leak, grid, HOUR_MS).forEach((hours, h) => {
      sum[h] = (sum[h] as number) + hours * leak.flow.p50 * 3600
    })
  }
  return sum
}

/** Hours for which a leak flows within each step of the grid. @param stepMs length of a step, which divides the grid */
export function hoursOf({ from, until }: KnownLeak, { begin, hours }: PeriodGrid, stepMs: number): Float64Array {
  const end = until ?? Number.POSITIVE_INFINITY
  return Float64Array.from({ length: (hours * HOUR_MS) / stepMs }, (_, i) => {
    const at = begin + i * stepMs
    return Math.max(0, Math.min(end, at + stepMs) - Math.max(from, at)) / HOUR_MS
  })
}
