/** An alarm as the map sees it, at its place on the screen (px). */
export interface MarkerPoint {
  readonly id: string
  readonly priority: number
  readonly unacked: boolean
  readonly x: number
  readonly y: number
  /** Distance from the middle of the map, m. */
  readonly distance: number
}

export interface PlacedMarker {
  /** The most important alarm of those that would cover each other. */
  readonly id: string
  readonly x: number
  readonly y: number
  readonly others: number
}

export interface EdgeArrow {
  readonly id: string
  readonly x: number
  readonly y: number
  /** Direction to the alarm, radians, 0 to the right, clockwise. */
  readonly angle: number
  readonly distance: number
  readonly others: number
}

const COVER_PX = 20
/** Half an arrow's box and a little air: it is much wider than high. */
const EDGE_INSET_PX = { x: 62, y: 24 }
const EDGE_COVER_PX = { x: 128, y: 36 }

/**
 * Symbols for alarms in view, one per heap, the most important on top; arrows at the rim for those out of view that must not
 * be overlooked: priority 1, and priority 2 nobody has acknowledged.
 * @param width px; @param height px
 */
export function placeMarkers(
  points: readonly MarkerPoint[],
  width: number,
  height: number,
): { readonly markers: readonly PlacedMarker[]; readonly arrows: readonly EdgeArrow[] } {
  const sorted = [...points].sort((a, b) => a.priority - b.priority || Number(b.unacked) - Number(a.unacked))
  const markers: { id: string; x: number; y: number; others: number }[] = []
  const arrows: { id: string; x: number; y: number; angle: number; distance: number; others: number }[] = []
  for (const point of sorted) {
    const { id, x, y, distance } = point
    if (x >= 0 && x <= width && y >= 0 && y <= height) {
      const heap = markers.find((m) => Math.hypot(m.x - x, m.y - y) < COVER_PX)
      if (heap === undefined) markers.push({ id, x, y, others: 0 })
      else heap.others++
      continue
    }
    if (point.priority > 1 && !(point.priority === 2 && point.unacked)) continue
    const spot = onRim(x, y, width, height)
    const near = arrows.find(
      (a) => Math.abs(a.x - spot.x) < EDGE_COVER_PX.x && Math.abs(a.y - spot.y) < EDGE_COVER_PX.y,
    )
    if (near === undefined) arrows.push({ id, ...spot, distance, others: 0 })
    else near.others++
  }
  return { markers, arrows }
}

function onRim(x: number, y: number, width: number, height: number): { x: number; y: number; angle: number } {
  const dx = x - width / 2
  const dy = y - height / 2
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : (width / 2 - EDGE_INSET_PX.x) / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : (height / 2 - EDGE_INSET_PX.y) / Math.abs(dy),
  )
  return { x: width / 2 + dx * scale, y: height / 2 + dy * scale, angle: Math.atan2(dy, dx) }
}

export interface LabelBox {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Other heights to try when the place is taken, px from y. */
  readonly shifts?: readonly number[]
}

/** Takes labels in order of importance, moved a little if need be, and leaves out those that would touch one taken before. */
export function keepApart<T extends LabelBox>(boxes: readonly T[], most: number, taken: readonly LabelBox[] = []): T[] {
  const kept: T[] = []
  const blocked: LabelBox[] = [...taken]
  for (const box of boxes) {
    if (kept.length === most) break
    const place = [0, ...(box.shifts ?? [])]
      .map((shift) => (shift === 0 ? box : { ...box, y: box.y + shift }))
      .find((tried) => !blocked.some((other) => touches(tried, other)))
    if (place === undefined) continue
    kept.push(place)
    blocked.push(place)
  }
  return kept
}

/** Boxes are given by their centre. */
function touches(a: LabelBox, b: LabelBox): boolean {
  return Math.abs(a.x - b.x) * 2 < a.width + b.width && Math.abs(a.y - b.y) * 2 < a.height + b.height
}
