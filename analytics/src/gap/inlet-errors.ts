import type { EdgeHours } from './inlet-hours.ts'

/** What single inlets may be wrong by: to the two zones that an inlet joins it is one error with opposite signs. */
export interface InletErrors {
  /** Adds errors that lean the same way on all days. @param perDay standard deviation of each day, m³ from→to */
  add(edge: number, perDay: Float64Array): void
  /** Adds such errors to one zone of the block and no other. */
  addAlone(zone: number, perDay: Float64Array): void
}

/** Of the error of a long spell, the part that leans the same way on all its days. */
const COMMON = 0.5

/**
 * Days of several zones, one after the other, to which errors of inlets are added.
 * @param inlets of each zone of the block, in its order
 * @param covariance (zones · days)², changed
 */
export function inletErrors(
  inlets: readonly (readonly { readonly edge: number; readonly sign: 1 | -1 }[])[],
  days: number,
  covariance: Float64Array,
): InletErrors {
  const size = inlets.length * days
  const places = new Map<number, { readonly zone: number; readonly sign: number }[]>()
  inlets.forEach((own, zone) => {
    for (const { edge, sign } of own) places.set(edge, [...(places.get(edge) ?? []), { zone, sign }])
  })
  const addTo = (ends: readonly { readonly zone: number; readonly sign: number }[], perDay: Float64Array) => {
    const touched = [...perDay.keys()].filter((day) => perDay[day] !== 0)
    for (const a of ends)
      for (const b of ends)
        for (const day of touched)
          for (const other of touched) {
            const at = (a.zone * days + day) * size + b.zone * days + other
            covariance[at] =
              (covariance[at] as number) + a.sign * b.sign * (perDay[day] as number) * (perDay[other] as number)
          }
  }
  return {
    add: (edge, perDay) => addTo(places.get(edge) ?? [], perDay),
    addAlone: (zone, perDay) => addTo([{ zone, sign: 1 }], perDay),
  }
}

/**
 * Errors of the hours that were filled, each list of deviations independent of the others: those of one spell lean partly the same way.
 * @param fromDay days before and from `toDay` on are 0
 */
export function filledErrors(
  { spells, deviation }: EdgeHours,
  days: number,
  fromDay = 0,
  toDay = days,
): Float64Array[] {
  return spells.flatMap(([from, to]) => {
    const perDay = new Float64Array(days)
    for (let h = Math.max(from, fromDay * 24); h < Math.min(to, toDay * 24); h++) {
      const day = Math.floor(h / 24)
      perDay[day] = (perDay[day] as number) + (deviation[h] as number)
    }
    const touched = [...perDay.keys()].filter((day) => perDay[day] !== 0)
    if (touched.length < 2) return touched.length === 0 ? [] : [perDay]
    const alone = touched.map((day) => perDay.map((sd, d) => (d === day ? Math.sqrt(1 - COMMON) * sd : 0)))
    return [perDay.map((sd) => Math.sqrt(COMMON) * sd), ...alone]
  })
}
