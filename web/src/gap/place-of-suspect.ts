import type { MapGeometry } from '../map/geometry.ts'
import type { RankedSuspect } from './suspect-figures.ts'

/** Degrees of a suspect's meter: its own, or those of the meter of its number on the map; undefined when nobody knows. */
export function placeOfSuspect(
  { meter, lon, lat }: Pick<RankedSuspect, 'meter' | 'lon' | 'lat'>,
  { meta, meters }: Pick<MapGeometry, 'meta' | 'meters'>,
): { readonly lon: number; readonly lat: number } | undefined {
  if (lon !== null && lat !== null) return { lon, lat }
  const number = meters.number.indexOf(Number(meter))
  if (number < 0) return undefined
  const [lon0, lat0] = meta.origin
  return { lon: lon0 + (meters.xy[2 * number] ?? 0), lat: lat0 + (meters.xy[2 * number + 1] ?? 0) }
}
