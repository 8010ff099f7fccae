import type { MapGeometry } from './geometry.ts'

const METRES_PER_DEGREE = 111_320
const POINTS_OF_COMPASS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const
type CompassPoint = (typeof POINTS_OF_COMPASS)[number]

/** Length of each pipe on the map, m. */
export function pipeLengths({ pipes, meta }: MapGeometry): Float32Array {
  const { segments, segmentPipe } = pipes
  const aspect = Math.cos((meta.origin[1] * Math.PI) / 180)
  const out = new Float32Array(meta.pipe_ids.length)
  for (let s = 0; s < segmentPipe.length; s++) {
    const [x0, y0, x1, y1] = segments.subarray(4 * s, 4 * s + 4) as unknown as [number, number, number, number]
    const pipe = segmentPipe[s] as number
    out[pipe] = (out[pipe] ?? 0) + Math.hypot((x1 - x0) * aspect, y1 - y0) * METRES_PER_DEGREE
  }
  return out
}

/** What a person in the street calls the two ends of a pipe: points of the compass, or `first` and `last` of one that closes on itself. */
export function endsOfPipe(
  pipe: string,
  { pipes, meta, pipeNumber }: MapGeometry,
): { readonly from: CompassPoint | 'first'; readonly to: CompassPoint | 'last' } {
  const number = pipeNumber.get(pipe) ?? -1
  const first = pipes.segmentPipe.indexOf(number)
  const last = pipes.segmentPipe.lastIndexOf(number)
  const at = (i: number) => pipes.segments[i] ?? 0
  const east = (at(4 * last + 2) - at(4 * first)) * Math.cos((meta.origin[1] * Math.PI) / 180)
  const north = at(4 * last + 3) - at(4 * first + 1)
  if (first < 0 || Math.hypot(east, north) * METRES_PER_DEGREE < 0.5) return { from: 'first', to: 'last' }
  const eighth = Math.round((Math.atan2(east, north) / Math.PI) * 4)
  return { from: compass(eighth + 4), to: compass(eighth) }
}

const compass = (eighth: number): CompassPoint => POINTS_OF_COMPASS[(eighth + 16) % 8] ?? 'n'
