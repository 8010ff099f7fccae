import { EQUATION, HOLDING, LIMITED, OFF } from './edge-equations.ts'

export interface SolveInput {
  /** kg/s taken out of each node (negative: fed in); the document's demands when missing. */
  readonly demands?: Float64Array
  /** Besides the demands, kg/s out of each node: leaks, own use. */
  readonly extraWithdrawals?: Float64Array
  /** 1 open, 0 closed, by edge number; only valves are looked at. The document's positions when missing. */
  readonly valveOpen?: Uint8Array
  /** Pa absolute, in the document's order of sources. */
  readonly sourcePressure?: Float64Array
  /** Pa absolute by edge number; only regulators are looked at. */
  readonly outletPressure?: Float64Array
  /** Multiplier of each pipe's friction factor λ by edge number, > 0; 1 everywhere when missing. */
  readonly resistanceFactor?: Float64Array
}

export interface SolveOptions {
  /** A solution's largest error in any edge's pressure difference, Pa. */
  readonly pressureTolerance?: number
  /** Largest imbalance of any node, kg/s; when missing 1e-9 kg/s and not more than 5e-9 of all that is taken. */
  readonly flowTolerance?: number
  readonly iterations?: number
}

/**
 * `converged`; `stalled` with the node where it hangs, e.g. more gas asked for than can flow; `no_source` when nothing is
 * supplied at all.
 */
export interface SolveStatus {
  readonly status: 'converged' | 'stalled' | 'no_source'
  readonly iterations: number
  /** Node number of the largest remaining error, −1 when there is none. */
  readonly worstNode: number
  /** Largest error of an edge's pressure difference, Pa. */
  readonly residualPa: number
  /** Largest imbalance of a node, kg/s. */
  readonly imbalanceKgS: number
}

/** Arrays belong to the solver and hold until its next solve: copy what must last. */
export interface Solution extends SolveStatus {
  /** Pa absolute at each node; NaN where no source reaches. */
  readonly pressure: Float64Array
  /** kg/s along each edge, positive from → to; 0 in closed and unsupplied ones. */
  readonly massFlow: Float64Array
}

/** The edges' equations linearised at a solution. Arrays belong to the solver and hold until its next solve. */
export interface LinearisedEdges {
  /** EDGE_MODES by edge. */
  readonly mode: Uint8Array
  /** Uint8Array[nodes]: 1 where the pressure is given (sources, outlets of holding regulators) or there is none. */
  readonly fixed: Uint8Array
  /** Change of flow per change of the equation's squared pressure difference, kg/s per Pa². */
  readonly conductance: Float64Array
  /** Friction's share of the loss, Pa², signed like the flow. */
  readonly friction: Float64Array
}

/** An edge carries nothing, obeys its equation, or (a regulator) carries whatever its outlet takes, or just its most. */
export const EDGE_MODES = { off: OFF, equation: EQUATION, holding: HOLDING, limited: LIMITED } as const
