import { type FleetState, type IsolationPlan, members, type Network, type Proof } from '@gastwin/twin'

/** A flow meter at rest shows no more than this, m³/s at the reference state (1.8 m³/h). */
const REST_FLOW_M3_S = 0.0005
/** Pressure left of what stood over the atmosphere at closing when gas no longer comes in. */
const DECAYED_TO = 0.5
const ATMOSPHERE_PA = 101_325
/** A tight part keeps its gas: its pressure, over the atmosphere, has not risen by more than this share … */
const HELD_WITHIN = 0.02
/** … so long after closing. */
const HELD_FOR_MS = 10 * 60_000

/** RTUs that can tell whether gas still enters a part that was closed off. */
export interface ProofWitnesses {
  /** Slots of flow meters in series with a closed valve. */
  readonly flows: readonly number[]
  /** Slots of pressures inside, with what stood there in normal work and when it was closed off, Pa absolute. */
  readonly pressures: readonly { readonly slot: number; readonly before: number; readonly atClosing: number }[]
}

/** Finds the witnesses of a plan. */
export function witnessesOf(network: Network, fleet: FleetState, plan: IsolationPlan): ProofWitnesses {
  const inside = new Set(plan.isolatedNodes)
  const rtuSlots = (match: (node: number, edge: number) => boolean, channel: number) =>
    Array.from({ length: network.rtus.count }, (_, r) => r)
      .filter(
        (r) =>
          ((network.rtus.channels[r] ?? 0) & channel) !== 0 &&
          match(network.rtus.node[r] ?? -1, network.rtus.edge[r] ?? -1),
      )
      .map((r) => fleet.slotOf(network.rtus.device[r] ?? Number.NaN))
      .filter((slot) => slot >= 0)
  const inSeries = new Set(plan.close.flatMap(({ edge }) => edgesInSeries(network, edge)))
  return {
    flows: rtuSlots((_, edge) => inSeries.has(edge), 0b10),
    pressures: rtuSlots((node, edge) => inside.has(node >= 0 ? node : (network.edges.to[edge] ?? -1)), 0b1).map(
      (slot) => ({
        slot,
        before: nominalPressure(network, fleet, slot),
        atClosing: fleet.rtus.value(slot, 'pressure_pa'),
      }),
    ),
  }
}

/**
 * Whether the gas stopped, by measurements newer than the closing; undefined while there are none. Where gas leaks, only pressure
 * that falls proves it; a part closed off for works is tight and keeps its pressure.
 * @param closedAt when the last valve said that it is closed, Unix ms. @param leaking whether gas is believed to escape inside
 */
export function proofOf(
  fleet: FleetState,
  witnesses: ProofWitnesses,
  closedAt: number,
  leaking: boolean,
  now: number,
): { stopped: boolean; proof: Proof } | undefined {
  // A value reported for the minute of closing itself may still be from before.
  const newer = (slot: number, q: 'standard_flow_m3_s' | 'pressure_pa') => fleet.rtus.at(slot, q) > closedAt + 60_000
  const flows = witnesses.flows.filter((slot) => newer(slot, 'standard_flow_m3_s'))
  if (flows.length > 0 && flows.length === witnesses.flows.length) {
    const value = Math.max(...flows.map((slot) => Math.abs(fleet.rtus.value(slot, 'standard_flow_m3_s'))))
    return {
      stopped: value <= REST_FLOW_M3_S,
      proof: { code: 'inlet_flow', at: now, value, limit: REST_FLOW_M3_S, unit: 'm3/s' },
    }
  }
  const pressures = witnesses.pressures.filter(({ slot }) => newer(slot, 'pressure_pa'))
  if (pressures.length === 0) return undefined
  const left = Math.min(
    ...pressures.map(
      ({ slot, before }) =>
        (fleet.rtus.value(slot, 'pressure_pa') - ATMOSPHERE_PA) / Math.max(1, before - ATMOSPHERE_PA),
    ),
  )
  const heldLongEnough = pressures.every(({ slot }) => fleet.rtus.at(slot, 'pressure_pa') >= closedAt + HELD_FOR_MS)
  if (!leaking && left > DECAYED_TO && heldLongEnough) {
    const rise = Math.max(
      ...pressures.map(
        ({ slot, atClosing }) =>
          (fleet.rtus.value(slot, 'pressure_pa') - atClosing) / Math.max(1, atClosing - ATMOSPHERE_PA),
      ),
    )
    if (rise <= HELD_WITHIN)
      return { stopped: true, proof: { code: 'pressure_held', at: now, value: rise, limit: HELD_WITHIN, unit: '1' } }
  }
  return {
    stopped: left <= DECAYED_TO,
    proof: { code: 'pressure_left', at: now, value: left, limit: DECAYED_TO, unit: '1' },
  }
}

/** Edges through which all gas of a valve must pass: neighbours over a node that joins only the two. */
function edgesInSeries(network: Network, valve: number): number[] {
  const found: number[] = []
  for (const start of [network.edges.from[valve] ?? -1, network.edges.to[valve] ?? -1]) {
    let [node, edge] = [start, valve]
    for (let hops = 0; hops < 8 && node >= 0; hops++) {
      const here = members(network.adjacency, node)
      if (here.length !== 2) break
      const next = here[0] === edge ? here[1] : here[0]
      if (next === undefined) break
      found.push(next)
      node = (network.edges.from[next] === node ? network.edges.to[next] : network.edges.from[next]) ?? -1
      edge = next
    }
  }
  return found
}

/** What stands at an RTU in normal work: nominal for its zone, else what it shows, Pa absolute. */
function nominalPressure(network: Network, fleet: FleetState, slot: number): number {
  const nominal = network.zones.nominalPressure[fleet.columns.zone[slot] ?? -1] ?? Number.NaN
  return Number.isNaN(nominal) ? fleet.rtus.value(slot, 'pressure_pa') : nominal
}
