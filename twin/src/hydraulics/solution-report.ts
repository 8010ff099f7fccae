import type { EdgeKind } from '../network/network.ts'
import type { HydraulicModel } from './hydraulic-model.ts'
import { velocities } from './linepack.ts'
import type { Solution, SolveStatus } from './steady-solver.ts'

export interface EdgeResult {
  readonly id: string
  /** kg/s, positive from → to; 0 in a closed valve, null where no source reaches. */
  readonly mass_flow_kg_s: number | null
  /** Mean velocity at the mean pressure of the edge; null for edges without bore and where no source reaches. */
  readonly velocity_m_s: number | null
}

/** A solution by ids: the result of `gastwin solve`. */
export interface SolutionReport {
  readonly status: SolveStatus['status']
  readonly iterations: number
  /** Where and how much the equations are not met; null when they are. */
  readonly worst: {
    readonly node: string | null
    readonly residual_pa: number
    readonly imbalance_kg_s: number
  } | null
  readonly supplied: { readonly nodes: number; readonly demand_kg_s: number }
  readonly unsupplied: { readonly nodes: number; readonly demand_kg_s: number }
  /** What the sources feed in together, kg/s. */
  readonly feed_kg_s: number
  readonly nodes: readonly { readonly id: string; readonly pressure_pa: number | null }[]
  readonly pipes: readonly EdgeResult[]
  readonly valves: readonly EdgeResult[]
  readonly regulators: readonly EdgeResult[]
  readonly compressors: readonly EdgeResult[]
}

/** @param demand  Float64Array[nodes], kg/s, that the solution was made for; the document's when missing */
export function describeSolution(
  model: HydraulicModel,
  solution: Solution,
  demand: Float64Array = model.demand,
): SolutionReport {
  const { nodes, edges } = model.network
  const velocity = new Float64Array(model.edges)
  velocities(model, solution.pressure, solution.massFlow, velocity)
  const reached = (node: number) => !Number.isNaN(solution.pressure[node] ?? Number.NaN)
  const rows = (kind: EdgeKind): EdgeResult[] =>
    Array.from({ length: edges.countOf[kind] }, (_, k) => {
      const edge = edges.first[kind] + k
      const live = reached(edges.from[edge] ?? -1) || reached(edges.to[edge] ?? -1)
      return {
        id: edges.ids[edge] ?? '',
        mass_flow_kg_s: live ? (solution.massFlow[edge] ?? 0) : null,
        velocity_m_s: live ? velocityOf(velocity[edge] ?? Number.NaN, solution.massFlow[edge] ?? 0) : null,
      }
    })
  const supplied = { nodes: 0, demand_kg_s: 0 }
  const unsupplied = { nodes: 0, demand_kg_s: 0 }
  for (let node = 0; node < nodes.count; node++) {
    const part = reached(node) ? supplied : unsupplied
    part.nodes += 1
    part.demand_kg_s += demand[node] ?? 0
  }
  return {
    status: solution.status,
    iterations: solution.iterations,
    worst:
      solution.status === 'converged'
        ? null
        : {
            node: nodes.ids[solution.worstNode] ?? null,
            residual_pa: solution.residualPa,
            imbalance_kg_s: solution.imbalanceKgS,
          },
    supplied,
    unsupplied,
    feed_kg_s: feedOf(model, solution, demand),
    nodes: nodes.ids.map((id, node) => ({ id, pressure_pa: reached(node) ? (solution.pressure[node] ?? null) : null })),
    pipes: rows('pipe'),
    valves: rows('valve'),
    regulators: rows('regulator'),
    compressors: rows('compressor'),
  }
}

/** At a closed valve between two supplied parts nothing moves, bore or not. */
function velocityOf(velocity: number, flow: number): number | null {
  return Number.isNaN(velocity) ? (flow === 0 ? 0 : null) : velocity
}

function feedOf({ sourceNode, edges, from, to }: HydraulicModel, { massFlow }: Solution, demand: Float64Array): number {
  const fed = new Set(sourceNode)
  let feed = 0
  for (const node of fed) feed += demand[node] ?? 0
  for (let edge = 0; edge < edges; edge++) {
    if (fed.has(from[edge] ?? -1)) feed += massFlow[edge] ?? 0
    if (fed.has(to[edge] ?? -1)) feed -= massFlow[edge] ?? 0
  }
  return feed
}
