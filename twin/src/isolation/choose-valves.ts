import { type Network, valveOf } from '../network/network.ts'
import type { Parts } from './fault-parts.ts'
import { MinimumCut } from './minimum-cut.ts'
import type { ActuatorChoice } from './valve-state.ts'

/** Cost of a valve: their number first, then how many by hand, then tenths of minutes; each stage outweighs all below it. */
const PER_VALVE = 1e12
const PER_MANUAL = 1e6
const LONGEST_TRAVEL_MINUTES = 600

/**
 * The cheapest valves that keep gas of the supplied parts from the fault.
 *
 * @param mustLose  Uint8Array[parts], 1 for the part at fault and all that no choice of valves can keep supplied
 * @param supplied  Uint8Array[parts], 1 for parts with a source
 * @param loss      Float64Array[parts], cost of losing a part besides, in valves
 * @returns edge numbers, or undefined when gas can reach the fault without passing a usable valve
 */
export function chooseValves(
  network: Network,
  parts: Parts,
  mustLose: Uint8Array,
  supplied: Uint8Array,
  loss: Float64Array,
  actuators: ActuatorChoice,
): Int32Array | undefined {
  const { edges } = network
  const start = parts.count
  const goal = parts.count + 1
  const cut = new MinimumCut(parts.count + 2)
  const partOf = (node: number | undefined): number => parts.ofNode[node ?? -1] ?? -1
  for (let part = 0; part < parts.count; part++) {
    if (supplied[part] === 1) cut.add(start, part, Number.POSITIVE_INFINITY)
    if (mustLose[part] === 1) cut.add(part, goal, Number.POSITIVE_INFINITY)
    else if ((loss[part] ?? 0) > 0 && supplied[part] === 0) cut.add(start, part, (loss[part] ?? 0) * PER_VALVE)
  }
  for (const edge of parts.valves) {
    const cost = closingCost(network, edge, actuators)
    cut.add(partOf(edges.from[edge]), partOf(edges.to[edge]), cost, cost)
  }
  for (const edge of parts.oneWay) cut.add(partOf(edges.from[edge]), partOf(edges.to[edge]), Number.POSITIVE_INFINITY)
  const faultSide = cut.goalSide(start, goal)
  if (faultSide === undefined) return undefined
  return parts.valves.filter((edge) => faultSide[partOf(edges.from[edge])] !== faultSide[partOf(edges.to[edge])])
}

/** Cost of closing one valve in the units of the cut. */
function closingCost(network: Network, edge: number, actuators: ActuatorChoice): number {
  if (network.edges.remote[edge] === 1 && actuators !== 'manual_only') return PER_VALVE
  const minutes = Math.min(LONGEST_TRAVEL_MINUTES, valveOf(network, edge)?.travel_minutes ?? LONGEST_TRAVEL_MINUTES)
  return PER_VALVE + PER_MANUAL + Math.round(10 * minutes)
}
