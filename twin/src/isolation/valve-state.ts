import { type Network, valveOf } from '../network/network.ts'

/**
 * What is known of a valve beyond the document: its reported position; `inoperable` cannot be moved and stays as the document
 * says; `unknown` may pass gas and cannot be relied upon.
 */
export type ValveCondition = 'open' | 'closed' | 'inoperable' | 'unknown'

/** Which valves a plan may use: all; only those the platform can close; or all, but every one by hand. */
export type ActuatorChoice = 'any' | 'remote_only' | 'manual_only'

export const BARRIER = 0
export const PASSES = 1
export const CAN_CLOSE = 2

/** How each edge treats gas: a barrier (closed valve), passes, or passes until it is closed. Uint8Array[edges]. */
export function edgeStates(
  network: Network,
  conditions: ReadonlyMap<string, ValveCondition> = new Map(),
  actuators: ActuatorChoice = 'any',
): Uint8Array {
  const { edges } = network
  const states = new Uint8Array(edges.count).fill(PASSES)
  const end = edges.first.valve + edges.countOf.valve
  for (let edge = edges.first.valve; edge < end; edge++) {
    const condition = conditions.get(edges.ids[edge] ?? '')
    const operable = valveOf(network, edge)?.operable !== false
    const open = condition === 'open' || condition === 'unknown' || (condition !== 'closed' && edges.open[edge] === 1)
    const usable =
      operable &&
      condition !== 'inoperable' &&
      condition !== 'unknown' &&
      (actuators !== 'remote_only' || edges.remote[edge] === 1)
    states[edge] = open ? (usable ? CAN_CLOSE : PASSES) : BARRIER
  }
  return states
}
