import { createHash } from 'node:crypto'
import {
  type ActuatorChoice,
  type FleetState,
  type Network,
  planIsolation,
  REFERENCE_PRESSURE_PA,
  type IsolationPlan as TwinPlan,
  UsageError,
  VALVE_POSITIONS,
  type ValveCondition,
} from '@gastwin/twin'
import type { IsolationPlan } from '../contract/index.ts'
import { placeOfEdge } from './map-numbering.ts'

/** Gas for the demand of cut-off customers is told in m³/s at the reference state. */
function referenceDensity(network: Network): number | undefined {
  const { density_kg_m3: density, density_state: state } = network.document.fluid
  if (density === null || density === undefined || state === null || state === undefined) return undefined
  return density * (REFERENCE_PRESSURE_PA / state.pressure_pa) * (state.temperature_k / 293.15)
}

const WARM_UP_PLANS = 60

/** Makes isolation plans from the network and the valve positions that the twin knows at this moment. */
export class IsolationViews {
  readonly #network: Network
  readonly #fleet: FleetState
  readonly #slotOfValve = new Map<string, number>()
  #newest: { readonly key: string; readonly plan: TwinPlan } | undefined

  constructor(network: Network, fleet: FleetState) {
    this.#network = network
    this.#fleet = fleet
    for (const valve of network.document.valves) {
      const slot =
        valve.device_number === undefined || valve.device_number === null
          ? -1
          : fleet.slotOf(Number(valve.device_number))
      if (slot >= 0) this.#slotOfValve.set(valve.id, slot)
    }
  }

  /** Row of a valve's actuator in the fleet, −1 when it has none. */
  slotOfValve(valve: string): number {
    return this.#slotOfValve.get(valve) ?? -1
  }

  /** What actuators report, by valve id; the rest is as the document says. */
  conditions(inoperable: Iterable<string> = []): Map<string, ValveCondition> {
    const conditions = new Map<string, ValveCondition>()
    for (const [valve, slot] of this.#slotOfValve) {
      const position = VALVE_POSITIONS[this.#fleet.columns.valve[slot] ?? 0]
      if (position === 'open' || position === 'closed') conditions.set(valve, position)
    }
    for (const valve of inoperable) conditions.set(valve, 'inoperable')
    return conditions
  }

  plan(edge: string, actuators: ActuatorChoice = 'any', inoperable: Iterable<string> = []): TwinPlan {
    if (this.#network.edges.numberOf.get(edge) === undefined && this.#network.nodes.numberOf.get(edge) === undefined)
      throw new UsageError('NET_UNKNOWN', `the network has no edge or node "${edge}"`)
    const conditions = this.conditions(inoperable)
    // A decision asks for the same plan several times in a row.
    const key = `${edge} ${actuators} ${[...conditions].join(' ')}`
    if (this.#newest?.key !== key)
      this.#newest = { key, plan: planIsolation(this.#network, edge, { conditions, actuators }) }
    return this.#newest.plan
  }

  /** Makes plans for nobody: the first alarm must not wait until the machine has learnt to make them fast. @param atMostMs wall */
  warmUp(atMostMs: number): void {
    const { edges } = this.#network
    const until = performance.now() + atMostMs
    for (let i = 0; i < WARM_UP_PLANS && performance.now() < until; i++) {
      const edge = edges.ids[edges.first.pipe + ((i * 7919) % Math.max(1, edges.countOf.pipe))]
      if (edge !== undefined) this.view(this.plan(edge, i % 2 === 0 ? 'remote_only' : 'any'), 0)
    }
  }

  /** The plan in the words of the API. `hash` names valves, positions and consequences: what a request has seen. */
  view(plan: TwinPlan, madeAt: number): IsolationPlan {
    const { cutOff } = plan
    const density = referenceDensity(this.#network)
    const close = plan.close.map((valve, i) => {
      const [lon, lat] = placeOfEdge(this.#network, valve.edge)
      return {
        order: i + 1,
        valve: valve.id,
        actuator: valve.actuator,
        travel_minutes: valve.travelMinutes,
        position: this.#position(valve.id, valve.edge),
        lon,
        lat,
      }
    })
    return {
      edge: plan.target,
      made_at: madeAt,
      hash: createHash('sha256')
        .update(
          JSON.stringify([plan.target, plan.feasible, close.map((v) => [v.valve, v.position]), cutOff.meters.length]),
        )
        .digest('hex')
        .slice(0, 16),
      feasible: plan.feasible,
      reason: plan.obstacle,
      close,
      cut_off: {
        pipes: Array.from(cutOff.pipes, (row) => this.#network.edges.ids[this.#network.edges.first.pipe + row] ?? ''),
        nodes: cutOff.nodes.length,
        meters: cutOff.meters.length,
        commercial: cutOff.commercial,
        industrial: cutOff.industrial,
        protected: [...cutOff.protected],
        demand_m3_s: cutOff.demandKgS === null || density === undefined ? null : cutOff.demandKgS / density,
      },
      gas_to_vent_m3: plan.gasToVentM3,
      lowest_pressure: null,
      minutes_total: plan.minutesTotal,
    }
  }

  #position(valve: string, edge: number): string {
    const slot = this.slotOfValve(valve)
    if (slot >= 0) return VALVE_POSITIONS[this.#fleet.columns.valve[slot] ?? 0] ?? 'unknown'
    return this.#network.edges.open[edge] === 1 ? 'open' : 'closed'
  }
}
