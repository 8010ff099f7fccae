import { MP, type NetworkDraft } from './network-draft.ts'
import { type Arc, shortestPaths } from './shortest-path.ts'

/** Inner diameters one can buy, m: PE SDR 11 from 63 to 400 mm outside, then steel. */
const INNER_DIAMETERS_M = [
  0.0514, 0.0736, 0.09, 0.1308, 0.1636, 0.2046, 0.2578, 0.3274, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.2, 1.4,
]
const LOW_PRESSURE_DROP_PA = 1000
const MEDIUM_PRESSURE_DROP_PA = 180_000
const DARCY_FRICTION = 0.03
const GAS_DENSITY_KG_M3 = 0.72
/** Mean absolute pressure of the trunks over the reference pressure. */
const TRUNK_COMPRESSION = 4.2

/**
 * Gives every pipe the smallest diameter that keeps the design drop: demands run to the nearest inlet over the shortest way,
 * loops get one size below what they join. Darcy–Weisbach with a fixed friction factor; the solver judges the result.
 */
export function sizePipes(
  draft: NetworkDraft,
  gates: Iterable<number>,
  stations: readonly { inletNode: number; outletNode: number }[],
): void {
  const load = Float64Array.from(draft.nodes, (n) => n.demand)
  sizeTier(
    draft,
    load,
    stations.map((s) => s.outletNode),
    false,
  )
  for (const s of stations) load[s.inletNode] = (load[s.inletNode] ?? 0) + (load[s.outletNode] ?? 0)
  sizeTier(draft, load, gates, true)
}

function sizeTier(draft: NetworkDraft, load: Float64Array, starts: Iterable<number>, medium: boolean): void {
  const arcs: Arc[][] = draft.nodes.map(() => [])
  const join = (from: number, to: number, length: number, edge: number): void => {
    arcs[from]?.push({ to, length, edge })
    arcs[to]?.push({ to: from, length, edge })
  }
  const tier = draft.pipes.filter((p) => (p.zone === MP) === medium)
  for (const [i, p] of tier.entries()) join(p.from, p.to, p.length, i)
  for (const v of draft.valves) if (v.open && (v.zone === MP) === medium) join(v.from, v.to, 0.1, -1)
  const tree = shortestPaths(arcs, starts)
  const flow = new Float64Array(tier.length)
  for (const v of [...tree.order].reverse()) {
    const up = tree.before[v] ?? -1
    if (up < 0) continue
    load[up] = (load[up] ?? 0) + (load[v] ?? 0)
    const edge = tree.edge[v] ?? -1
    if (edge >= 0) flow[edge] = (flow[edge] ?? 0) + (load[v] ?? 0)
  }
  const farthest = tree.order.reduce((far, v) => Math.max(far, tree.distance[v] ?? 0), 300)
  const gradient = (medium ? MEDIUM_PRESSURE_DROP_PA : LOW_PRESSURE_DROP_PA) / farthest
  const compression = medium ? TRUNK_COMPRESSION : 1.02
  const widest = new Float64Array(draft.nodes.length)
  tier.forEach((p, i) => {
    const q = flow[i] ?? 0
    if (q <= 0) return
    p.diameter = Math.max(p.minimum, fit(q, gradient, compression))
    widest[p.from] = Math.max(widest[p.from] ?? 0, p.diameter)
    widest[p.to] = Math.max(widest[p.to] ?? 0, p.diameter)
  })
  for (const p of tier) {
    if (p.diameter > 0) continue
    const ends = Math.min(widest[p.from] ?? 0, widest[p.to] ?? 0)
    const below = INNER_DIAMETERS_M.findLast((d) => d < ends) ?? 0
    p.diameter = Math.max(p.minimum, below, medium ? 0.1 : 0.0514)
  }
}

function fit(flow: number, gradient: number, compression: number): number {
  const drop = (d: number): number => {
    const area = (Math.PI * d * d) / 4
    return ((DARCY_FRICTION / d) * GAS_DENSITY_KG_M3 * (flow / area) ** 2) / (2 * compression)
  }
  return INNER_DIAMETERS_M.find((d) => drop(d) <= gradient) ?? INNER_DIAMETERS_M.at(-1) ?? 1
}
