import { SeededRandom } from '../seeded-random.ts'
import type { RoadLine } from './planar-overlay.ts'
import { ringNoise, smoothNoise } from './smooth-noise.ts'
import type { Point } from './street-mesh.ts'

export interface MainRoads {
  readonly lines: readonly RoadLine[]
  /** Country roads beyond the city's edge, for the map and the gate stations. */
  readonly outward: readonly (readonly Point[])[]
  /** Both banks of the river as one polygon. */
  readonly river: readonly Point[]
  readonly riverAxis: readonly Point[]
  readonly riverWidth: number
}

/** Distance of the city's edge from its centre in a direction, m: no city is a circle. */
export function cityEdge(seed: number, radius: number, angle: number): number {
  return radius * (1 + 0.16 * ringNoise(seed + 11, angle, 5) + 0.06 * ringNoise(seed + 12, angle, 13))
}

/**
 * Arterials as cities have them: an old town ring, roads out to the neighbours that fan out as the city widens, ring roads,
 * a river with embankments, and an edge road.
 * @param radius m from the centre to the edge
 */
export function layMainRoads(seed: number, radius: number): MainRoads {
  const random = new SeededRandom(seed, 1)
  const rings = ringRadii(random, radius)
  const lines: RoadLine[] = rings.map((r, i) => ({ class: 'arterial', points: ringRoad(seed + 20 + i, r) }))
  lines.push({ class: 'collector', points: edgeRoad(seed, radius) })
  const outward: Point[][] = []
  const inner = rings[0] ?? radius / 2
  const first = radius > 900 ? 6 + random.below(2) : 5
  let spokes: number[] = []
  const turn = random.between(0, 2 * Math.PI)
  for (let i = 0; i < first; i++) spokes.push(turn + ((i + random.between(-0.22, 0.22)) * 2 * Math.PI) / first)
  spokes.forEach((angle, i) => {
    const through = i % 3 === 0
    const road = radialRoad(seed + 50 + i, angle, through ? 0 : inner * 0.86, radius)
    lines.push({ class: 'arterial', points: road.inside })
    outward.push(road.beyond)
  })
  let generation = 100
  for (const ring of rings.slice(1)) {
    const widened: number[] = []
    spokes.sort((p, q) => p - q)
    for (let i = 0; i < spokes.length; i++) {
      const from = spokes[i] ?? 0
      const next = spokes[i + 1] ?? (spokes[0] ?? 0) + 2 * Math.PI
      if ((next - from) * ring < 1500) continue
      const angle = from + (next - from) * random.between(0.42, 0.58)
      widened.push(angle)
      lines.push({ class: 'arterial', points: radialRoad(seed + generation++, angle, ring * 0.9, radius).inside })
    }
    spokes = [...spokes, ...widened]
  }
  const water = layRiver(seed, radius, random)
  for (const bank of water.banks) lines.push({ class: 'collector', points: bank })
  return { lines, outward, river: water.polygon, riverAxis: water.axis, riverWidth: water.width }
}

function ringRadii(random: SeededRandom, radius: number): number[] {
  if (radius < 900) return [radius * 0.45]
  const rings: number[] = []
  for (let r = random.between(400, 480); r < radius - 420; r += random.between(780, 980)) rings.push(r)
  return rings
}

function ringRoad(seed: number, radius: number): Point[] {
  const steps = Math.max(24, Math.round((2 * Math.PI * radius) / 110))
  const points: Point[] = []
  for (let i = 0; i <= steps; i++) {
    const angle = ((i % steps) * 2 * Math.PI) / steps
    const r = radius * (1 + 0.1 * ringNoise(seed, angle, 5) + 0.03 * ringNoise(seed + 7, angle, 12))
    points.push([r * Math.cos(angle), r * Math.sin(angle)])
  }
  return points
}

function edgeRoad(seed: number, radius: number): Point[] {
  const steps = Math.max(32, Math.round((2 * Math.PI * radius) / 130))
  const points: Point[] = []
  for (let i = 0; i <= steps; i++) {
    const angle = ((i % steps) * 2 * Math.PI) / steps
    const r = cityEdge(seed, radius, angle)
    points.push([r * Math.cos(angle), r * Math.sin(angle)])
  }
  return points
}

function radialRoad(seed: number, angle: number, from: number, radius: number): { inside: Point[]; beyond: Point[] } {
  const inside: Point[] = []
  const beyond: Point[] = []
  for (let r = from; r < radius * 1.6; r += 100) {
    const bend = 0.16 * smoothNoise(seed, r / 900, 3) * Math.min(1, r / 500)
    const p: Point = [r * Math.cos(angle + bend), r * Math.sin(angle + bend)]
    if (r < radius * 1.35) inside.push(p)
    if (r > radius * 0.9) beyond.push(p)
  }
  return { inside, beyond }
}

function layRiver(seed: number, radius: number, random: SeededRandom) {
  const heading = random.between(0, Math.PI)
  const width = Math.min(110, Math.max(36, radius * 0.036))
  const aside = radius * random.between(0.2, 0.34)
  const [c, s] = [Math.cos(heading), Math.sin(heading)]
  const axis: Point[] = []
  for (let l = -radius * 1.6; l <= radius * 1.6; l += 80) {
    const sway = aside + radius * 0.2 * smoothNoise(seed + 5, l / (radius * 0.75), 0)
    axis.push([l * c - sway * s, l * s + sway * c])
  }
  const bank = (d: number): Point[] =>
    axis.map((p, i) => {
      const before = axis[Math.max(0, i - 1)] ?? p
      const after = axis[Math.min(axis.length - 1, i + 1)] ?? p
      const length = Math.hypot(after[0] - before[0], after[1] - before[1])
      return [p[0] - ((after[1] - before[1]) / length) * d, p[1] + ((after[0] - before[0]) / length) * d]
    })
  return {
    axis,
    width,
    polygon: [...bank(width / 2), ...bank(-width / 2).reverse()],
    banks: [bank(width / 2 + 14), bank(-width / 2 - 14)],
  }
}
