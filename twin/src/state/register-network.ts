import type { Network } from '../network/network.ts'
import { DEVICE_KINDS, meterFlags } from './device-entry.ts'
import type { FleetState } from './fleet-state.ts'

const METER = DEVICE_KINDS.indexOf('meter')
const WORDS: Readonly<Record<string, number>> = { hourly: 60, daily: 1440, weekly: 7 * 1440, monthly: 31 * 1440 }

/** Minutes between readings of a `read_schedule` such as daily, hourly, 5min, 2h; daily when it says nothing we know. */
export function scheduleMinutes(schedule: string | null | undefined): number {
  const known = WORDS[schedule ?? 'daily']
  if (known !== undefined) return known
  const match = /^(\d{1,5}) ?(min|h|d)$/.exec(schedule ?? '')
  const unit = { min: 1, h: 60, d: 1440 }[match?.[2] ?? ''] ?? 0
  return Math.min(65_535, Number(match?.[1] ?? 0) * unit) || 1440
}

/** Gives a row to the meters of a network that have a device number; known ones are renewed. @param from row of the table to begin with */
export function registerMeters(fleet: FleetState, { meters }: Network, from = 0): void {
  const minutes = meters.words.schedule.map((word) => scheduleMinutes(word === '' ? 'daily' : word))
  for (let m = from; m < meters.count; m++) {
    const number = meters.device[m] ?? Number.NaN
    if (Number.isNaN(number)) continue
    const flags = meterFlags(
      meters.corrector[m] ?? 0,
      meters.placement[m] ?? 0,
      meters.class[m] ?? 0,
      meters.kind[m] ?? 0,
    )
    const every = minutes[meters.schedule[m] ?? 0] ?? 1440
    // Meters of the document come first and in order, so a fleet from a snapshot of this network has them there.
    fleet.registerRow(number, METER, m, meters.zone[m] ?? -1, meters.node[m] ?? -1, flags, every, m)
  }
}

/**
 * Gives a row to every meter, RTU and valve of a network that has a device number; known devices are renewed. In an empty fleet
 * meters come first, in the order of the table.
 */
export function registerNetwork(fleet: FleetState, network: Network): void {
  const { rtus, edges, nodes } = network
  registerMeters(fleet, network)
  for (let r = 0; r < rtus.count; r++) {
    const number = rtus.device[r] ?? Number.NaN
    if (Number.isNaN(number)) continue
    const node = placeOf(network, r)
    fleet.register({
      number,
      kind: 'rtu',
      asset: r,
      zone: rtus.zone[r] ?? -1,
      node,
      minPressure: nodes.minPressure[node] ?? Number.NaN,
      maxPressure: nodes.maxPressure[node] ?? Number.NaN,
    })
  }
  network.document.valves.forEach((valve, i) => {
    if (valve.device_number === undefined || valve.device_number === null) return
    const edge = edges.first.valve + i
    const [number, zone, node] = [Number(valve.device_number), edges.zone[edge] ?? -1, edges.from[edge] ?? -1]
    fleet.register({ number, kind: 'valve', asset: edge, zone, node })
  })
}

/** The node of an RTU; of one on an edge, the end that lies in the RTU's zone, which behind a regulator is the outlet. */
function placeOf({ rtus, edges, nodes }: Network, rtu: number): number {
  const edge = rtus.edge[rtu] ?? -1
  if (edge < 0) return rtus.node[rtu] ?? -1
  const [from, to] = [edges.from[edge] ?? -1, edges.to[edge] ?? -1]
  return nodes.zone[to] === rtus.zone[rtu] || nodes.zone[from] !== rtus.zone[rtu] ? to : from
}
