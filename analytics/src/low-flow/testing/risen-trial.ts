import { risenFloor, townCourse } from '../risen-floor.ts'
import type { LowFlowSeries } from '../score-low-flow.ts'

const DAY = 86_400_000
const WINDOW = 36
/** The flow begins here. */
const MIDDLE = 18
/** Of a window, the days that must be known. */
const LEAST_KNOWN = 32

export interface RisenTrial {
  readonly windows: number
  /** Windows of unchanged use with a finding. */
  readonly atUnchanged: number
  /** Of windows with a flow from their middle on, those in which it was found. */
  readonly found: readonly { readonly flowM3H: number; readonly share: number }[]
}

/** Slides windows of 36 days that do not overlap over daily registers; the mean of all homes is their town. */
export function risenTrial(series: readonly LowFlowSeries[], flowsM3H: readonly number[]): RisenTrial {
  const first = Math.min(...series.map(({ time }) => Math.floor((time[0] ?? 0) / DAY)))
  const last = Math.max(...series.map(({ time }) => Math.floor((time[time.length - 1] ?? 0) / DAY)))
  const use = series.map((one) => dayUse(one, first, last - first + 1))
  let [windows, atUnchanged] = [0, 0]
  const found = flowsM3H.map(() => 0)
  for (let from = 0; from + WINDOW <= last - first + 1; from += WINDOW) {
    const rows = use.map((row) => row.subarray(from, from + WINDOW))
    const town = townCourse(rows, WINDOW)
    for (const row of rows) {
      if (row.reduce((known, value) => known + (Number.isNaN(value) ? 0 : 1), 0) < LEAST_KNOWN) continue
      windows += 1
      if (risenFloor(row, town) !== undefined) atUnchanged += 1
      flowsM3H.forEach((flow, k) => {
        const leaky = row.map((value, day) => (day < MIDDLE ? value : Math.round(10 * (value + 24 * flow)) / 10))
        if (risenFloor(leaky, town) !== undefined) found[k] = (found[k] ?? 0) + 1
      })
    }
  }
  return {
    windows,
    atUnchanged,
    found: flowsM3H.map((flowM3H, k) => ({ flowM3H, share: windows === 0 ? 0 : (found[k] ?? 0) / windows })),
  }
}

/** m³ of each day between readings that are a day apart; NaN elsewhere. */
function dayUse({ time, value }: LowFlowSeries, first: number, days: number): Float64Array {
  const use = new Float64Array(days).fill(Number.NaN)
  for (let i = 1; i < time.length; i++) {
    const [from, to] = [time[i - 1] as number, time[i] as number]
    if (Math.abs(to - from - DAY) > DAY / 3) continue
    use[Math.floor(from / DAY) - first] = (((value[i] as number) - (value[i - 1] as number)) * DAY) / (to - from)
  }
  return use
}
