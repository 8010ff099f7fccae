import type { AlarmSurroundings, AssetRef } from '@gastwin/analytics'
import { METER_CLASSES, members, type Network } from '@gastwin/twin'
import { placeOfEdge, placeOfMeter, placeOfNode, placeOfRtu } from '../views/map-numbering.ts'

/** Where an alarm stands and who depends on it, from the network. */
export function alarmSurroundings(network: Network): AlarmSurroundings {
  const { meters, rtus, edges, nodes, zones } = network
  const middleOf = zones.ids.map((_, z) =>
    middle(Array.from(members(zones.nodes, z), (node) => placeOfNode(network, node))),
  )
  const place = ({ kind, id }: AssetRef): readonly [number, number] | undefined => {
    switch (kind) {
      case 'meter':
        return placeOfMeter(network, meters.meterOf(id))
      case 'rtu':
        return placeOfRtu(network, rtus.numberOf.get(id) ?? -1)
      case 'valve':
      case 'pipe':
        return placeOfEdge(network, edges.numberOf.get(id) ?? -1)
      case 'node':
        return placeOfNode(network, nodes.numberOf.get(id) ?? -1)
      case 'zone':
        return middleOf[zones.numberOf.get(id) ?? -1]
      default:
        return undefined
    }
  }
  return {
    meterClass: (meter) => {
      const row = meters.meterOf(meter)
      return row < 0 ? undefined : METER_CLASSES[meters.class[row] ?? 0]
    },
    position: (asset) => {
      const [lon, lat] = place(asset) ?? [Number.NaN, Number.NaN]
      return Number.isFinite(lon) && Number.isFinite(lat) ? { lon, lat } : undefined
    },
    affectedMeters: (asset, zone) => {
      if (asset.kind === 'meter') return 1
      const row = zones.numberOf.get(asset.kind === 'zone' ? asset.id : (zone ?? '')) ?? -1
      return row < 0 ? undefined : members(zones.meters, row).length
    },
  }
}

function middle(places: readonly (readonly [number, number])[]): readonly [number, number] | undefined {
  const known = places.filter(([lon, lat]) => Number.isFinite(lon) && Number.isFinite(lat))
  if (known.length === 0) return undefined
  const sum = (i: 0 | 1) => known.reduce((total, place) => total + place[i], 0)
  return [sum(0) / known.length, sum(1) / known.length]
}
