import type { Detection } from '@gastwin/analytics'
import { type Network, pipeOf, type Vote } from '@gastwin/twin'

/** Rules whose detections may speak for a shut-off of pipes; all others are alarms only. */
const VOTING_RULES: ReadonlySet<string> = new Set(['zone_mass_balance', 'pressure_drop', 'gas_detected'])

/** How well a rule says where: the best one names the place to isolate. */
const SHARPNESS: Readonly<Record<string, number>> = { gas_detected: 3, pressure_drop: 2, zone_mass_balance: 1 }

/** The vote that a detection casts, undefined when it has none. */
export function voteOf(detection: Detection): Vote | undefined {
  if (!VOTING_RULES.has(detection.rule) || detection.strength === 'weak') return undefined
  return {
    evidenceKind: detection.evidenceKind,
    strength: detection.strength,
    rule: detection.rule,
    asset: detection.asset,
    at: detection.at,
  }
}

/** The edge or node to isolate, from the vote that knows best where; undefined when none names a place of the network. */
export function placeToIsolate(network: Network, votes: readonly Vote[]): string | undefined {
  const sharpest = votes.toSorted((a, b) => (SHARPNESS[b.rule] ?? 0) - (SHARPNESS[a.rule] ?? 0) || a.at - b.at)
  for (const { asset } of sharpest) {
    const place =
      asset.kind === 'rtu'
        ? placeOfRtu(network, asset.id)
        : asset.kind === 'zone'
          ? placeInZone(network, asset.id)
          : asset.id
    if (place !== undefined && (network.edges.numberOf.has(place) || network.nodes.numberOf.has(place))) return place
  }
  return undefined
}

function placeOfRtu(network: Network, id: string): string | undefined {
  const rtu = network.rtus.numberOf.get(id) ?? -1
  const node = network.rtus.node[rtu] ?? -1
  // What an RTU at a station feels lies behind the station.
  return network.nodes.ids[node >= 0 ? node : (network.edges.to[network.rtus.edge[rtu] ?? -1] ?? -1)]
}

/** A balance names the zone only: the largest pipe in it is the first to be cut off from every source. */
function placeInZone(network: Network, id: string): string | undefined {
  const zone = network.zones.numberOf.get(id) ?? -1
  const { edges } = network
  let largest = -1
  for (let edge = edges.first.pipe; edge < edges.first.pipe + edges.countOf.pipe; edge++) {
    if (edges.zone[edge] === zone && (edges.diameterM[edge] ?? 0) > (edges.diameterM[largest] ?? 0)) largest = edge
  }
  return largest < 0 ? undefined : pipeOf(network, largest)?.id
}
