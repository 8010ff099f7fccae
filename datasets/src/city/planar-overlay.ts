import { type Point, polygonArea, type StreetClass, StreetMesh, streetKey } from './street-mesh.ts'

export interface RoadLine {
  readonly class: StreetClass
  readonly points: readonly Point[]
}

interface Segment {
  readonly class: StreetClass
  readonly a: Point
  readonly b: Point
  readonly cuts: { t: number; at: Point }[]
}

/** Corners nearer than this become one, m. */
const MERGE_M = 18

/**
 * Lays road lines over each other: crossings become corners, dangling ends are cut off, and the enclosed blocks are found.
 * @param lines polylines in metres; they may cross anywhere
 */
export function overlayRoads(lines: readonly RoadLine[]): StreetMesh {
  const segments = cutAtCrossings(lines)
  const mesh = new StreetMesh()
  const corner = cornerFinder(mesh)
  for (const s of segments) {
    const stops = [{ t: 0, at: s.a }, ...s.cuts.sort((p, q) => p.t - q.t), { t: 1, at: s.b }].map((c) => corner(c.at))
    for (let i = 0; i + 1 < stops.length; i++) {
      const a = stops[i] ?? 0
      const b = stops[i + 1] ?? 0
      if (a === b) continue
      const known = mesh.streets.get(streetKey(a, b))
      if (known === undefined || s.class === 'arterial')
        mesh.streets.set(streetKey(a, b), { a, b, class: s.class, blocks: [-1, -1] })
    }
  }
  pruneDangling(mesh)
  traceBlocks(mesh)
  return mesh
}

function cutAtCrossings(lines: readonly RoadLine[]): Segment[] {
  const segments: Segment[] = []
  for (const line of lines) {
    for (let i = 0; i + 1 < line.points.length; i++) {
      const a = line.points[i]
      const b = line.points[i + 1]
      if (a !== undefined && b !== undefined) segments.push({ class: line.class, a, b, cuts: [] })
    }
  }
  const byX = segments.map((s) => ({ s, low: Math.min(s.a[0], s.b[0]), high: Math.max(s.a[0], s.b[0]) }))
  byX.sort((p, q) => p.low - q.low)
  for (let i = 0; i < byX.length; i++) {
    const p = byX[i]
    if (p === undefined) continue
    for (let j = i + 1; j < byX.length; j++) {
      const q = byX[j]
      if (q === undefined || q.low > p.high) break
      cross(p.s, q.s)
    }
  }
  return segments
}

function cross(p: Segment, q: Segment): void {
  const rx = p.b[0] - p.a[0]
  const ry = p.b[1] - p.a[1]
  const sx = q.b[0] - q.a[0]
  const sy = q.b[1] - q.a[1]
  const d = rx * sy - ry * sx
  if (Math.abs(d) < 1e-9) return
  const t = ((q.a[0] - p.a[0]) * sy - (q.a[1] - p.a[1]) * sx) / d
  const u = ((q.a[0] - p.a[0]) * ry - (q.a[1] - p.a[1]) * rx) / d
  if (t < 0 || t > 1 || u < 0 || u > 1) return
  const at: Point = [p.a[0] + t * rx, p.a[1] + t * ry]
  p.cuts.push({ t, at })
  q.cuts.push({ t: u, at })
}

function cornerFinder(mesh: StreetMesh): (p: Point) => number {
  const cells = new Map<string, number[]>()
  return (p) => {
    const cx = Math.floor(p[0] / MERGE_M)
    const cy = Math.floor(p[1] / MERGE_M)
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (const v of cells.get(`${cx + dx},${cy + dy}`) ?? []) {
          const [x, y] = mesh.at(v)
          if (Math.hypot(x - p[0], y - p[1]) < MERGE_M) return v
        }
    const v = mesh.addCorner(p[0], p[1])
    const key = `${cx},${cy}`
    const cell = cells.get(key)
    if (cell === undefined) cells.set(key, [v])
    else cell.push(v)
    return v
  }
}

function pruneDangling(mesh: StreetMesh): void {
  const around = neighbours(mesh)
  const loose = around.map((_, v) => v).filter((v) => around[v]?.length === 1)
  for (let v = loose.pop(); v !== undefined; v = loose.pop()) {
    const other = around[v]?.[0]
    if (around[v]?.length !== 1 || other === undefined) continue
    mesh.streets.delete(streetKey(v, other))
    around[v] = []
    const rest = (around[other] ?? []).filter((w) => w !== v)
    around[other] = rest
    if (rest.length === 1) loose.push(other)
  }
}

function neighbours(mesh: StreetMesh): number[][] {
  const around: number[][] = mesh.x.map(() => [])
  for (const { a, b } of mesh.streets.values()) {
    around[a]?.push(b)
    around[b]?.push(a)
  }
  return around
}

/** Walks every street in both directions, always turning to the next street clockwise: each closed walk is a block. */
function traceBlocks(mesh: StreetMesh): void {
  const around = neighbours(mesh)
  around.forEach((list, v) => {
    const [x, y] = mesh.at(v)
    const angle = (w: number): number => Math.atan2(mesh.at(w)[1] - y, mesh.at(w)[0] - x)
    list.sort((p, q) => angle(p) - angle(q))
  })
  const walked = new Set<string>()
  for (const { a, b } of mesh.streets.values()) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      if (walked.has(`${from}>${to}`)) continue
      const loop: number[] = []
      let u = from
      let v = to
      while (!walked.has(`${u}>${v}`)) {
        walked.add(`${u}>${v}`)
        loop.push(u)
        const list = around[v] ?? []
        const next = list[(list.indexOf(u) + list.length - 1) % list.length] ?? u
        u = v
        v = next
      }
      if (polygonArea(loop.map((w) => mesh.at(w))) <= 0) continue
      const block = mesh.addBlock(loop, -1)
      for (let i = 0; i < loop.length; i++) {
        const street = mesh.streets.get(streetKey(loop[i] ?? 0, loop[(i + 1) % loop.length] ?? 0))
        if (street === undefined) continue
        street.blocks[street.blocks[0] === -1 ? 0 : 1] = block.id
      }
    }
  }
}
