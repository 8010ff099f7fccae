import type { Building } from './buildings.ts'
import type { LowPressure } from './low-pressure.ts'
import { lineLength, MP, type NetworkDraft } from './network-draft.ts'
import { type Arc, type PathTree, shortestPaths } from './shortest-path.ts'
import type { Point, Street } from './street-mesh.ts'
import type { StreetPlan } from './street-plan.ts'

export interface Station {
  readonly edge: string
  readonly zone: string
  readonly inletNode: number
  readonly outletNode: number
  readonly outletValve: string
}

export interface Gate {
  readonly node: number
  readonly edge: string
  readonly valve: string
}

export interface MediumPressure {
  readonly gates: readonly Gate[]
  readonly stations: readonly Station[]
  /** Remote valves on the trunks with the node beside each: valve wells. */
  readonly wells: readonly { readonly valve: string; readonly node: number }[]
  /** Node of each industrial building by building id. */
  readonly customers: ReadonlyMap<number, number>
}

/** Least inner diameter of a trunk, m. */
const TRUNK_MINIMUM_M = 0.1308

/**
 * Lays trunk mains under the arterials as loops, brings them to every regulator station, industrial customer and the two gate
 * stations outside the city, and puts a remote valve into each trunk section.
 * @param sites regulator stations wanted: district and street corner
 */
export function layMediumPressure(
  draft: NetworkDraft,
  plan: StreetPlan,
  low: LowPressure,
  sites: readonly { readonly zone: string; readonly corner: number }[],
  industry: readonly Building[],
): MediumPressure {
  const { mesh } = plan
  const streets = [...mesh.streets.values()]
  const arcs: Arc[][] = mesh.x.map(() => [])
  streets.forEach((s, edge) => {
    const length = mesh.distance(s.a, s.b)
    arcs[s.a]?.push({ to: s.b, length, edge })
    arcs[s.b]?.push({ to: s.a, length, edge })
  })
  const trunk = largestPart(streets, arcs)
  const entries = gateEntries(plan, trunk, streets)
  const wanted = new Set([
    ...sites.map((s) => s.corner),
    ...industry.map((b) => b.street.a),
    ...entries.map((e) => e.corner),
  ])
  reach(arcs, streets, trunk, wanted)
  prune(streets, trunk, wanted)
  const { cornerNode, wells } = layTrunks(draft, plan, streets, trunk, wanted)
  const stations = sites.flatMap(({ zone, corner }) => {
    const from = cornerNode.get(corner)
    const to = low.cornerNode.get(`${corner}/${zone}`)
    return from === undefined || to === undefined ? [] : [addStation(draft, zone, from, to)]
  })
  const gates = entries.map(({ corner, road }, i) => addGate(draft, road, cornerNode.get(corner) ?? 0, i + 1))
  const customers = new Map<number, number>()
  for (const b of industry) {
    const node = draft.addNode('delivery', [b.x, b.y], MP)
    draft.addPipe(cornerNode.get(b.street.a) ?? 0, node, [], MP, 0.07)
    customers.set(b.id, node)
  }
  return { gates, stations, wells, customers }
}

/** The arterials that hang together most; a short one in a suburb may lie alone. */
function largestPart(streets: readonly Street[], arcs: readonly (readonly Arc[])[]): Set<number> {
  const isArterial = (edge: number): boolean => streets[edge]?.class === 'arterial'
  const seen = new Set<number>()
  let best = new Set<number>()
  for (let start = 0; start < arcs.length; start++) {
    if (seen.has(start)) continue
    seen.add(start)
    const part = new Set<number>()
    const corners = [start]
    for (const corner of corners)
      for (const arc of arcs[corner] ?? []) {
        if (!isArterial(arc.edge)) continue
        part.add(arc.edge)
        if (seen.has(arc.to)) continue
        seen.add(arc.to)
        corners.push(arc.to)
      }
    if (part.size > best.size) best = part
  }
  return best
}

/** Two country roads far apart, each with the corner where it enters the city and its line from there outward. */
function gateEntries(
  plan: StreetPlan,
  trunk: ReadonlySet<number>,
  streets: readonly Street[],
): { corner: number; road: readonly Point[] }[] {
  const roads = plan.outward.filter((r) => r.length > 1)
  const direction = (r: readonly Point[]): number => Math.atan2(r.at(-1)?.[1] ?? 0, r.at(-1)?.[0] ?? 0)
  let best: [readonly Point[], readonly Point[]] | undefined
  let widest = -1
  for (const p of roads)
    for (const q of roads) {
      const apart = Math.PI - Math.abs(Math.PI - (Math.abs(direction(p) - direction(q)) % (2 * Math.PI)))
      if (apart > widest) {
        widest = apart
        best = [p, q]
      }
    }
  const arterial = new Set<number>()
  for (const edge of trunk) for (const v of ends(streets, edge)) arterial.add(v)
  return (best ?? []).map((road) => {
    let corner = 0
    let entry = 0
    let near = Infinity
    road.forEach((p, i) => {
      for (const v of arterial) {
        const [x, y] = plan.mesh.at(v)
        const d = Math.hypot(x - p[0], y - p[1]) - i * 8
        if (d < near) {
          near = d
          corner = v
          entry = i
        }
      }
    })
    const end = Math.min(road.length - 1, entry + Math.max(2, Math.round(plan.radius / 500)))
    return { corner, road: road.slice(entry + 1, end + 1) }
  })
}

/** Adds streets to the trunk set so that every wanted corner is on it. */
function reach(
  arcs: Arc[][],
  streets: readonly { a: number; b: number }[],
  trunk: Set<number>,
  wanted: Set<number>,
): void {
  const on = new Set<number>()
  for (const e of trunk) for (const v of ends(streets, e)) on.add(v)
  for (const target of wanted) {
    if (on.has(target)) continue
    const tree: PathTree = shortestPaths(arcs, on)
    for (let v = target; v >= 0 && (tree.edge[v] ?? -1) >= 0 && !on.has(v); v = tree.before[v] ?? -1) {
      trunk.add(tree.edge[v] ?? 0)
      on.add(v)
    }
  }
}

function prune(streets: readonly { a: number; b: number }[], trunk: Set<number>, wanted: Set<number>): void {
  const degree = new Map<number, number[]>()
  for (const e of trunk) for (const v of ends(streets, e)) degree.set(v, [...(degree.get(v) ?? []), e])
  const loose = [...degree.keys()].filter((v) => degree.get(v)?.length === 1)
  for (let v = loose.pop(); v !== undefined; v = loose.pop()) {
    const e = degree.get(v)?.[0]
    if (wanted.has(v) || degree.get(v)?.length !== 1 || e === undefined) continue
    trunk.delete(e)
    for (const u of ends(streets, e)) {
      const rest = (degree.get(u) ?? []).filter((f) => f !== e)
      degree.set(u, rest)
      if (rest.length === 1) loose.push(u)
    }
  }
}

function layTrunks(
  draft: NetworkDraft,
  plan: StreetPlan,
  streets: readonly { a: number; b: number }[],
  trunk: Set<number>,
  wanted: Set<number>,
) {
  const at = new Map<number, number[]>()
  for (const e of trunk) for (const v of ends(streets, e)) at.set(v, [...(at.get(v) ?? []), e])
  const cornerNode = new Map<number, number>()
  for (const [v, list] of at)
    if (list.length !== 2 || wanted.has(v)) cornerNode.set(v, draft.addNode('junction', plan.mesh.at(v), MP))
  const wells: { valve: string; node: number }[] = []
  const used = new Set<number>()
  for (const start of [...cornerNode.keys()])
    for (const first of at.get(start) ?? []) {
      if (used.has(first)) continue
      const chain: number[] = [start]
      let e: number | undefined = first
      while (e !== undefined) {
        used.add(e)
        const here: number = chain.at(-1) ?? start
        const next: number = ends(streets, e).find((v) => v !== here) ?? here
        chain.push(next)
        e = cornerNode.has(next) ? undefined : at.get(next)?.find((f) => !used.has(f))
      }
      const line = chain.map((v) => plan.mesh.at(v))
      const [from, to] = [cornerNode.get(start), cornerNode.get(chain.at(-1) ?? start)]
      if (from === undefined || to === undefined) continue
      wells.push(addSection(draft, from, to, line))
    }
  return { cornerNode, wells }
}

/** One trunk section with its remote valve a quarter of the way along. */
function addSection(
  draft: NetworkDraft,
  from: number,
  to: number,
  line: readonly Point[],
): { valve: string; node: number } {
  const wish = Math.min(80, lineLength(line) / 4)
  let gone = 0
  for (let i = 0; i + 1 < line.length; i++) {
    const [p, q] = [line[i], line[i + 1]]
    if (p === undefined || q === undefined) break
    const step = Math.hypot(q[0] - p[0], q[1] - p[1])
    if (gone + step >= wish) {
      const t = (wish - gone) / step
      const spot: Point = [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]
      const near = draft.addNode('valve_well', spot, MP)
      const far = draft.addNode('junction', spot, MP)
      draft.addPipe(from, near, line.slice(1, i + 1), MP, TRUNK_MINIMUM_M)
      const valve = draft.addValve(near, far, MP, true)
      draft.addPipe(far, to, line.slice(i + 1, -1), MP, TRUNK_MINIMUM_M)
      return { valve: valve.id, node: near }
    }
    gone += step
  }
  throw new RangeError('a trunk section without length')
}

function addStation(draft: NetworkDraft, zone: string, from: number, to: number): Station {
  const [x, y] = draft.node(from).at
  const inlet = draft.addNode('regulator_station', [x + 6, y + 6], MP)
  const outlet = draft.addNode('regulator_station', [x + 8, y + 8], zone)
  const behind = draft.addNode('junction', [x + 10, y + 6], zone)
  draft.addPipe(from, inlet, [], MP, 0.08)
  const regulator = draft.addRegulator(inlet, outlet, zone)
  const valve = draft.addValve(outlet, behind, zone, true)
  draft.addPipe(behind, to, [], zone, 0.13)
  return { edge: regulator.id, zone, inletNode: inlet, outletNode: outlet, outletValve: valve.id }
}

function addGate(draft: NetworkDraft, road: readonly Point[], entry: number, number: number): Gate {
  const [x, y] = road.at(-1) ?? draft.node(entry).at
  const node = draft.addNode('gate_station', [x, y], MP)
  const metered = draft.addNode('junction', [x - 12, y - 4], MP)
  const behind = draft.addNode('junction', [x - 16, y - 6], MP)
  const edge = draft.addPipe(node, metered, [], MP, 0.2, `GATE-${number}`)
  const valve = draft.addValve(metered, behind, MP, true)
  draft.addPipe(behind, entry, [...road].reverse().slice(1), MP, 0.2)
  return { node, edge: edge.id, valve: valve.id }
}

function ends(streets: readonly { a: number; b: number }[], edge: number): [number, number] {
  const s = streets[edge]
  return s === undefined ? [0, 0] : [s.a, s.b]
}
