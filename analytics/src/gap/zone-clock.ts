import type { MeterRegister } from './meter-registers.ts'
import { HOUR_MS, type PeriodGrid } from './period-grid.ts'

/**
 * A clock that runs as fast as the zone's homes burn gas, so that a register can be cut between two readings where it most likely
 * stood: mean speed 1 per day.
 */
export interface ZoneClock {
  /** Clock at each begin of an hour, one more than hours. */
  readonly atHour: Float64Array
  readonly grid: PeriodGrid
}

/** Slowest speed of the clock, share of the mean: nobody's use is nothing for long. */
const SLOWEST = 0.05

/**
 * @param use m³ that the homes of a zone took, by the hour: supply without businesses and leaks; may be noisy
 */
export function zoneClock(use: Float64Array, grid: PeriodGrid): ZoneClock {
  const mean = use.reduce((sum, v) => sum + Math.max(0, v), 0) / Math.max(1, use.length)
  const atHour = new Float64Array(grid.hours + 1)
  for (let h = 0; h < grid.hours; h++) {
    const speed = mean > 0 ? Math.max(SLOWEST, (use[h] as number) / mean) : 1
    atHour[h + 1] = (atHour[h] as number) + speed / 24
  }
  return { atHour, grid }
}

/** Clock at a time, Unix ms; before and after the grid it runs at mean speed. */
export function clockAt({ atHour, grid }: ZoneClock, time: number): number {
  const hours = (time - grid.begin) / HOUR_MS
  if (hours <= 0) return hours / 24
  const last = atHour.length - 1
  if (hours >= last) return (atHour[last] as number) + (hours - last) / 24
  const hour = Math.floor(hours)
  const part = hours - hour
  return (atHour[hour] as number) * (1 - part) + (atHour[hour + 1] as number) * part
}

/** How much the hour of the day counts beside the hour of the week, in readings. */
const DAY_WEIGHT = 1.5
const WEEK_H = 168

/** The clock of one business that is read by the hour: its own mean week, because no other keeps its opening hours. */
export function businessClock({ time, total }: MeterRegister, grid: PeriodGrid): ZoneClock {
  const week = { volume: new Float64Array(WEEK_H), hours: new Float64Array(WEEK_H) }
  const day = { volume: new Float64Array(24), hours: new Float64Array(24) }
  for (let k = 1; k < time.length; k++) {
    const length = ((time[k] as number) - (time[k - 1] as number)) / HOUR_MS
    if (length > 2.5) continue
    const hour = Math.floor(((time[k - 1] as number) + (time[k] as number)) / 2 / HOUR_MS)
    const volume = (total[k] as number) - (total[k - 1] as number)
    for (const [sums, slot] of [
      [week, hour % WEEK_H],
      [day, hour % 24],
    ] as const) {
      sums.volume[slot] = (sums.volume[slot] as number) + volume
      sums.hours[slot] = (sums.hours[slot] as number) + length
    }
  }
  const use = Float64Array.from({ length: grid.hours }, (_, h) => {
    const hour = Math.floor(grid.begin / HOUR_MS) + h
    const usual = (day.volume[hour % 24] as number) / Math.max(1e-9, day.hours[hour % 24] as number)
    const slot = hour % WEEK_H
    return ((week.volume[slot] as number) + DAY_WEIGHT * usual) / ((week.hours[slot] as number) + DAY_WEIGHT)
  })
  return zoneClock(use, grid)
}
