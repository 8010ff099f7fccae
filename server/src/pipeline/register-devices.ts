import { type DeviceEntry, METER_CLASSES, METER_KINDS, METER_PLACEMENTS, type Network, valveOf } from '@gastwin/twin'

/** Minutes between registers by the words of `read_schedule`; daily when not said (S0-60, S0-63). */
const READ_MINUTES: Readonly<Record<string, number>> = {
  '1min': 1,
  '5min': 5,
  '15min': 15,
  hourly: 60,
  daily: 1440,
  weekly: 10_080,
  monthly: 43_200,
}

export const readMinutes = (schedule: string): number => READ_MINUTES[schedule] ?? 1440

/** What is registered, with the report rhythm that silence is judged by. */
export interface Registered {
  readonly entry: DeviceEntry
  /** How often the device should speak, ms; 0 when it has no rhythm. */
  readonly reportEveryMs: number
}

const DAY_MS = 86_400_000

/** Every device of a network document: meters, then RTUs, then valves with an actuator. */
export function* devicesOf(network: Network): Generator<Registered> {
  const { meters, rtus, edges } = network
  for (let m = 0; m < meters.count; m++) {
    const number = meters.device[m] ?? Number.NaN
    if (Number.isNaN(number)) continue
    const minutes = readMinutes(meters.words.schedule[meters.schedule[m] ?? 0] ?? '')
    yield {
      entry: {
        number,
        kind: 'meter',
        asset: m,
        zone: meters.zone[m] ?? -1,
        node: meters.node[m] ?? -1,
        medium: METER_KINDS[meters.kind[m] ?? 0] ?? 'gas',
        class: METER_CLASSES[meters.class[m] ?? 0] ?? 'residential',
        placement: METER_PLACEMENTS[meters.placement[m] ?? 0] ?? 'unknown',
        corrector: meters.corrector[m] === 1,
        readEveryMinutes: minutes,
      },
      // Short reads are bundled and sent every two hours (S0-63).
      reportEveryMs: minutes < 120 ? 2 * 3_600_000 : Math.max(minutes * 60_000, DAY_MS),
    }
  }
  for (let r = 0; r < rtus.count; r++) {
    const number = rtus.device[r] ?? Number.NaN
    if (Number.isNaN(number)) continue
    const node = rtus.node[r] ?? -1
    const at = node >= 0 ? node : (edges.to[rtus.edge[r] ?? -1] ?? -1)
    yield {
      entry: {
        number,
        kind: 'rtu',
        asset: r,
        zone: rtus.zone[r] ?? -1,
        node: at,
        readEveryMinutes: 1,
        minPressure: network.nodes.minPressure[at] ?? Number.NaN,
        maxPressure: network.nodes.maxPressure[at] ?? Number.NaN,
      },
      reportEveryMs: 60_000,
    }
  }
  for (let v = 0; v < edges.countOf.valve; v++) {
    const edge = edges.first.valve + v
    const device = valveOf(network, edge)?.device_number
    if (device === undefined || device === null) continue
    yield {
      entry: {
        number: Number(device),
        kind: 'valve',
        asset: edge,
        zone: edges.zone[edge] ?? -1,
        node: edges.from[edge] ?? -1,
      },
      reportEveryMs: 0,
    }
  }
}
