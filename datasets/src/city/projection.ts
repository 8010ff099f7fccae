import type { LonLat } from '@gastwin/twin'
import type { Point } from './street-mesh.ts'

const ORIGIN_LON = 112.9
const ORIGIN_LAT = 33.6
const M_PER_DEGREE_LAT = 110_925
const M_PER_DEGREE_LON = 111_320 * Math.cos((ORIGIN_LAT * Math.PI) / 180)

/** Longitude and latitude (degrees, 0.1 m fine) of a place given in metres from the city's centre. */
export function toLonLat([x, y]: Point): LonLat {
  return [round6(ORIGIN_LON + x / M_PER_DEGREE_LON), round6(ORIGIN_LAT + y / M_PER_DEGREE_LAT)]
}

function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
