import type { Network } from '@gastwin/twin'
import type { TelemetryQuantity } from './telemetry.ts'

/** What a row of an archive is about: the row of the network's table. */
export interface TelemetryPlace {
  readonly kind: 'node' | 'edge' | 'meter' | 'rtu'
  readonly index: number
}

/** Where an unprefixed id names several things, the quantity decides who can say it. */
const ORDER: Readonly<Record<'register' | 'flow' | 'other', readonly TelemetryPlace['kind'][]>> = {
  register: ['meter', 'rtu', 'edge', 'node'],
  flow: ['rtu', 'edge', 'meter', 'node'],
  other: ['rtu', 'node', 'edge', 'meter'],
}

/** The thing an asset of an archive names (`id`, or `node:id`, `edge:id`, `meter:id`, `rtu:id`); undefined when there is none. */
export function findAsset(network: Network, asset: string, quantity: TelemetryQuantity): TelemetryPlace | undefined {
  const prefixed = /^(node|edge|meter|rtu):(.*)$/s.exec(asset)
  if (prefixed !== null) {
    const found = lookUp(network, prefixed[1] as TelemetryPlace['kind'], prefixed[2] as string)
    if (found !== undefined) return found
  }
  const order =
    quantity === 'index_m3' || quantity === 'standard_index_m3'
      ? ORDER.register
      : quantity === 'standard_flow_m3_s' || quantity === 'mass_flow_kg_s' || quantity === 'valve_open'
        ? ORDER.flow
        : ORDER.other
  for (const kind of order) {
    const found = lookUp(network, kind, asset)
    if (found !== undefined) return found
  }
  return undefined
}

function lookUp(network: Network, kind: TelemetryPlace['kind'], id: string): TelemetryPlace | undefined {
  const index =
    kind === 'meter'
      ? network.meters.meterOf(id)
      : ({ node: network.nodes, edge: network.edges, rtu: network.rtus }[kind].numberOf.get(id) ?? -1)
  return index < 0 ? undefined : { kind, index }
}
