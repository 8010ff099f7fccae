/** A run of meter numbers that lie close together: drawn or left out as a whole. */
export interface MeterCell {
  readonly from: number
  readonly length: number
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/**
 * Cuts the meters into runs of at most `most`. The service numbers them along a space-filling curve, so a run is compact;
 * where the curve jumped, two halves cover much less ground than the run, and it is cut further.
 */
export function cutMeterCells(xy: Float32Array, most = 8000, least = 500): readonly MeterCell[] {
  const n = xy.length / 2
  if (n === 0) return []
  const cells: MeterCell[] = []
  const cut = (cell: MeterCell) => {
    const half = Math.ceil(cell.length / 2)
    if (cell.length <= least) return cells.push(cell)
    const first = boxOf(xy, cell.from, half)
    const second = boxOf(xy, cell.from + half, cell.length - half)
    if (cell.length <= most && areaOf(first) + areaOf(second) > 0.6 * areaOf(cell)) return cells.push(cell)
    cut(first)
    return cut(second)
  }
  cut(boxOf(xy, 0, n))
  return cells
}

const areaOf = (cell: MeterCell) => (cell.east - cell.west) * (cell.north - cell.south)

function boxOf(xy: Float32Array, from: number, length: number): MeterCell {
  let west = Number.POSITIVE_INFINITY
  let south = Number.POSITIVE_INFINITY
  let east = Number.NEGATIVE_INFINITY
  let north = Number.NEGATIVE_INFINITY
  for (let i = from; i < from + length; i++) {
    const x = xy[2 * i] as number
    const y = xy[2 * i + 1] as number
    if (x < west) west = x
    if (x > east) east = x
    if (y < south) south = y
    if (y > north) north = y
  }
  return { from, length, west, south, east, north }
}

/** Cells that touch the window, in order; none when they would hold more than `limit` meters together. */
export function cellsInView(
  cells: readonly MeterCell[],
  [west, south, east, north]: readonly [number, number, number, number],
  limit = 100_000,
): readonly MeterCell[] {
  const seen = cells.filter((c) => c.east >= west && c.west <= east && c.north >= south && c.south <= north)
  return seen.reduce((sum, c) => sum + c.length, 0) > limit ? [] : seen
}
