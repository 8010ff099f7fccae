import { type Point, polygonArea, polygonCentre } from './street-mesh.ts'
import type { StreetPlan } from './street-plan.ts'
import { crowding } from './subdivide-blocks.ts'

interface Neighbourhood {
  weight: number
  x: number
  y: number
  readonly beside: Set<number>
}

/**
 * Groups neighbourhoods into low-pressure districts of about the same size that hang together and never span the river.
 * @returns district (0 … zones − 1) of each block, −1 on water
 */
export function divideIntoDistricts(plan: StreetPlan, zones: number): Int32Array {
  const areas = neighbourhoodsOf(plan)
  const owner = new Int32Array(areas.length).fill(-1)
  const load = new Float64Array(zones)
  for (const [zone, seed] of spreadSeeds(areas, zones).entries()) claim(zone, seed)
  for (;;) {
    let done = true
    for (const zone of [...load.keys()].sort((p, q) => (load[p] ?? 0) - (load[q] ?? 0))) {
      const next = nearestFree(zone)
      if (next < 0) continue
      claim(zone, next)
      done = false
      break
    }
    if (done) break
  }
  areas.forEach((a, i) => {
    if ((owner[i] ?? 0) < 0) owner[i] = owner[nearestOwned(a)] ?? 0
  })
  return Int32Array.from(plan.mesh.blocks, (b) => (plan.use[b.id] === 'water' ? -1 : (owner[b.neighbourhood] ?? -1)))

  function claim(zone: number, area: number): void {
    owner[area] = zone
    load[zone] = (load[zone] ?? 0) + (areas[area]?.weight ?? 0)
  }
  function nearestFree(zone: number): number {
    let [sx, sy, count] = [0, 0, 0]
    areas.forEach((a, i) => {
      if (owner[i] !== zone) return
      sx += a.x
      sy += a.y
      count++
    })
    let best = -1
    let near = Infinity
    areas.forEach((a, i) => {
      if (owner[i] !== zone) return
      for (const j of a.beside) {
        const b = areas[j]
        if (b === undefined || (owner[j] ?? 0) >= 0) continue
        const d = Math.hypot(b.x - sx / count, b.y - sy / count)
        if (d < near) {
          near = d
          best = j
        }
      }
    })
    return best
  }
  function nearestOwned(a: Neighbourhood): number {
    let best = 0
    let near = Infinity
    areas.forEach((b, j) => {
      if ((owner[j] ?? 0) < 0) return
      const d = Math.hypot(b.x - a.x, b.y - a.y)
      if (d < near) {
        near = d
        best = j
      }
    })
    return best
  }
}

function neighbourhoodsOf(plan: StreetPlan): Neighbourhood[] {
  const areas: Neighbourhood[] = []
  for (const block of plan.mesh.blocks) {
    if (block.neighbourhood < 0 || plan.use[block.id] === 'water') continue
    const points = plan.mesh.points(block)
    const [x, y] = polygonCentre(points)
    const lived = plan.use[block.id] === 'homes' ? 0.1 + crowding(plan.seed, plan.radius, x, y) : 0.02
    const weight = Math.max(1, polygonArea(points) * lived)
    const area = areas[block.neighbourhood] ?? { weight: 0, x: 0, y: 0, beside: new Set<number>() }
    area.x = (area.x * area.weight + x * weight) / (area.weight + weight)
    area.y = (area.y * area.weight + y * weight) / (area.weight + weight)
    area.weight += weight
    areas[block.neighbourhood] = area
  }
  for (let i = 0; i < areas.length; i++) areas[i] ??= { weight: 0, x: 0, y: 0, beside: new Set() }
  for (const { blocks } of plan.mesh.streets.values()) {
    const [p, q] = blocks.map((b) => plan.mesh.blocks[b]?.neighbourhood ?? -1)
    if (p === undefined || q === undefined || p < 0 || q < 0 || p === q) continue
    areas[p]?.beside.add(q)
    areas[q]?.beside.add(p)
  }
  return areas
}

/** Centres of gravity of the wanted number of clusters, as indices of neighbourhoods. */
function spreadSeeds(areas: readonly Neighbourhood[], zones: number): number[] {
  const middle: Point = [0, 0]
  let centres: Point[] = [middle]
  const used = areas.filter((a) => a.weight > 0)
  while (centres.length < zones) {
    let far: Neighbourhood | undefined
    let best = -1
    for (const a of used) {
      const d = Math.min(...centres.map((c) => Math.hypot(c[0] - a.x, c[1] - a.y)))
      if (d * Math.sqrt(a.weight) > best) {
        best = d * Math.sqrt(a.weight)
        far = a
      }
    }
    centres.push(far === undefined ? middle : [far.x, far.y])
  }
  for (let round = 0; round < 12; round++) {
    const sums = centres.map(() => ({ x: 0, y: 0, w: 0 }))
    for (const a of used) {
      const sum = sums[nearest(centres, [a.x, a.y])]
      if (sum === undefined) continue
      sum.x += a.x * a.weight
      sum.y += a.y * a.weight
      sum.w += a.weight
    }
    centres = centres.map((c, i) => {
      const s = sums[i]
      return s === undefined || s.w === 0 ? c : [s.x / s.w, s.y / s.w]
    })
  }
  const taken = new Set<number>()
  return centres.map((c) => {
    let best = 0
    let near = Infinity
    areas.forEach((a, i) => {
      const d = Math.hypot(a.x - c[0], a.y - c[1])
      if (a.weight > 0 && !taken.has(i) && d < near) {
        near = d
        best = i
      }
    })
    taken.add(best)
    return best
  })
}

function nearest(centres: readonly Point[], p: Point): number {
  let best = 0
  centres.forEach((c, i) => {
    const b = centres[best] ?? c
    if (Math.hypot(c[0] - p[0], c[1] - p[1]) < Math.hypot(b[0] - p[0], b[1] - p[1])) best = i
  })
  return best
}
