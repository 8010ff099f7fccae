import { SeededRandom } from '../../../../datasets/src/seeded-random.ts'
import type { LowFlowSeries } from '../score-low-flow.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

export interface LeakySeries extends LowFlowSeries {
  /** Unix ms. */
  readonly leakFrom: number
  readonly leakTo: number
  readonly leakM3H: number
}

/**
 * A copy of a series with a constant flow added for 14 days from a random instant on, counted in whole steps of the register.
 * The instant has at least 28 days before it and nine tenths of the readings about it, else there is nothing to find.
 * @returns undefined when the series has no such place
 */
export function injectLeak(series: LowFlowSeries, leakM3H: number, seed: number): LeakySeries | undefined {
  const { time, value, plan } = series
  const first = time[0] as number
  const span = (time[time.length - 1] as number) - first
  const expected = 35 * (plan.cadence === 'hourly' ? 24 : 1)
  for (let attempt = 0; attempt < 30 && span > 44 * DAY; attempt++) {
    const random = new SeededRandom(seed, 911, attempt)
    const from = first + 28 * DAY + random.next() * (span - 43 * DAY)
    const to = from + 14 * DAY
    let near = 0
    for (let i = 0; i < time.length; i++) if ((time[i] as number) > from - 21 * DAY && (time[i] as number) < to) near++
    if (near < 0.9 * expected) continue
    const phase = random.next() * plan.stepM3
    const leaked = Float64Array.from(value, (v, i) => {
      const hours = (Math.min(time[i] as number, to) - from) / HOUR
      return hours <= 0 ? v : v + Math.floor((phase + leakM3H * hours) / plan.stepM3) * plan.stepM3
    })
    return { ...series, id: `${series.id}+${seed}`, unheard: true, value: leaked, leakFrom: from, leakTo: to, leakM3H }
  }
  return undefined
}

/** Readings once a day, each meter at its own hour of the night. */
export function onceADay(series: LowFlowSeries, seed: number): LowFlowSeries {
  const hour = new SeededRandom(seed, 912).below(6)
  const time: number[] = []
  const value: number[] = []
  let last = Number.NaN
  for (let i = 0; i < series.time.length; i++) {
    const at = series.time[i] as number
    const day = Math.floor((at - hour * HOUR) / DAY)
    if (day !== last && !Number.isNaN(last)) {
      time.push(at)
      value.push(series.value[i] as number)
    }
    last = day
  }
  return { ...series, time, value, plan: { ...series.plan, cadence: 'daily' } }
}

/** The register as a coarser one would show it. */
export function coarser(series: LowFlowSeries, stepM3: number): LowFlowSeries {
  const value = Float64Array.from(series.value, (v) => Math.floor(v / stepM3 + 1e-9) * stepM3)
  return { ...series, value, plan: { ...series.plan, stepM3 } }
}
