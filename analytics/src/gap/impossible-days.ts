import type { InletErrors } from './inlet-errors.ts'
import type { EdgeHours } from './inlet-hours.ts'
import type { ZoneDays } from './zone-days.ts'

/** A remainder is impossible beyond so many standard deviations of all doubts together, and beyond this part of what came in. */
const MOST_DEVIATIONS = 5
const LEAST_OF_DAY = 0.1
const LEAST_OF_ALL = 0.03
/** Gas that is missing may be lost: up to this part of a day's inflow, and of all days'. */
const LOST_OF_DAY = 0.5
const LOST_OF_ALL = 0.35

/**
 * Lets inlets be wrong where their zone's balance cannot be: more sold than came in, or most of it gone, is an instrument that stands
 * still or reads far too much, and must not be explained by what zones share (meters, temperature). The error is one of the inlet, so
 * that the zone at its other end is told of it too.
 * @param remainder observed less the means of all shares, m³ by zone and day
 * @param variance of the sum of the remainders over days [from, to) of a zone
 */
export function addImpossible(
  zones: readonly ZoneDays[],
  inlets: readonly (readonly { readonly edge: number; readonly sign: 1 | -1 }[])[],
  edges: ReadonlyMap<number, EdgeHours>,
  remainder: Float64Array,
  variance: (zone: number, fromDay: number, toDay: number) => number,
  errors: InletErrors,
): void {
  const days = zones[0]?.supply.length ?? 0
  const judge = (z: number, from: number, to: number, least: number, lost: number) => {
    const sum = (of: Float64Array) => of.subarray(from, to).reduce((total, v) => total + v, 0)
    const off = sum(remainder.subarray(z * days, (z + 1) * days))
    const passed = sum(zones[z]?.passed ?? new Float64Array(days))
    const most = Math.max(MOST_DEVIATIONS * Math.sqrt(variance(z, from, to)), least * passed)
    if (off >= -most && off <= most + lost * passed) return
    const entering = (inlets[z] ?? []).filter(({ sign }) => sign > 0).map(({ edge }) => edge)
    errors.addAlone(z, new Float64Array(days).fill(Math.abs(off) / (to - from), from, to))
    // An inlet that stands still carries less than usual, one that reads too much carries more.
    const mean = (edge: number, first: number, last: number) => {
      const hours = edges.get(edge)?.volume.subarray(first * 24, last * 24) ?? new Float64Array(0)
      return hours.reduce((all, v) => all + v, 0) / Math.max(1, last - first)
    }
    const usual = entering.map((edge) => Math.abs(mean(edge, 0, days)))
    const odd = entering.map((edge) => Math.max(0, Math.sign(off) * (mean(edge, from, to) - mean(edge, 0, days))))
    const weights = odd.some((v) => v > 0) ? odd : usual
    const total = weights.reduce((all, v) => all + v, 0)
    if (total <= 0) return
    entering.forEach((edge, k) => {
      const part = (weights[k] as number) / total
      errors.add(edge, new Float64Array(days).fill((Math.abs(off) * part) / (to - from), from, to))
    })
  }
  zones.forEach((_, z) => {
    for (let day = 0; day < days; day++) judge(z, day, day + 1, LEAST_OF_DAY, LOST_OF_DAY)
    if (days > 1) judge(z, 0, days, LEAST_OF_ALL, LOST_OF_ALL)
  })
}
