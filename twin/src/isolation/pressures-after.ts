import type { SolveInput, SolveStatus, SteadySolver } from '../hydraulics/steady-solver.ts'
import type { IsolationPlan } from './isolation-plan.ts'
import { type LowestPressure, lowestOf } from './pressure-after.ts'

/** What remains of the network once a plan's valves are closed. */
export interface PressuresAfter {
  readonly status: SolveStatus['status']
  /** Where the remaining network cannot carry its demands; null when it can. */
  readonly worstNode: string | null
  readonly lowest: LowestPressure | null
  /** Places that keep gas but lie below their least pressure, worst first. */
  readonly below: readonly ShortOfPressure[]
}

export interface ShortOfPressure {
  readonly id: string
  /** Pa absolute. */
  readonly pressure: number
  readonly limit: number
  /** Pressure before the valves were closed; NaN when it is not known. */
  readonly before: number
}

/**
 * Solves the network before and after closing a plan's valves. Nodes without gas ask for none.
 *
 * @param solver  left in the state after closing
 * @param input   the present demands and valve positions
 */
export function pressuresAfter(solver: SteadySolver, plan: IsolationPlan, input: SolveInput = {}): PressuresAfter {
  const { nodes, edges } = solver.model.network
  const before = solver.solve(input)
  const earlier = before.status === 'converged' ? before.pressure.slice() : undefined
  const valveOpen = (input.valveOpen ?? edges.open).slice()
  for (const valve of plan.close) valveOpen[valve.edge] = 0
  const { status, pressure, worstNode } = solver.solve({ ...input, valveOpen })
  if (status !== 'converged') return { status, worstNode: nodes.ids[worstNode] ?? null, lowest: null, below: [] }
  const below: ShortOfPressure[] = []
  for (let node = 0; node < nodes.count; node++) {
    const limit = nodes.minPressure[node] ?? Number.NaN
    const remaining = pressure[node] ?? Number.NaN
    if (remaining < limit)
      below.push({ id: nodes.ids[node] ?? '', pressure: remaining, limit, before: earlier?.[node] ?? Number.NaN })
  }
  below.sort((a, b) => a.pressure - a.limit - (b.pressure - b.limit))
  return { status, worstNode: null, lowest: lowestOf(nodes, pressure), below }
}
