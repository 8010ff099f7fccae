/** Why no plan exists, as a code. */
export type IsolationObstacle = 'source_at_fault' | 'no_operable_valve'

export interface ValveToClose {
  readonly edge: number
  readonly id: string
  readonly actuator: 'remote' | 'manual'
  /** Minutes for a crew to reach it; null when not known. */
  readonly travelMinutes: number | null
}

/** Who and what is without gas once the valves are closed and was not before. Rows of the network's tables. */
export interface CutOff {
  readonly nodes: Int32Array
  readonly pipes: Int32Array
  readonly meters: Int32Array
  readonly commercial: number
  readonly industrial: number
  readonly protected: readonly { readonly meter: string; readonly kind: string }[]
  /** Mass flow that these nodes take, kg/s; null when no demand is known. */
  readonly demandKgS: number | null
}

/** What to close so that no gas reaches a fault, and what that costs. Nothing happens by making one. */
export interface IsolationPlan {
  /** Id of the edge or node at fault. */
  readonly target: string
  readonly feasible: boolean
  readonly obstacle: IsolationObstacle | null
  /** In order of closing: remote valves first, then by travel time. */
  readonly close: readonly ValveToClose[]
  /** The same valves in order of reopening; only a person on site opens. */
  readonly restore: readonly string[]
  /** Closed valves at the rim of the isolated part: already barriers, worth a look. */
  readonly alreadyClosed: readonly string[]
  /** Regulators and compressors that must keep gas from flowing backwards into the isolated part; empty when valves do it all. */
  readonly heldBackBy: readonly string[]
  readonly cutOff: CutOff
  /** Nodes whose gas can reach the fault once the valves are closed. */
  readonly isolatedNodes: Int32Array
  /** Gas in the isolated pipes, m³ at the reference state. */
  readonly gasToVentM3: number
  /** Minutes for one crew that goes to the manual valves one after another; 0 for remote ones, null when a way is not known. */
  readonly minutesTotal: number | null
}
