import { METER_CLASSES, METER_KINDS, METER_PLACEMENTS } from '../network/meter-table.ts'
import type { MeterClass } from '../network/network-document.ts'
import type { DeviceKind } from '../reading/report.ts'

/** What the platform knows of a device before it speaks. */
export interface DeviceEntry {
  /** Device number, 1…14 decimal digits. */
  readonly number: number
  readonly kind: (typeof DEVICE_KINDS)[number]
  /** Row in the network's table of its kind: meter, RTU, or edge number of the valve. */
  readonly asset: number
  /** Zone and node of the network, −1 for none. */
  readonly zone: number
  readonly node: number
  /** Meters only. */
  readonly medium?: (typeof METER_KINDS)[number]
  readonly class?: MeterClass
  readonly placement?: (typeof METER_PLACEMENTS)[number]
  readonly corrector?: boolean
  /** How often a register is read, minutes (1440 for daily). */
  readonly readEveryMinutes?: number
  /** RTUs with a pressure channel: limits of the place, Pa absolute. */
  readonly minPressure?: number
  readonly maxPressure?: number
}

export const DEVICE_KINDS = ['meter', 'rtu', 'valve'] as const satisfies readonly DeviceKind[]

/** Flags of a meter in 9 bits: c = corrector, pp = placement, kk = class, mm = medium → 0b_mm_kk_pp_c. */
export function packFlags(entry: DeviceEntry): number {
  const place = METER_PLACEMENTS.indexOf(entry.placement ?? 'unknown')
  const kind = METER_CLASSES.indexOf(entry.class ?? 'residential')
  const medium = METER_KINDS.indexOf(entry.medium ?? 'gas')
  return meterFlags(entry.corrector === true ? 1 : 0, place, kind, medium)
}

/** The same from the codes of a MeterTable. @param corrector 0 or 1 */
export function meterFlags(corrector: number, placement: number, kind: number, medium: number): number {
  return corrector | (placement << 1) | (kind << 3) | (medium << 5)
}

/** The flags of a meter, taken apart; each number is a place in its list. */
export const hasCorrector = (flags: number) => (flags & 0b1) === 1
export const placementOf = (flags: number) => (flags >> 1) & 0b11
export const classOf = (flags: number) => (flags >> 3) & 0b11
export const mediumOf = (flags: number) => (flags >> 5) & 0b11
