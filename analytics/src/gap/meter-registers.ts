import { METER_CLASSES, METER_PLACEMENTS, type Network } from '@gastwin/twin'
import { meterSize } from '../detectors/meter-size.table.ts'
import { findAsset } from '../telemetry/find-asset.ts'
import type { TelemetrySeries } from '../telemetry/telemetry.ts'
import { DAY_MS, HOUR_MS } from './period-grid.ts'

/** How gas stands in a meter, as far as its register differs from volume at the reference state. */
export const METER_PLACES = ['indoor', 'stairwell', 'outdoor', 'unknown', 'business', 'corrected'] as const
export type MeterPlace = (typeof METER_PLACES)[number]

/** Readings of one gas meter in order of time. */
export interface MeterRegister {
  /** Row in the network's table. */
  readonly meter: number
  readonly zone: number
  readonly home: boolean
  readonly place: MeterPlace
  /** Years since it was installed, at its first reading; 5 when unknown. */
  readonly age: number
  readonly nominalM3H: number
  /** Unix ms. */
  readonly time: Float64Array
  /** m³ as the register counts them, from 0 at the first reading, never falling. */
  readonly total: Float64Array
  /** Between scheduled readings, ms. */
  readonly everyMs: number
  /** Smallest step that the register shows, m³. */
  readonly resolution: number
}

const UNKNOWN_AGE = 5

/** Registers of all gas meters that were read at all; a meter with both registers counts by the corrected one. */
export function meterRegisters(network: Network, series: readonly TelemetrySeries[]): MeterRegister[] {
  const { meters } = network
  const found = new Map<number, TelemetrySeries>()
  for (const one of series) {
    if (one.quantity !== 'index_m3' && one.quantity !== 'standard_index_m3') continue
    const place = findAsset(network, one.asset, one.quantity)
    if (place?.kind !== 'meter' || meters.kind[place.index] !== 0 || (meters.zone[place.index] ?? -1) < 0) continue
    if (one.quantity === 'standard_index_m3' || !found.has(place.index)) found.set(place.index, one)
  }
  return [...found].sort(([a], [b]) => a - b).map(([meter, one]) => registerOf(network, meter, one))
}

function registerOf(network: Network, meter: number, series: TelemetrySeries): MeterRegister {
  const { meters } = network
  const home = METER_CLASSES[meters.class[meter] ?? 0] === 'residential'
  const placement = METER_PLACEMENTS[meters.placement[meter] ?? 0] ?? 'unknown'
  const installed = meters.installedYear[meter] ?? 0
  const first = new Date(series.time[0] ?? 0).getUTCFullYear()
  const corrected = series.quantity === 'standard_index_m3'
  return {
    meter,
    zone: meters.zone[meter] ?? -1,
    home,
    place: corrected ? 'corrected' : home ? placement : 'business',
    age: installed > 0 ? Math.max(0, first - installed) : UNKNOWN_AGE,
    nominalM3H: meterSize(meters.words.size[meters.size[meter] ?? 0]).nominalM3H,
    time: series.time,
    total: advance(series.value),
    everyMs: scheduleOf(series.time),
    resolution: home ? 0.1 : 0.01,
  }
}

/** A register that falls back was exchanged or tampered with: nothing is sold for the step, counting goes on from there. */
function advance(values: Float64Array): Float64Array {
  const total = new Float64Array(values.length)
  for (let k = 1; k < values.length; k++)
    total[k] = (total[k - 1] as number) + Math.max(0, (values[k] as number) - (values[k - 1] as number))
  return total
}

const USUAL_MS = [
  HOUR_MS / 12,
  HOUR_MS / 4,
  HOUR_MS / 2,
  HOUR_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
  DAY_MS,
  7 * DAY_MS,
  30 * DAY_MS,
]

/** How often it is read, told by the readings themselves: the usual schedule nearest to the median distance. */
function scheduleOf(time: Float64Array): number {
  if (time.length < 2) return DAY_MS
  const gaps = new Float64Array(time.length - 1)
  for (let k = 1; k < time.length; k++) gaps[k - 1] = (time[k] as number) - (time[k - 1] as number)
  gaps.sort()
  const median = gaps[gaps.length >> 1] as number
  return USUAL_MS.reduce((best, ms) =>
    Math.abs(Math.log(ms / median)) < Math.abs(Math.log(best / median)) ? ms : best,
  )
}
