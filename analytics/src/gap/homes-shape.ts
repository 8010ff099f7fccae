import type { ZoneInlet } from '@gastwin/twin'
import type { MeasuredFlow } from './spell-guesses.ts'

/** What meters of a zone counted by the hour, m³ of their registers. */
export interface CountedHours {
  /** Of meters that are read by the hour. */
  readonly business: Float64Array
  /** Of the others, evenly between their readings. */
  readonly homes: Float64Array
}

/** Nobody's use is nothing at any hour of the day, share of the mean. */
const LEAST_SHAPE = 0.1

/** How homes use gas over the 24 hours from the begin of a day, mean 1: told by all zones together, even where none is measured. */
export function homesShape(
  inlets: readonly (readonly ZoneInlet[])[],
  flows: ReadonlyMap<number, MeasuredFlow>,
  counted: readonly CountedHours[],
): Float64Array {
  const shape = new Float64Array(24)
  inlets.forEach((own, zone) => {
    const { business, homes } = counted[zone] ?? {}
    if (own.length === 0 || homes === undefined || !homes.some((v) => v > 0)) return
    const sums = { flow: new Float64Array(24), hours: new Float64Array(24) }
    for (let h = 0; h < homes.length; h++) {
      if (!own.every(({ edge }) => flows.get(edge)?.measured[h] === 1)) continue
      const supply = own.reduce((sum, { edge, sign }) => sum + sign * (flows.get(edge)?.volume[h] as number), 0)
      add(sums.flow, h % 24, supply - (business?.[h] ?? 0))
      add(sums.hours, h % 24, 1)
    }
    if (sums.hours.includes(0)) return
    for (let h = 0; h < 24; h++) add(shape, h, (sums.flow[h] as number) / (sums.hours[h] as number))
  })
  const mean = shape.reduce((sum, v) => sum + v, 0) / 24
  const bounded = shape.map((v) => (mean > 0 ? Math.max(LEAST_SHAPE, v / mean) : 1))
  const scale = bounded.reduce((sum, v) => sum + v, 0) / 24
  return bounded.map((v) => v / scale)
}

function add(to: Float64Array, at: number, value: number): void {
  to[at] = (to[at] as number) + value
}
