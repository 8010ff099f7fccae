import { SeededRandom, unitHash } from '../seeded-random.ts'
import { smoothNoise } from './smooth-noise.ts'
import {
  type Block,
  type Point,
  polygonArea,
  polygonCentre,
  type StreetClass,
  type StreetMesh,
  streetKey,
} from './street-mesh.ts'

export type BlockUse = 'homes' | 'industry' | 'park' | 'water'

export interface SubdivisionPlan {
  readonly seed: number
  readonly radius: number
  /** A block smaller than this begins a neighbourhood, m². */
  readonly neighbourhoodArea: number
  readonly isWater: (centre: Point) => boolean
}

/** How crowded the city is at a place: 1 in the old town, 0 at its edge. */
export function crowding(seed: number, radius: number, x: number, y: number): number {
  const far = Math.hypot(x, y) / radius
  const lumpy = 0.18 * smoothNoise(seed + 31, x / 700, y / 700)
  return Math.min(1, Math.max(0, 1 - far ** 0.85 + lumpy * (far > 0.15 ? 1 : 0.3)))
}

/**
 * Cuts the blocks between the main roads again and again until they have the size of city blocks: small in the old town,
 * large at the edge and in industry. Cuts join existing corners where one is near, so that streets run through.
 * @returns use of each block by its id
 */
export function subdivideBlocks(mesh: StreetMesh, plan: SubdivisionPlan): BlockUse[] {
  const use: BlockUse[] = []
  const open = [...mesh.blocks]
  let neighbourhoods = 0
  const random = new SeededRandom(plan.seed, 2)
  const smog = random.between(0, 2 * Math.PI)
  for (let block = open.pop(); block !== undefined; block = open.pop()) {
    const points = mesh.points(block)
    const area = polygonArea(points)
    const centre = polygonCentre(points)
    if (plan.isWater(centre)) {
      use[block.id] = 'water'
      continue
    }
    if (block.neighbourhood < 0 && area < plan.neighbourhoodArea) block.neighbourhood = neighbourhoods++
    const crowd = crowding(plan.seed, plan.radius, centre[0], centre[1])
    const turned = Math.abs(wrap(Math.atan2(centre[1], centre[0]) - smog))
    const industry = turned < 0.5 && crowd < 0.33
    const wish = industry ? 75_000 : 8500 + 36_000 * (1 - crowd) ** 2.2
    const large = area > 45_000 && area < 170_000
    if (large && block.neighbourhood >= 0 && unitHash(plan.seed, 3, block.id) < 0.035 + 0.05 * crowd) {
      use[block.id] = 'park'
      continue
    }
    const other = area > wish * (0.8 + 0.9 * random.next()) ? cutBlock(mesh, block, points, area, random) : undefined
    if (other === undefined) {
      if (block.neighbourhood < 0) block.neighbourhood = neighbourhoods++
      use[block.id] = industry ? 'industry' : unitHash(plan.seed, 4, block.id) < 0.02 ? 'park' : 'homes'
    } else open.push(block, other)
  }
  return use
}

function cutClass(area: number): StreetClass {
  return area > 900_000 ? 'arterial' : area > 130_000 ? 'collector' : 'local'
}

interface Crossing {
  readonly along: number
  readonly at: Point
  readonly edge: number
}

function cutBlock(
  mesh: StreetMesh,
  block: Block,
  points: Point[],
  area: number,
  random: SeededRandom,
): Block | undefined {
  const box = narrowestBox(points)
  for (let attempt = 0; attempt < 8; attempt++) {
    const across = box.length < 1.25 * box.width && random.chance(0.5)
    const turn = random.normal(0, attempt < 4 ? 0.07 : 0.25)
    const share = random.between(0.38, 0.62)
    const l = (across ? 0.5 : share) - 0.5
    const w = (across ? share : 0.5) - 0.5
    const [c, s] = [Math.cos(box.angle), Math.sin(box.angle)]
    const px = box.centre[0] + l * box.length * c - w * box.width * s
    const py = box.centre[1] + l * box.length * s + w * box.width * c
    const heading = box.angle + (across ? 0 : Math.PI / 2) + turn
    const span = longestInside(points, [px, py], [Math.cos(heading), Math.sin(heading)])
    if (span === undefined) continue
    const ends = span.map((e) => snap(points, e))
    const trial = trialAreas(points, ends)
    if (trial === undefined || Math.min(trial[0], trial[1]) < 0.2 * area) continue
    const loop = [...block.loop]
    if (ends.some((e) => !isPlain(mesh, loop, e))) continue
    const corners = ends.map((e) => {
      if ('corner' in e) return loop[e.corner] ?? 0
      const a = loop[e.edge] ?? 0
      const b = loop[(e.edge + 1) % loop.length] ?? 0
      return mesh.splitStreet(a, b, e.at[0], e.at[1])
    })
    return mesh.splitBlock(block, corners[0] ?? 0, corners[1] ?? 0, cutClass(area))
  }
  return undefined
}

/** Not where the outline touches itself. */
function isPlain(mesh: StreetMesh, loop: readonly number[], end: CutEnd): boolean {
  const once = (v: number | undefined): boolean => loop.filter((w) => w === v).length === 1
  if ('corner' in end) return once(loop[end.corner])
  const [a, b] = [loop[end.edge] ?? -1, loop[(end.edge + 1) % loop.length] ?? -1]
  const street = mesh.streets.get(streetKey(a, b))
  return street !== undefined && street.blocks[0] !== street.blocks[1]
}

type CutEnd = { readonly corner: number } | { readonly edge: number; readonly at: Point }

function snap(points: readonly Point[], end: Crossing): CutEnd {
  const n = points.length
  const near = [end.edge, (end.edge + 1) % n].map((corner) => {
    const p = points[corner] ?? end.at
    return { corner, d: Math.hypot(p[0] - end.at[0], p[1] - end.at[1]) }
  })
  const [p, q] = [near[0]?.d ?? 0, near[1]?.d ?? 0]
  const reach = Math.max(24, Math.min(42, 0.3 * (p + q)))
  const best = p < q ? near[0] : near[1]
  if (best !== undefined && best.d < reach) return { corner: best.corner }
  return { edge: end.edge, at: end.at }
}

/** Areas of both parts, or undefined when the cut would run along or across the outline. */
function trialAreas(points: readonly Point[], ends: readonly CutEnd[]): [number, number] | undefined {
  const [e, f] = ends
  if (e === undefined || f === undefined) return undefined
  const ring: Point[] = []
  let i = -1
  let j = -1
  points.forEach((p, k) => {
    if ('corner' in e && e.corner === k) i = ring.length
    if ('corner' in f && f.corner === k) j = ring.length
    ring.push(p)
    if ('edge' in e && e.edge === k) i = ring.push(e.at) - 1
    if ('edge' in f && f.edge === k) j = ring.push(f.at) - 1
  })
  const n = ring.length
  const gap = Math.abs(i - j)
  if (i < 0 || j < 0 || gap < 2 || gap > n - 2) return undefined
  for (let k = 0; k < n; k++) {
    const l = (k + 1) % n
    if (k === i || k === j || l === i || l === j) continue
    if (crosses(ring[i], ring[j], ring[k], ring[l])) return undefined
  }
  const [low, high] = [Math.min(i, j), Math.max(i, j)]
  const one = polygonArea(ring.slice(low, high + 1))
  const two = polygonArea([...ring.slice(high), ...ring.slice(0, low + 1)])
  return one > 0 && two > 0 ? [one, two] : undefined
}

function crosses(a?: Point, b?: Point, c?: Point, d?: Point): boolean {
  if (a === undefined || b === undefined || c === undefined || d === undefined) return true
  const side = (p: Point, q: Point, r: Point): number => (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0
}

function longestInside(points: readonly Point[], through: Point, heading: Point): [Crossing, Crossing] | undefined {
  const hits: Crossing[] = []
  for (let edge = 0; edge < points.length; edge++) {
    const a = points[edge] ?? through
    const b = points[(edge + 1) % points.length] ?? through
    const da = (a[0] - through[0]) * heading[1] - (a[1] - through[1]) * heading[0]
    const db = (b[0] - through[0]) * heading[1] - (b[1] - through[1]) * heading[0]
    if (da < 0 === db < 0) continue
    const t = da / (da - db)
    const at: Point = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
    hits.push({ at, edge, along: (at[0] - through[0]) * heading[0] + (at[1] - through[1]) * heading[1] })
  }
  hits.sort((p, q) => p.along - q.along)
  let best: [Crossing, Crossing] | undefined
  for (let i = 0; i + 1 < hits.length; i += 2) {
    const [p, q] = [hits[i], hits[i + 1]]
    if (p === undefined || q === undefined) continue
    if (best === undefined || q.along - p.along > best[1].along - best[0].along) best = [p, q]
  }
  return best
}

/** The smallest rectangle around a polygon that is parallel to one of its sides. */
function narrowestBox(points: readonly Point[]): { centre: Point; angle: number; length: number; width: number } {
  let best = { centre: [0, 0] as Point, angle: 0, length: Infinity, width: Infinity }
  for (let i = 0; i < points.length; i++) {
    const [ax, ay] = points[i] ?? [0, 0]
    const [bx, by] = points[(i + 1) % points.length] ?? [0, 0]
    const angle = Math.atan2(by - ay, bx - ax)
    const [c, s] = [Math.cos(angle), Math.sin(angle)]
    let [u0, u1, v0, v1] = [Infinity, -Infinity, Infinity, -Infinity]
    for (const [x, y] of points) {
      const u = x * c + y * s
      const v = y * c - x * s
      u0 = Math.min(u0, u)
      u1 = Math.max(u1, u)
      v0 = Math.min(v0, v)
      v1 = Math.max(v1, v)
    }
    if ((u1 - u0) * (v1 - v0) >= best.length * best.width) continue
    const [u, v] = [(u0 + u1) / 2, (v0 + v1) / 2]
    const upright = v1 - v0 > u1 - u0
    best = {
      centre: [u * c - v * s, u * s + v * c],
      angle: upright ? angle + Math.PI / 2 : angle,
      length: Math.max(u1 - u0, v1 - v0),
      width: Math.min(u1 - u0, v1 - v0),
    }
  }
  return best
}

function wrap(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle))
}
