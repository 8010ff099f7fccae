import type { SolveInput, SteadySolver } from '../hydraulics/steady-solver.ts'
import type { NodeTable } from '../network/network.ts'

export interface LowestPressure {
  readonly node: number
  readonly id: string
  /** Pa absolute. */
  readonly pressure: number
  /** Least pressure the document asks for there; null when it asks for none anywhere. */
  readonly limit: number | null
}

/**
 * Solves the network with a plan's valves closed and finds the place that comes nearest to its least pressure.
 *
 * @param solver  one kept for previews: it is left in the state after closing
 * @param input   the present demands and valve positions
 * @returns null when nothing stays supplied or the remaining network cannot carry the demands
 */
export function lowestPressureAfter(
  solver: SteadySolver,
  plan: { readonly close: readonly { readonly edge: number }[] },
  input: SolveInput = {},
): LowestPressure | null {
  const { nodes, edges } = solver.model.network
  const valveOpen = (input.valveOpen ?? edges.open).slice()
  for (const valve of plan.close) valveOpen[valve.edge] = 0
  const { status, pressure } = solver.solve({ ...input, valveOpen })
  if (status !== 'converged') return null
  return lowestOf(nodes, pressure)
}

/** The node that comes nearest to its least pressure, or the lowest of all where no least pressure is asked for. */
export function lowestOf(nodes: NodeTable, pressure: Float64Array): LowestPressure | null {
  let lowest = -1
  let least = Number.POSITIVE_INFINITY
  const limited = nodes.minPressure.some((limit, node) => limit > 0 && !Number.isNaN(pressure[node] ?? Number.NaN))
  for (let node = 0; node < nodes.count; node++) {
    const margin = (pressure[node] ?? Number.NaN) - (limited ? (nodes.minPressure[node] ?? Number.NaN) : 0)
    if (!(margin < least)) continue
    least = margin
    lowest = node
  }
  if (lowest < 0) return null
  return {
    node: lowest,
    id: nodes.ids[lowest] ?? '',
    pressure: pressure[lowest] ?? 0,
    limit: limited ? (nodes.minPressure[lowest] ?? null) : null,
  }
}
