import type { LowPressure } from './low-pressure.ts'
import { MP, type NetworkDraft } from './network-draft.ts'
import type { Point } from './street-mesh.ts'
import type { StreetPlan } from './street-plan.ts'

export interface StationSites {
  readonly sites: readonly { readonly zone: string; readonly corner: number }[]
  /** Nodes of mains that serve nobody; they are not built. */
  readonly useless: ReadonlySet<number>
}

/** Meters one regulator station is planned for. */
const METERS_PER_STATION = 750

/**
 * Chooses one to three regulator stations for every connected part of a district, near its load, apart from each other and
 * preferably on an arterial, where the medium-pressure main is.
 * @param meters number of meters at each node
 */
export function chooseStationSites(
  draft: NetworkDraft,
  plan: StreetPlan,
  low: LowPressure,
  meters: ReadonlyMap<number, number>,
  metersPerStation = METERS_PER_STATION,
): StationSites {
  const part = parts(draft)
  const arterial = new Set<number>()
  for (const s of plan.mesh.streets.values()) if (s.class === 'arterial') arterial.add(s.a).add(s.b)
  const members = new Map<number, { zone: string; load: number; taps: Tap[]; corners: number[] }>()
  for (const node of draft.nodes) {
    if (node.zone === MP) continue
    const root = part(node.index)
    const m = members.get(root) ?? { zone: node.zone, load: 0, taps: [], corners: [] }
    const here = meters.get(node.index) ?? 0
    m.load += here
    if (here > 0) m.taps.push({ at: node.at, load: here })
    members.set(root, m)
  }
  for (const [key, node] of low.cornerNode) members.get(part(node))?.corners.push(Number(key.split('/')[0]))
  const sites: { zone: string; corner: number }[] = []
  const useless = new Set<number>()
  for (const node of draft.nodes)
    if (node.zone !== MP && (members.get(part(node.index))?.load ?? 0) === 0) useless.add(node.index)
  for (const m of members.values()) {
    if (m.load === 0) continue
    const onArterial = m.corners.filter((v) => arterial.has(v))
    const candidates = onArterial.length > 0 ? onArterial : m.corners
    const wanted = Math.max(1, Math.min(3, Math.round(m.load / metersPerStation)))
    const chosen = closestToLoad(plan, candidates, m.taps, wanted)
    for (const corner of chosen) sites.push({ zone: m.zone, corner })
  }
  return { sites, useless }
}

interface Tap {
  readonly at: Point
  readonly load: number
}

/** Corners, one after the other, each of which shortens the way to all taps most. */
function closestToLoad(plan: StreetPlan, corners: readonly number[], taps: readonly Tap[], count: number): number[] {
  const way = new Float64Array(taps.length).fill(1e6)
  const chosen: number[] = []
  const to = (corner: number, tap: Tap): number => {
    const [x, y] = plan.mesh.at(corner)
    return Math.hypot(x - tap.at[0], y - tap.at[1])
  }
  while (chosen.length < Math.min(count, corners.length)) {
    let best = -1
    let least = Infinity
    for (const corner of corners) {
      if (chosen.includes(corner)) continue
      const sum = taps.reduce((s, tap, i) => s + tap.load * Math.min(way[i] ?? 0, to(corner, tap)), 0)
      if (sum < least) {
        least = sum
        best = corner
      }
    }
    chosen.push(best)
    taps.forEach((tap, i) => {
      way[i] = Math.min(way[i] ?? 0, to(best, tap))
    })
  }
  return chosen
}

/** Which connected part a node belongs to, over pipes and open valves. */
function parts(draft: NetworkDraft): (node: number) => number {
  const parent = draft.nodes.map((n) => n.index)
  const root = (v: number): number => {
    let r = v
    while ((parent[r] ?? r) !== r) r = parent[r] ?? r
    for (let u = v; u !== r; ) {
      const up = parent[u] ?? r
      parent[u] = r
      u = up
    }
    return r
  }
  for (const { from, to } of draft.pipes) parent[root(from)] = root(to)
  for (const { from, to, open } of draft.valves) if (open) parent[root(from)] = root(to)
  return root
}
