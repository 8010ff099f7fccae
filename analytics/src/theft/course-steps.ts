import type { DayPanel } from './day-panel.ts'
import type { PeerCourse } from './peer-course.ts'

/** Channels of a step of a course, as the network sees it. */
export const CHANNELS = 5
/** Longer courses are seen week by week, still longer ones by several weeks at once. */
const MOST_STEPS = 160
const DAYS_BY_DAY = 70

/** How many days make one step of a course of so many days. */
export function daysPerStep(days: number): number {
  return days <= DAYS_BY_DAY ? 1 : 7 * Math.ceil(days / 7 / MOST_STEPS)
}

/** Steps that a course of so many days has. */
export function stepsOf(days: number): number {
  return Math.floor(days / daysPerStep(days))
}

/**
 * Courses as the network sees them. Of each step: use against the own mean with the peers' course taken out, its
 * change since the step before, use against the peers' level, share of zero days, place in time. A missing day repeats
 * the last day seen, so that missing itself shows nowhere.
 * @param rows    rows of the panel to write
 * @returns Float32Array[rows × steps × CHANNELS], each about −2 … 2
 */
export function courseSteps(panel: DayPanel, peers: PeerCourse, rows: ArrayLike<number>): Float32Array {
  const { days, values } = panel
  const per = daysPerStep(days)
  const steps = stepsOf(days)
  const first = days - steps * per
  const out = new Float32Array(rows.length * steps * CHANNELS)
  const filled = new Float64Array(days)
  const base = peers.levelCentre - 4 * peers.levelSpread
  for (let i = 0; i < rows.length; i++) {
    const mean = fill(values, (rows[i] as number) * days, filled)
    let at = i * steps * CHANNELS
    let before = Number.NaN
    for (let step = 0; step < steps; step++) {
      let rest = 0
      let use = 0
      let zeros = 0
      for (let d = first + step * per; d < first + (step + 1) * per; d++) {
        const value = filled[d] as number
        use += value
        rest += value / (peers.factor[d] as number)
        if (value === 0) zeros += 1
      }
      const ratio = Math.log(Math.min(20, rest / per / mean) + 0.05) / 2
      out[at] = ratio
      out[at + 1] = Number.isNaN(before) ? 0 : ratio - before
      out[at + 2] = use > 0 ? Math.max(-2, Math.min(2, (Math.log(use / per) - base) / peers.levelSpread / 4 - 1)) : -2
      out[at + 3] = zeros / per
      out[at + 4] = steps > 1 ? (2 * step) / (steps - 1) - 1 : 0
      before = ratio
      at += CHANNELS
    }
  }
  return out
}

/** Copies a course with its gaps closed; returns its mean, 1 where nothing was used. */
function fill(values: Float32Array, from: number, filled: Float64Array): number {
  const days = filled.length
  let sum = 0
  let seen = 0
  let last = Number.NaN
  for (let d = 0; d < days; d++) {
    const value = values[from + d] as number
    if (value >= 0) {
      if (Number.isNaN(last)) filled.fill(value, 0, d)
      last = value
      sum += value
      seen += 1
    }
    filled[d] = last
  }
  if (seen === 0) filled.fill(0)
  return sum > 0 ? sum / seen : 1
}
