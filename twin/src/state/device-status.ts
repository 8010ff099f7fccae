import type { Report } from '../reading/report.ts'
import { eventMask } from './fingerprint.ts'
import type { FleetColumns } from './fleet-columns.ts'
import { VALVE_POSITIONS } from './map-state.ts'

/** Writes what a report says about the device itself; what it does not say stays. */
export function writeStatus(c: FleetColumns, slot: number, report: Report): void {
  const { status } = report
  if (report.sequence >= 0) c.sequence[slot] = report.sequence
  if (status.valve !== undefined) c.valve[slot] = VALVE_POSITIONS.indexOf(status.valve)
  if (status.batteryVolt !== undefined) c.batteryMv[slot] = clamp(status.batteryVolt * 1000, 0, 65_535)
  if (status.rsrpDbm !== undefined) c.rsrp[slot] = clamp(-status.rsrpDbm, 1, 255)
  if (status.sinrDb !== undefined) c.sinr[slot] = clamp(status.sinrDb, -127, 127)
  if (status.ecl !== undefined) c.ecl[slot] = clamp(status.ecl, 0, 254)
  if (status.pci !== undefined) c.pci[slot] = clamp(status.pci, 0, 65_534)
  const events = eventMask(report.events)
  // A scheduled report holds the whole status word; others only what happened.
  const whole = report.trigger === 'timed' || report.trigger === 'button'
  c.events[slot] = whole ? events : (c.events[slot] ?? 0) | events
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, Math.round(value)))
}
