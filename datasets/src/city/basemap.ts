import type { Basemap, LonLat } from '@gastwin/twin'
import { placeNames } from './place-names.ts'
import { toLonLat } from './projection.ts'
import { polygonArea, polygonCentre, type Street, type StreetMesh, streetKey } from './street-mesh.ts'
import type { StreetPlan } from './street-plan.ts'

/** Streets joined into long lines, the river, the parks and the names of the districts. */
export function drawBasemap(plan: StreetPlan, districtOf: Int32Array, zones: number): Basemap {
  const names = placeNames(plan.seed, zones)
  return {
    streets: [
      ...plan.outward.map((line) => ({ class: 'arterial' as const, line: line.map(toLonLat) })),
      ...joinStreets(plan.mesh),
    ],
    water: [{ polygon: plan.river.map(toLonLat) }],
    parks: plan.mesh.blocks
      .filter((b) => plan.use[b.id] === 'park')
      .map((b) => ({ polygon: plan.mesh.points(b).map(toLonLat) })),
    places: names.map((name, zone) => {
      let [sx, sy, sum] = [0, 0, 0]
      for (const block of plan.mesh.blocks) {
        if (districtOf[block.id] !== zone) continue
        const points = plan.mesh.points(block)
        const area = polygonArea(points)
        const [x, y] = polygonCentre(points)
        sx += x * area
        sy += y * area
        sum += area
      }
      const [lon, lat] = toLonLat(sum > 0 ? [sx / sum, sy / sum] : [0, 0])
      return { ...name, lon, lat }
    }),
  }
}

/** Outline of a district: the longest closed line around its blocks. */
export function districtOutline(plan: StreetPlan, districtOf: Int32Array, zone: number): LonLat[] {
  const next = new Map<number, number[]>()
  for (const block of plan.mesh.blocks) {
    if (districtOf[block.id] !== zone) continue
    block.loop.forEach((a, i) => {
      const b = block.loop[(i + 1) % block.loop.length] ?? a
      const street = streetBetween(plan.mesh, a, b)
      const other = street?.blocks.find((id) => id !== block.id) ?? -1
      if (other >= 0 && districtOf[other] === zone) return
      next.set(a, [...(next.get(a) ?? []), b])
    })
  }
  let best: number[] = []
  let largest = 0
  for (const start of [...next.keys()]) {
    const loop: number[] = []
    for (let v: number | undefined = start; v !== undefined; v = next.get(v)?.pop()) {
      loop.push(v)
      if (loop.length > 1 && v === start) break
    }
    const area = polygonArea(loop.map((v) => plan.mesh.at(v)))
    if (area > largest) {
      largest = area
      best = loop
    }
  }
  return best.map((v) => toLonLat(plan.mesh.at(v)))
}

function streetBetween(mesh: StreetMesh, a: number, b: number): Street | undefined {
  return mesh.streets.get(streetKey(a, b))
}

function joinStreets(mesh: StreetMesh): Basemap['streets'] {
  const around: Street[][] = mesh.x.map(() => [])
  for (const s of mesh.streets.values()) {
    around[s.a]?.push(s)
    around[s.b]?.push(s)
  }
  const used = new Set<Street>()
  const lines: { class: Street['class']; line: LonLat[] }[] = []
  const walk = (from: number, to: number, streetClass: Street['class']): number[] => {
    const trail = [from, to]
    for (;;) {
      const [before, here] = [trail.at(-2) ?? 0, trail.at(-1) ?? 0]
      const on = around[here]?.find(
        (s) => !used.has(s) && s.class === streetClass && straight(mesh, before, here, s.a === here ? s.b : s.a),
      )
      if (on === undefined) return trail
      used.add(on)
      trail.push(on.a === here ? on.b : on.a)
    }
  }
  for (const s of mesh.streets.values()) {
    if (used.has(s)) continue
    used.add(s)
    const ahead = walk(s.a, s.b, s.class)
    const back = walk(s.b, s.a, s.class).slice(2).reverse()
    lines.push({ class: s.class, line: [...back, ...ahead].map((v) => toLonLat(mesh.at(v))) })
  }
  return lines
}

function straight(mesh: StreetMesh, a: number, b: number, c: number): boolean {
  const [ax, ay] = mesh.at(a)
  const [bx, by] = mesh.at(b)
  const [cx, cy] = mesh.at(c)
  const dot = (bx - ax) * (cx - bx) + (by - ay) * (cy - by)
  return dot > 0.8 * Math.hypot(bx - ax, by - ay) * Math.hypot(cx - bx, cy - by)
}
