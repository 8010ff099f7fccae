/** Cells per side of the grid; more do not help a city of a million points. */
const MOST_CELLS = 1024

/** Nearest point or line without asking the graphics card: a query takes microseconds, a software pick most of a second. */
export interface PickGrid {
  /** @param reach in the units of x; the index of the nearest item within it, or −1 */
  nearest(x: number, y: number, reach: number): number
}

/**
 * Grid over points `xy` (pairs). Distances count `aspect` × Δx beside Δy: at latitude φ, degrees of longitude are cos φ as
 * long as degrees of latitude.
 */
export function gridOfPoints(xy: Float32Array, aspect: number): PickGrid {
  const n = xy.length / 2
  const grid = layOut(n, (i) => [at(xy, 2 * i), at(xy, 2 * i + 1), at(xy, 2 * i), at(xy, 2 * i + 1)])
  return searcher(grid, aspect, (i, x, y) => Math.hypot((at(xy, 2 * i) - x) * aspect, at(xy, 2 * i + 1) - y))
}

/** Grid over segments (4 numbers each: from x,y to x,y). */
export function gridOfSegments(segments: Float32Array, aspect: number): PickGrid {
  const n = segments.length / 4
  const grid = layOut(n, (i) => [
    Math.min(at(segments, 4 * i), at(segments, 4 * i + 2)),
    Math.min(at(segments, 4 * i + 1), at(segments, 4 * i + 3)),
    Math.max(at(segments, 4 * i), at(segments, 4 * i + 2)),
    Math.max(at(segments, 4 * i + 1), at(segments, 4 * i + 3)),
  ])
  return searcher(grid, aspect, (i, x, y) => {
    const ax = (at(segments, 4 * i) - x) * aspect
    const ay = at(segments, 4 * i + 1) - y
    const bx = (at(segments, 4 * i + 2) - x) * aspect - ax
    const by = at(segments, 4 * i + 3) - y - ay
    const length = bx * bx + by * by
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, -(ax * bx + ay * by) / length))
    return Math.hypot(ax + t * bx, ay + t * by)
  })
}

interface Layout {
  readonly west: number
  readonly south: number
  readonly cell: number
  readonly columns: number
  readonly rows: number
  /** Items of cell c: `items[start[c] … start[c + 1])`. */
  readonly start: Uint32Array
  readonly items: Uint32Array
}

type Box = readonly [west: number, south: number, east: number, north: number]

const at = (array: Float32Array, i: number) => array[i] as number

function layOut(n: number, box: (i: number) => Box): Layout {
  let west = Number.POSITIVE_INFINITY
  let south = Number.POSITIVE_INFINITY
  let east = Number.NEGATIVE_INFINITY
  let north = Number.NEGATIVE_INFINITY
  for (let i = 0; i < n; i++) {
    const [w, s, e, t] = box(i)
    west = Math.min(west, w)
    south = Math.min(south, s)
    east = Math.max(east, e)
    north = Math.max(north, t)
  }
  const side = Math.min(MOST_CELLS, Math.max(1, Math.ceil(Math.sqrt(n))))
  const cell = n === 0 ? 1 : Math.max(east - west, north - south) / side || 1
  const columns = n === 0 ? 1 : Math.floor((east - west) / cell) + 1
  const rows = n === 0 ? 1 : Math.floor((north - south) / cell) + 1
  const start = new Uint32Array(columns * rows + 1)
  const each = (i: number, visit: (c: number) => void) => {
    const [w, s, e, t] = box(i)
    for (let row = Math.floor((s - south) / cell); row <= Math.floor((t - south) / cell); row++)
      for (let column = Math.floor((w - west) / cell); column <= Math.floor((e - west) / cell); column++)
        visit(row * columns + column)
  }
  const add = (counts: Uint32Array, c: number) => {
    const before = counts[c] as number
    counts[c] = before + 1
    return before
  }
  for (let i = 0; i < n; i++) each(i, (c) => add(start, c + 1))
  for (let c = 0; c < columns * rows; c++) start[c + 1] = (start[c + 1] as number) + (start[c] as number)
  const items = new Uint32Array(start[columns * rows] as number)
  const fill = start.slice()
  for (let i = 0; i < n; i++)
    each(i, (c) => {
      items[add(fill, c)] = i
    })
  return { west, south, cell, columns, rows, start, items }
}

function searcher(
  { west, south, cell, columns, rows, start, items }: Layout,
  aspect: number,
  distance: (i: number, x: number, y: number) => number,
): PickGrid {
  const clamp = (v: number, most: number) => Math.min(most, Math.max(0, v))
  return {
    nearest(x, y, reach) {
      const dx = reach / aspect
      if (items.length === 0 || x + dx < west || y + reach < south) return -1
      const c0 = clamp(Math.floor((x - dx - west) / cell), columns - 1)
      const c1 = clamp(Math.floor((x + dx - west) / cell), columns - 1)
      const r0 = clamp(Math.floor((y - reach - south) / cell), rows - 1)
      const r1 = clamp(Math.floor((y + reach - south) / cell), rows - 1)
      let best = -1
      let least = reach
      for (let row = r0; row <= r1; row++)
        for (let c = row * columns + c0; c <= row * columns + c1; c++)
          for (let k = start[c] as number; k < (start[c + 1] as number); k++) {
            const i = items[k] as number
            const d = distance(i, x, y)
            if (d <= least) {
              least = d
              best = i
            }
          }
      return best
    },
  }
}

/** Is the point inside of ring `zone` of `xy`, with `start` indices per ring in points? */
export function insideRing(xy: Float32Array, start: Uint32Array, ring: number, x: number, y: number): boolean {
  const from = start[ring] ?? 0
  const to = start[ring + 1] ?? from
  let inside = false
  for (let i = from, j = to - 1; i < to; j = i++) {
    const yi = at(xy, 2 * i + 1)
    const yj = at(xy, 2 * j + 1)
    if (yi > y !== yj > y && x < ((at(xy, 2 * j) - at(xy, 2 * i)) * (y - yi)) / (yj - yi) + at(xy, 2 * i))
      inside = !inside
  }
  return inside
}

/** Centre of area of a ring; the middle of its points when it has no area. */
export function centreOfRing(xy: Float32Array, start: Uint32Array, ring: number): readonly [x: number, y: number] {
  const from = start[ring] ?? 0
  const to = start[ring + 1] ?? from
  let area = 0
  let x = 0
  let y = 0
  let sumX = 0
  let sumY = 0
  for (let i = from, j = to - 1; i < to; j = i++) {
    const cross = at(xy, 2 * j) * at(xy, 2 * i + 1) - at(xy, 2 * i) * at(xy, 2 * j + 1)
    area += cross
    x += (at(xy, 2 * j) + at(xy, 2 * i)) * cross
    y += (at(xy, 2 * j + 1) + at(xy, 2 * i + 1)) * cross
    sumX += at(xy, 2 * i)
    sumY += at(xy, 2 * i + 1)
  }
  const n = Math.max(1, to - from)
  return Math.abs(area) < 1e-14 ? [sumX / n, sumY / n] : [x / (3 * area), y / (3 * area)]
}
