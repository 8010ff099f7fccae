import { hash32 } from '../seeded-random.ts'
import { layMainRoads } from './main-roads.ts'
import { overlayRoads } from './planar-overlay.ts'
import { smoothNoise } from './smooth-noise.ts'
import type { Point, StreetMesh } from './street-mesh.ts'
import { type BlockUse, subdivideBlocks } from './subdivide-blocks.ts'

export interface StreetPlan {
  readonly seed: number
  /** m from the centre to the mean edge. */
  readonly radius: number
  readonly mesh: StreetMesh
  /** By block id. */
  readonly use: readonly BlockUse[]
  readonly river: readonly Point[]
  readonly outward: readonly (readonly Point[])[]
}

/**
 * Street plan of an invented city.
 * @param seed   same seed, same city
 * @param radius m
 * @param zones  districts wanted; neighbourhoods are made about six times as many
 */
export function drawStreetPlan(seed: number, radius: number, zones: number): StreetPlan {
  const base = hash32(seed, 77) % 1_000_000
  const roads = layMainRoads(base, radius)
  const mesh = overlayRoads(roads.lines)
  const half = roads.riverWidth / 2 + 10
  const neighbourhoodArea = Math.max(30_000, (Math.PI * radius * radius) / zones / 4)
  const isWater = (p: Point): boolean => roads.riverAxis.some((q) => Math.hypot(q[0] - p[0], q[1] - p[1]) < half + 30)
  const nearAxis = (p: Point): boolean => isWater(p) && distanceToLine(roads.riverAxis, p) < half
  const use = subdivideBlocks(mesh, { seed: base, radius, neighbourhoodArea, isWater: nearAxis })
  const bend = (p: Point): Point => warp(base, p)
  for (let v = 0; v < mesh.x.length; v++) {
    const [x, y] = bend(mesh.at(v))
    mesh.x[v] = x
    mesh.y[v] = y
  }
  return { seed: base, radius, mesh, use, river: roads.river.map(bend), outward: roads.outward.map((l) => l.map(bend)) }
}

/** Bends the whole plan gently, so that what was cut straight has grown. */
function warp(seed: number, [x, y]: Point): Point {
  return [
    x + 55 * smoothNoise(seed + 61, x / 620, y / 620) + 14 * smoothNoise(seed + 63, x / 210, y / 210),
    y + 55 * smoothNoise(seed + 62, x / 620, y / 620) + 14 * smoothNoise(seed + 64, x / 210, y / 210),
  ]
}

function distanceToLine(line: readonly Point[], p: Point): number {
  let best = Infinity
  for (let i = 0; i + 1 < line.length; i++) {
    const [ax, ay] = line[i] ?? [0, 0]
    const [bx, by] = line[i + 1] ?? [0, 0]
    const l2 = (bx - ax) ** 2 + (by - ay) ** 2
    const t = Math.max(0, Math.min(1, ((p[0] - ax) * (bx - ax) + (p[1] - ay) * (by - ay)) / l2))
    best = Math.min(best, Math.hypot(ax + t * (bx - ax) - p[0], ay + t * (by - ay) - p[1]))
  }
  return best
}
