import type { MapGeometry } from '../map/geometry.ts'
import { printLength, roundLength } from '../map/round-length.ts'

/** What of the map's geometry a sketch shows. */
export type SketchGeometry = Pick<MapGeometry, 'pipes' | 'zoneNumber' | 'streets' | 'stations'> & {
  readonly meta: Pick<MapGeometry['meta'], 'origin'>
}

/** A suspect to be marked with its place in the list. */
export interface SketchMark {
  readonly rank: number
  /** Degrees. */
  readonly lon: number
  readonly lat: number
}

const METRES_A_DEGREE = 111_320
/** Room around the zone, part of its larger side. */
const AROUND = 0.06
const TALLEST = 0.62
const LONGEST_SCALE = 120
const INK = '#16181a'
const STREET = '#e4e8eb'
const OTHERS = '#ccd3d9'
/** Low, medium and high pressure: thicker and darker. */
const TIERS = [
  { stroke: '#4a6076', width: 1.2 },
  { stroke: '#2f4a63', width: 1.8 },
  { stroke: '#1b2e42', width: 2.4 },
] as const

/**
 * A zone's pipes with its neighbours', streets and stations, and where its suspects are: dark on white, north is up. Vectors, so that it is as
 * sharp on paper as on the screen.
 * @param width px @returns SVG elements with their upper left corner at 0, 0, and their height, px; undefined for a zone that has no pipes
 */
export function zoneSketch(
  geometry: SketchGeometry,
  zone: string,
  marks: readonly SketchMark[],
  width: number,
): { readonly svg: string; readonly height: number } | undefined {
  const number = geometry.zoneNumber.get(zone)
  if (number === undefined) return undefined
  const { segments, segmentPipe, tier, zone: zoneOf } = geometry.pipes
  const bounds = boundsOf(geometry, number)
  if (bounds === undefined) return undefined
  const [lon0, lat0] = geometry.meta.origin
  const shrink = Math.cos(((lat0 + (bounds.south + bounds.north) / 2) * Math.PI) / 180)
  const east = (bounds.east - bounds.west) * shrink
  const north = bounds.north - bounds.south
  const margin = AROUND * Math.max(east, north, 1e-6)
  // A long street that runs north is drawn smaller rather than over two pages.
  const perDegree = Math.min(width / (east + 2 * margin), (TALLEST * width) / (north + 2 * margin))
  const height = Math.round(perDegree * (north + 2 * margin))
  const left = (width - perDegree * east) / 2
  const x = (lon: number) => Math.round(10 * (left + perDegree * shrink * (lon - bounds.west))) / 10
  const y = (lat: number) => Math.round(10 * (perDegree * (bounds.north - lat + margin))) / 10
  const isOutside = (a: number, b: number, c: number, d: number) =>
    Math.max(a, c) < 0 || Math.min(a, c) > width || Math.max(b, d) < 0 || Math.min(b, d) > height

  const lines = (xy: Float32Array, picked: (segment: number) => boolean): string => {
    let path = ''
    for (let k = 0; 4 * k < xy.length; k++) {
      if (!picked(k)) continue
      const [a, b] = [x(xy[4 * k] ?? 0), y(xy[4 * k + 1] ?? 0)]
      const [c, d] = [x(xy[4 * k + 2] ?? 0), y(xy[4 * k + 3] ?? 0)]
      if (!isOutside(a, b, c, d)) path += `M${a} ${b}L${c} ${d}`
    }
    return path
  }
  const own = (k: number) => zoneOf[segmentPipe[k] ?? 0] === number
  const stroke = (path: string, colour: string, thick: number) =>
    path === '' ? '' : `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${thick}"/>`
  const parts = [
    stroke(
      lines(geometry.streets.xy, () => true),
      STREET,
      2,
    ),
    stroke(
      lines(segments, (k) => !own(k)),
      OTHERS,
      0.7,
    ),
    ...TIERS.map((one, level) =>
      stroke(
        lines(segments, (k) => own(k) && tier[segmentPipe[k] ?? 0] === level),
        one.stroke,
        one.width,
      ),
    ),
    ...stations(geometry.stations.xy, x, y, (a, b) => !isOutside(a, b, a, b)),
    // The first of the list is drawn last: nothing covers it.
    ...marks.toReversed().map(({ rank, lon, lat }) => mark(rank, x(lon - lon0), y(lat - lat0))),
    scale(METRES_A_DEGREE / perDegree, width, height),
  ]
  const clip = `<clipPath id="sketch"><rect width="${width}" height="${height}"/></clipPath>`
  const frame = `<rect width="${width}" height="${height}" fill="none" stroke="${OTHERS}"/>`
  return { svg: `${clip}<g clip-path="url(#sketch)">${parts.join('')}</g>${frame}`, height }
}

interface Bounds {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

/** Of the zone's pipes, degrees from the origin. */
function boundsOf({ pipes }: SketchGeometry, number: number): Bounds | undefined {
  const bounds = { west: Number.POSITIVE_INFINITY, east: Number.NEGATIVE_INFINITY, south: 90, north: -90 }
  pipes.segmentPipe.forEach((pipe, k) => {
    if (pipes.zone[pipe] !== number) return
    for (const end of [4 * k, 4 * k + 2]) {
      const [lon, lat] = [pipes.segments[end] ?? 0, pipes.segments[end + 1] ?? 0]
      bounds.west = Math.min(bounds.west, lon)
      bounds.east = Math.max(bounds.east, lon)
      bounds.south = Math.min(bounds.south, lat)
      bounds.north = Math.max(bounds.north, lat)
    }
  })
  return bounds.west <= bounds.east ? bounds : undefined
}

type Place = (degrees: number) => number

function stations(xy: Float32Array, x: Place, y: Place, seen: (x: number, y: number) => boolean): string[] {
  return Array.from({ length: xy.length / 2 }, (_, k) => [x(xy[2 * k] ?? 0), y(xy[2 * k + 1] ?? 0)] as const).flatMap(
    ([a, b]) =>
      seen(a, b) ? [`<rect x="${a - 4}" y="${b - 4}" width="8" height="8" fill="#fff" stroke="${INK}"/>`] : [],
  )
}

const mark = (rank: number, x: number, y: number) =>
  `<circle cx="${x}" cy="${y}" r="8" fill="#fff" stroke="${INK}" stroke-width="1.5"/><text x="${x}" y="${y + 3.5}" font-size="10" font-weight="600" text-anchor="middle">${rank}</text>`

function scale(metresPerPixel: number, width: number, height: number): string {
  const metres = roundLength(LONGEST_SCALE * metresPerPixel)
  const [right, y] = [width - 12, height - 12]
  const left = right - Math.round(metres / metresPerPixel)
  const back = `<rect x="${left - 6}" y="${y - 18}" width="${right - left + 12}" height="24" fill="#fff" fill-opacity="0.85"/>`
  const bar = `<path d="M${left} ${y - 4}V${y}H${right}V${y - 4}" fill="none" stroke="${INK}"/>`
  return `${back}${bar}<text x="${(left + right) / 2}" y="${y - 5}" font-size="11" text-anchor="middle">${printLength(metres)}</text>`
}
