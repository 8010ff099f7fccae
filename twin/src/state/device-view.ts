import type { DeviceEvent, DeviceKind, ValvePosition } from '../reading/report.ts'
import { DEVICE_KINDS } from './device-entry.ts'
import { eventsOf } from './fingerprint.ts'
import { READINGS_KEPT } from './fleet-columns.ts'
import type { FleetState } from './fleet-state.ts'
import { VALVE_POSITIONS } from './map-state.ts'

/** One row in words, for people; what was never said is undefined. */
export interface DeviceView {
  readonly number: number
  readonly kind: DeviceKind
  readonly asset: number
  /** State byte of the map. */
  readonly state: number
  /** Unix ms. */
  readonly lastReportAt: number | undefined
  readonly lastReceivedAt: number | undefined
  /** The last readings, oldest first: Unix ms, m³. */
  readonly readings: readonly { readonly at: number; readonly register: number }[]
  /** Mean of the last week, m³/s as the register counts. */
  readonly rate: number
  readonly valve: ValvePosition
  readonly batteryVolt: number | undefined
  readonly rsrpDbm: number | undefined
  readonly sinrDb: number | undefined
  readonly ecl: number | undefined
  readonly pci: number | undefined
  readonly clockErrorS: number | undefined
  readonly events: readonly DeviceEvent[]
  readonly fresh: number
  readonly late: number
  readonly duplicates: number
}

export function viewDevice(fleet: FleetState, slot: number): DeviceView {
  const c = fleet.columns
  const or = (value: number | undefined, unknown: number) => (value === unknown ? undefined : value)
  const scaled = (value: number | undefined, factor: number) => (value === undefined ? undefined : value * factor)
  const heard = (c.fresh[slot] ?? 0) > 0
  return {
    number: c.number[slot] ?? 0,
    kind: DEVICE_KINDS[c.kind[slot] ?? 0] ?? 'meter',
    asset: c.asset[slot] ?? -1,
    state: c.state[slot] ?? 0,
    lastReportAt: scaled(or(c.deviceTime[slot], 0), 1000),
    lastReceivedAt: scaled(or(c.receivedAt[slot], 0), 1000),
    readings: Array.from({ length: c.readings[slot] ?? 0 }, (_, i) => ({
      at: (c.readAt[slot * READINGS_KEPT + i] ?? 0) * 1000,
      register: c.register[slot * READINGS_KEPT + i] ?? 0,
    })),
    rate: c.rate[slot] ?? 0,
    valve: VALVE_POSITIONS[c.valve[slot] ?? 0] ?? 'unknown',
    batteryVolt: scaled(or(c.batteryMv[slot], 0), 0.001),
    rsrpDbm: scaled(or(c.rsrp[slot], 0), -1),
    sinrDb: or(c.sinr[slot], -128),
    ecl: or(c.ecl[slot], 255),
    pci: or(c.pci[slot], 65_535),
    clockErrorS: heard ? c.clockErrorS[slot] : undefined,
    events: eventsOf(c.events[slot] ?? 0),
    fresh: c.fresh[slot] ?? 0,
    late: c.late[slot] ?? 0,
    duplicates: c.duplicates[slot] ?? 0,
  }
}
