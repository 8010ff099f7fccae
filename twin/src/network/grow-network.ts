import { groupBy } from './csr.ts'
import type { Network } from './network.ts'
import type { Meter } from './network-document.ts'

/**
 * Adds metering points to a compiled network, in place and behind those it has: whoever holds the network sees them from here on,
 * numbers of rows stay. Points whose id is known, or whose zone or node the network does not have, are left out.
 * @returns those that were added
 */
export function growNetwork(network: Network, points: readonly Meter[]): readonly Meter[] {
  const { meters, nodes, zones } = network
  const ids = new Set<string>()
  const added = points.filter(({ id, node, zone }) => {
    const isPlaced = (node === '' || nodes.numberOf.has(node)) && (!zone || zones.numberOf.has(zone))
    if (!isPlaced || meters.meterOf(id) >= 0 || ids.has(id)) return false
    ids.add(id)
    return true
  })
  if (added.length === 0) return added
  meters.add(added)
  Object.assign(zones, { meters: groupBy(zones.count, meters.zone) })
  Object.assign(network, { metersAt: groupBy(nodes.count, meters.node) })
  return added
}
