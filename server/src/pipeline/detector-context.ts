import { type DetectorContext, type MeterFacts, meterSize, type ZonePeriod } from '@gastwin/analytics'
import {
  type CityCalendar,
  type ConcentratorBook,
  DEVICE_KINDS,
  type FleetState,
  METER_CLASSES,
  type Network,
} from '@gastwin/twin'
import type { DeviceViews } from '../views/device-view.ts'
import { rtuNeighbours } from './rtu-neighbours.ts'

/** Pipe length within which two RTUs feel a rupture in the same minute, m. */
const NEIGHBOUR_REACH_M = 1_500
/** Remote valves say that they are there; silence of theirs is found when they are asked. */
const ACTUATOR_HEARTBEAT_MS = 3_600_000

export interface ContextSources {
  readonly network: Network
  readonly fleet: FleetState
  readonly views: DeviceViews
  readonly concentrators: ConcentratorBook
  readonly calendar: CityCalendar
  /** How late reports may be for no fault of the device, ms: in a fast demo a moment of the wall is minutes of event time. */
  readonly slackMs: () => number
  readonly zoneDays: (zone: string, endedAfter: number) => readonly ZonePeriod[]
}

/** What detectors may ask, answered from the network document and the fleet's columns. */
export function detectorContext(sources: ContextSources): DetectorContext {
  const { network, fleet, views, calendar, zoneDays, slackMs } = sources
  const slotOfRtu = (rtu: number) => fleet.slotOf(network.rtus.device[rtu] ?? Number.NaN)
  const neighbours = rtuNeighbours(network, NEIGHBOUR_REACH_M)
  const rowOfSlot = new Map<number, number>()
  const rtus = Array.from({ length: network.rtus.count }, (_, r) => {
    const slot = slotOfRtu(r)
    if (slot >= 0) rowOfSlot.set(slot, r)
    return {
      slot,
      id: network.rtus.ids[r] ?? '',
      zone: network.rtus.zone[r] ?? -1,
      minPressure: fleet.rtus.minPressure(slot),
      maxPressure: fleet.rtus.maxPressure(slot),
      neighbours: neighbours[r] ?? [],
    }
  })
  const rtuOfEdge = new Map<number, number>()
  for (let r = 0; r < network.rtus.count; r++) {
    const edge = network.rtus.edge[r] ?? -1
    if (edge >= 0) rtuOfEdge.set(edge, r)
  }
  const zones = network.zones.ids.map((id, z) => ({
    id,
    inlets: (network.zones.inlets[z] ?? []).map(({ edge, sign }) => ({
      edge: network.edges.ids[edge] ?? '',
      sign,
      slot: slotOfRtu(rtuOfEdge.get(edge) ?? -1),
    })),
  }))
  const facts = meterFacts(network)
  return {
    get slotCount() {
      return fleet.count
    },
    zones,
    rtus,
    isRelayed: (slot) => sources.concentrators.ofMeter(fleet.columns.number[slot] ?? 0) !== undefined,
    kindOf: (slot) => (slot >= 0 && slot < fleet.count ? DEVICE_KINDS[fleet.columns.kind[slot] ?? 0] : undefined),
    assetOf: (slot) => ({ kind: DEVICE_KINDS[fleet.columns.kind[slot] ?? 0] ?? 'meter', id: views.assetId(slot) }),
    zoneOf: (slot) => fleet.columns.zone[slot] ?? -1,
    rtuOf: (slot) => rowOfSlot.get(slot) ?? -1,
    meterOf: (slot) => (fleet.columns.kind[slot] === 0 ? facts(fleet.columns.asset[slot] ?? -1) : undefined),
    installedYearOf: (slot) =>
      fleet.columns.kind[slot] === 0 ? (network.meters.installedYear[fleet.columns.asset[slot] ?? -1] ?? 0) : 0,
    reportEveryMs: (slot) => {
      const every = reportEveryMs(fleet, slot)
      return every === 0 ? 0 : every + slackMs()
    },
    paceMs: (slot) => reportEveryMs(fleet, slot) || ACTUATOR_HEARTBEAT_MS,
    utcOffsetMs: (at) => calendar.offset(at),
    outdoorTemperatureK: () => undefined,
    zoneDays,
  }
}

/** How often a device should speak, ms; 0 for one without a rhythm. Short reads are bundled and sent every two hours (S0-63). */
function reportEveryMs(fleet: FleetState, slot: number): number {
  const { kind, readEveryMinutes } = fleet.columns
  switch (DEVICE_KINDS[kind[slot] ?? 0]) {
    case 'rtu':
      return 60_000
    case 'valve':
      return 0
    default: {
      const minutes = readEveryMinutes[slot] ?? 1440
      return Math.max(minutes < 120 ? 120 : 1440, minutes) * 60_000
    }
  }
}

/** Meters of one kind share one object. */
function meterFacts(network: Network): (meter: number) => MeterFacts {
  const { meters } = network
  const shared = new Map<number, MeterFacts>()
  return (meter) => {
    const key =
      ((meters.kind[meter] ?? 0) * 8 + (meters.class[meter] ?? 0)) * 512 +
      (meters.size[meter] ?? 0) * 2 +
      (meters.corrector[meter] ?? 0)
    let facts = shared.get(key)
    if (facts === undefined) {
      facts = {
        gas: meters.kind[meter] === 0,
        class: METER_CLASSES[meters.class[meter] ?? 0] ?? 'residential',
        size: meterSize(meters.words.size[meters.size[meter] ?? 0]),
        corrector: meters.corrector[meter] === 1,
      }
      shared.set(key, facts)
    }
    return facts
  }
}
