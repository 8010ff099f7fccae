import type { DeviceKind, MeterClass } from '@gastwin/twin'
import type { ZonePeriod } from '../balance/zone-period.ts'
import type { AssetRef } from './detection.ts'
import type { MeterSize } from './meter-size.table.ts'

/** What detectors know of a kind of meter; meters of one kind share one object. */
export interface MeterFacts {
  readonly gas: boolean
  readonly class: MeterClass
  readonly size: MeterSize
  /** The register counts at the reference state. */
  readonly corrector: boolean
}

/** An inlet of a zone and the RTU that measures it. */
export interface ZoneInletFacts {
  readonly edge: string
  /** +1: flow from→to enters the zone. */
  readonly sign: 1 | -1
  /** Row of the RTU in the fleet state, −1 when nobody measures this inlet. */
  readonly slot: number
}

export interface ZoneFacts {
  readonly id: string
  readonly inlets: readonly ZoneInletFacts[]
}

export interface RtuFacts {
  readonly slot: number
  readonly id: string
  /** Row of `zones`, −1 when in none. */
  readonly zone: number
  /** Limits at its place, Pa absolute; NaN when none are set. */
  readonly minPressure: number
  readonly maxPressure: number
  /** Rows of `rtus` that feel the same pressure within a minute: near, and no regulator or closed valve between. */
  readonly neighbours: readonly number[]
}

/**
 * What detectors ask about the city. Rows (`slot`) are those of the fleet state; numbers instead of objects, because a question is
 * asked for each of millions of reports. All answers are pure: the same question has the same answer during one batch.
 */
export interface DetectorContext {
  /** Rows in use: 0 ≤ slot < slotCount. */
  readonly slotCount: number
  readonly zones: readonly ZoneFacts[]
  readonly rtus: readonly RtuFacts[]
  kindOf(slot: number): DeviceKind | undefined
  /** Whether somebody else passes on what a meter says: then many speak from one source, late and again. */
  isRelayed?(slot: number): boolean
  /** Asked only when something is told. */
  assetOf(slot: number): AssetRef
  /** Row of `zones`, −1 when in none. */
  zoneOf(slot: number): number
  /** Row of `rtus`, −1 when the device is no RTU. */
  rtuOf(slot: number): number
  /** Undefined when the device is no meter. */
  meterOf(slot: number): MeterFacts | undefined
  /** 0 when unknown. */
  installedYearOf(slot: number): number
  /** How often the device should speak, ms; 0 when it has no schedule. */
  reportEveryMs(slot: number): number
  /** How often the device speaks in its ordinary course, ms, whatever a busy platform or a fast clock allows it. */
  paceMs?(slot: number): number
  /** Local time minus UTC at an instant, ms: what makes a night and a day. */
  utcOffsetMs(at: number): number
  /** Outdoor air, K; undefined when no weather is known. */
  outdoorTemperatureK(at: number): number | undefined
  /** Complete local days of a zone with register-side sales, that ended after an instant, in time order. */
  zoneDays(zone: string, endedAfter: number): readonly ZonePeriod[]
}

/** Local day number and hour of day of an instant. */
export function localDay(context: DetectorContext, at: number): number {
  return Math.floor((at + context.utcOffsetMs(at)) / 86_400_000)
}

/** Hours since local midnight, 0 ≤ h < 24. */
export function localHour(context: DetectorContext, at: number): number {
  const day = (at + context.utcOffsetMs(at)) / 86_400_000
  return (day - Math.floor(day)) * 24
}

/** Zone id of a device, as detections name it. */
export function zoneIdOf(context: DetectorContext, slot: number): string | undefined {
  return context.zones[context.zoneOf(slot)]?.id
}
