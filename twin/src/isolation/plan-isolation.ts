import { UsageError } from '../errors.ts'
import { type Network, valveOf } from '../network/network.ts'
import { chooseValves } from './choose-valves.ts'
import { customersPerNode, cutOffOf, indicesOf } from './cut-off.ts'
import { joinParts, type Parts } from './fault-parts.ts'
import { gasReach, sourceNodes } from './gas-reach.ts'
import { gasToVent } from './gas-to-vent.ts'
import type { IsolationObstacle, IsolationPlan, ValveToClose } from './isolation-plan.ts'
import { type ActuatorChoice, BARRIER, edgeStates, type ValveCondition } from './valve-state.ts'

export interface IsolationOptions {
  /** What is known of valves beyond the document, by id. */
  readonly conditions?: ReadonlyMap<string, ValveCondition>
  readonly actuators?: ActuatorChoice
  /**
   * How many valve operations it is worth to keep one more customer supplied. 1 by default: reconnecting a customer needs a
   * visit just like a valve does. 0 asks for the fewest valves at any price.
   */
  readonly valvesPerCustomer?: number
  /** Pa absolute at each node, NaN where unknown; kg/s taken at each node (else the document's demands). */
  readonly pressure?: Float64Array
  readonly demand?: Float64Array
}

/**
 * Finds the valves that separate a fault from every source: the fewest that keep everybody supplied who can be (see
 * `valvesPerCustomer`), of equally many those with most remote ones, then the nearest to the crews, then the nearest to the fault.
 * Gas may come from several sources, through open valves both ways and backwards through regulators; only where stopping it
 * there would cost customers their supply, the plan relies on regulators and says on which.
 *
 * @param target id of an edge, or of a node (`node:ID` where an edge has the same id)
 * @returns a plan; `feasible: false` with its obstacle when no usable valves isolate the fault
 * @throws UsageError NET_UNKNOWN when there is no such edge or node
 */
export function planIsolation(network: Network, target: string, options: IsolationOptions = {}): IsolationPlan {
  const fault = findFault(network, target)
  const states = edgeStates(network, options.conditions, options.actuators)
  const demand = options.demand ?? documentDemand(network)
  const sources = sourceNodes(network)
  const search: Search = {
    network,
    states,
    fault,
    sources,
    before: gasReach(network, states, sources),
    actuators: options.actuators ?? 'any',
    valvesPerCustomer: options.valvesPerCustomer ?? 1,
    demand,
    customers: customersPerNode(network, demand),
  }
  const byValves = findValves(search, false)
  const holdingBack = hasOneWay(network) ? findValves(search, true) : undefined
  const cheaper = holdingBack !== undefined && customersLost(search, holdingBack) < customersLost(search, byValves)
  const found = cheaper ? holdingBack : byValves
  if (found === undefined) return describe(search, target, options.pressure, [], obstacleOf(search), false)
  return describe(search, target, options.pressure, found, null, cheaper)
}

function hasOneWay(network: Network): boolean {
  return network.edges.first.regulator < network.edges.count
}

/** Infinite for a plan that does not exist. */
function customersLost(search: Search, valves: readonly number[] | undefined): number {
  if (valves === undefined) return Number.POSITIVE_INFINITY
  const { network, sources, customers } = search
  const blocked = new Uint8Array(network.edges.count)
  for (const edge of valves) blocked[edge] = 1
  const { before } = search
  const after = gasReach(network, withFault(search), sources, { blocked })
  let lost = 0
  for (let node = 0; node < before.length; node++)
    if (before[node] === 1 && after[node] !== 1) lost += customers[node] ?? 0
  return lost
}

interface Fault {
  readonly edge: number
  readonly nodes: readonly number[]
}

interface Search {
  readonly network: Network
  readonly states: Uint8Array
  readonly fault: Fault
  readonly sources: Int32Array
  /** Uint8Array[nodes]: 1 for nodes that gas reaches before anything is closed. */
  readonly before: Uint8Array
  readonly actuators: ActuatorChoice
  readonly valvesPerCustomer: number
  readonly demand: Float64Array | undefined
  /** By node. */
  readonly customers: Float64Array
}

function findFault(network: Network, target: string): Fault {
  const { edges, nodes } = network
  const edge = target.startsWith('node:') ? undefined : edges.numberOf.get(target.replace(/^edge:/, ''))
  if (edge !== undefined) return { edge, nodes: [edges.from[edge] ?? -1, edges.to[edge] ?? -1] }
  const node = nodes.numberOf.get(target.replace(/^node:/, ''))
  if (node === undefined) throw new UsageError('NET_UNKNOWN', `no edge or node ${target}`, { target })
  return { edge: -1, nodes: [node] }
}

function documentDemand(network: Network): Float64Array | undefined {
  const { demands } = network.document
  if (demands === undefined || demands.length === 0) return undefined
  const taken = new Float64Array(network.nodes.count)
  for (const demand of demands) {
    const node = network.nodes.numberOf.get(demand.node) ?? -1
    taken[node] = (taken[node] ?? 0) + demand.mass_flow_kg_s
  }
  return taken
}

/** Edge numbers to close; undefined when gas reaches the fault without passing a usable valve. */
function findValves(search: Search, holdBack: boolean): readonly number[] | undefined {
  const { network, states, fault, sources } = search
  const parts = joinParts(network, states, fault.edge, holdBack)
  const faultPart = parts.ofNode[fault.nodes[0] ?? -1] ?? -1
  const supplied = new Uint8Array(parts.count)
  for (const node of sources) if (node >= 0) supplied[parts.ofNode[node] ?? -1] = 1
  if (supplied[faultPart] === 1) return undefined
  const { before } = search
  const rim = new Uint8Array(network.edges.count)
  for (const edge of parts.valves) if (touches(network, parts, edge, faultPart)) rim[edge] = 1
  const afterRim = gasReach(network, withFault(search), sources, { blocked: rim })
  const mustLose = new Uint8Array(parts.count).fill(1)
  for (let node = 0; node < afterRim.length; node++) if (afterRim[node] === 1) mustLose[parts.ofNode[node] ?? -1] = 0
  if (mustLose[faultPart] === 0) return undefined
  const loss = lossOf(search, parts, before)
  const valves = chooseValves(network, parts, mustLose, supplied, loss, search.actuators)
  return valves === undefined ? undefined : withoutNeedless(search, valves, holdBack)
}

function touches(network: Network, parts: Parts, edge: number, part: number): boolean {
  const { from, to } = network.edges
  return parts.ofNode[from[edge] ?? -1] === part || parts.ofNode[to[edge] ?? -1] === part
}

/** A closed valve that leaks joins its two sides. */
function withFault(search: Search): Uint8Array {
  const { states, fault } = search
  if (fault.edge < 0 || states[fault.edge] !== BARRIER) return states
  const joined = states.slice()
  joined[fault.edge] = 1
  return joined
}

function lossOf(search: Search, parts: Parts, before: Uint8Array): Float64Array {
  const loss = new Float64Array(parts.count)
  const { customers } = search
  if (search.valvesPerCustomer === 0) return loss
  for (let node = 0; node < customers.length; node++) {
    if (before[node] !== 1) continue
    const part = parts.ofNode[node] ?? -1
    loss[part] = (loss[part] ?? 0) + (customers[node] ?? 0) * search.valvesPerCustomer
  }
  return loss
}

/** Drops valves whose closing changes nothing: gas reaches neither of their sides once the others are closed. */
function withoutNeedless(search: Search, valves: Int32Array, holdBack: boolean): readonly number[] {
  const { network, sources } = search
  const { edges } = network
  const blocked = new Uint8Array(edges.count)
  for (const edge of valves) blocked[edge] = 1
  const reached = gasReach(network, withFault(search), sources, { blocked, backwards: !holdBack })
  return [...valves].filter((edge) => reached[edges.from[edge] ?? -1] === 1 || reached[edges.to[edge] ?? -1] === 1)
}

function obstacleOf(search: Search): IsolationObstacle {
  return search.fault.nodes.some((node) => search.sources.includes(node)) ? 'source_at_fault' : 'no_operable_valve'
}

function describe(
  search: Search,
  target: string,
  pressure: Float64Array | undefined,
  valves: readonly number[],
  obstacle: IsolationObstacle | null,
  holdBack: boolean,
): IsolationPlan {
  const { network, fault, sources, demand } = search
  const { edges } = network
  const blocked = new Uint8Array(edges.count)
  for (const edge of valves) blocked[edge] = 1
  const joined = withFault(search)
  const isolated = obstacle === null ? gasReach(network, joined, fault.nodes, { blocked, backwards: true }) : undefined
  const inside =
    isolated === undefined
      ? new Uint8Array(network.nodes.count)
      : restrict(network, isolated, sources, joined, blocked, holdBack)
  const { before } = search
  const after = gasReach(network, joined, sources, { blocked })
  const lost = before.map((flag, node) => (flag === 1 && after[node] !== 1 && obstacle === null ? 1 : 0))
  const close = valves.map((edge) => describeValve(network, edge, search.actuators)).sort(closingOrder)
  const minutes = close.map((valve) => (valve.actuator === 'remote' ? 0 : valve.travelMinutes))
  return {
    target,
    feasible: obstacle === null,
    obstacle,
    close,
    restore: close.map((valve) => valve.id).reverse(),
    alreadyClosed: rimOf(network, inside, (edge) => edge < edges.first.regulator && joined[edge] === BARRIER),
    heldBackBy: rimOf(network, inside, (edge) => edge >= edges.first.regulator && after[edges.to[edge] ?? -1] === 1),
    cutOff: cutOffOf(network, lost, demand),
    isolatedNodes: indicesOf(inside),
    gasToVentM3: obstacle === null ? gasToVent(network, inside, fault.edge, pressure) : 0,
    minutesTotal: minutes.includes(null) ? null : minutes.reduce((sum: number, m) => sum + (m ?? 0), 0),
  }
}

/** Where regulators hold gas back, the isolated part ends at them. */
function restrict(
  network: Network,
  isolated: Uint8Array,
  sources: Int32Array,
  states: Uint8Array,
  blocked: Uint8Array,
  holdBack: boolean,
): Uint8Array {
  if (!holdBack) return isolated
  const supplied = gasReach(network, states, sources, { blocked })
  return isolated.map((flag, node) => (flag === 1 && supplied[node] !== 1 ? 1 : 0))
}

function rimOf(network: Network, inside: Uint8Array, chosen: (edge: number) => boolean): readonly string[] {
  const { edges } = network
  const ids: string[] = []
  for (let edge = edges.first.valve; edge < edges.count; edge++) {
    const from = inside[edges.from[edge] ?? -1]
    const to = inside[edges.to[edge] ?? -1]
    if (from !== to && chosen(edge)) ids.push(edges.ids[edge] ?? '')
  }
  return ids
}

function describeValve(network: Network, edge: number, actuators: ActuatorChoice): ValveToClose {
  const remote = network.edges.remote[edge] === 1 && actuators !== 'manual_only'
  return {
    edge,
    id: network.edges.ids[edge] ?? '',
    actuator: remote ? 'remote' : 'manual',
    travelMinutes: valveOf(network, edge)?.travel_minutes ?? null,
  }
}

function closingOrder(a: ValveToClose, b: ValveToClose): number {
  if (a.actuator !== b.actuator) return a.actuator === 'remote' ? -1 : 1
  return (
    (a.travelMinutes ?? Number.POSITIVE_INFINITY) - (b.travelMinutes ?? Number.POSITIVE_INFINITY) ||
    a.edge - b.edge ||
    0
  )
}
