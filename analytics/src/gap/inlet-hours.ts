import { type Network, referenceDensity, type ZoneInlet } from '@gastwin/twin'
import { findAsset } from '../telemetry/find-asset.ts'
import type { TelemetrySeries } from '../telemetry/telemetry.ts'
import { HOUR_MS, type PeriodGrid } from './period-grid.ts'

/** Gas through one metered edge by the hour, from→to, m³ at the reference state. */
export interface EdgeHours {
  readonly edge: number
  /** Missing hours are filled. */
  readonly volume: Float64Array
  /** Variance of each hour, m⁶: 0 where it was measured. */
  readonly variance: Float64Array
  readonly measured: Uint8Array
}

const SECONDS = 3600

/**
 * Hours of all edges that are inlets of a zone; an edge that nobody measures counts as 0 with no hour measured.
 * @param businessHours per zone, what meters read by the hour counted, m³: a missing hour is filled beside them when that fits better
 */
export function inletHours(
  network: Network,
  series: readonly TelemetrySeries[],
  grid: PeriodGrid,
  businessHours: readonly Float64Array[],
): Map<number, EdgeHours> {
  const wanted = new Set(network.zones.inlets.flat().map((inlet: ZoneInlet) => inlet.edge))
  const sums = new Map<number, { sum: Float64Array; count: Float64Array }>()
  const density = referenceDensity(network.document.fluid)
  for (const one of series) {
    if (one.quantity !== 'standard_flow_m3_s' && one.quantity !== 'mass_flow_kg_s') continue
    const place = findAsset(network, one.asset, one.quantity)
    const edge =
      place?.kind === 'rtu' ? (network.rtus.edge[place.index] ?? -1) : place?.kind === 'edge' ? place.index : -1
    if (!wanted.has(edge)) continue
    const known = sums.get(edge) ?? { sum: new Float64Array(grid.hours), count: new Float64Array(grid.hours) }
    sums.set(edge, known)
    const perSecond = one.quantity === 'mass_flow_kg_s' ? 1 / density : 1
    for (let k = 0; k < one.time.length; k++) {
      // A sample is the mean of the interval that ends at its time.
      const hour = Math.ceil(((one.time[k] as number) - grid.begin) / HOUR_MS) - 1
      if (hour < 0 || hour >= grid.hours) continue
      known.sum[hour] = (known.sum[hour] as number) + (one.value[k] as number) * perSecond * SECONDS
      known.count[hour] = (known.count[hour] as number) + 1
    }
  }
  const found = new Map<number, EdgeHours>()
  for (const edge of wanted) {
    const known = sums.get(edge)
    const measured = Uint8Array.from({ length: grid.hours }, (_, h) => ((known?.count[h] ?? 0) > 0 ? 1 : 0))
    const volume = Float64Array.from(measured, (yes, h) =>
      yes ? (known?.sum[h] as number) / (known?.count[h] as number) : 0,
    )
    const plain = fill(volume, measured, new Float64Array(grid.hours))
    const others = network.zones.inlets.map((inlets, zone) =>
      inlets.some((inlet) => inlet.edge === edge && inlet.sign === 1)
        ? fill(volume, measured, businessHours[zone] ?? new Float64Array(grid.hours))
        : plain,
    )
    found.set(edge, {
      edge,
      ...others.reduce((best, other) => (other.error < best.error ? other : best), plain),
      measured,
    })
  }
  return found
}

/**
 * A missing hour stands on the line between its neighbours, bent as that hour of the day was bent on the days around. How well this
 * works is measured where the truth is known.
 */
function fill(
  flow: Float64Array,
  measured: Uint8Array,
  beside: Float64Array,
): { readonly volume: Float64Array; readonly variance: Float64Array; readonly error: number } {
  const hours = flow.length
  const volume = flow.map((v, h) => v - (beside[h] as number))
  const filled = flow.slice()
  const variance = new Float64Array(hours)
  const nearest = (from: number, step: number) => {
    for (let h = from; h >= 0 && h < hours; h += step) if (measured[h] === 1) return h
    return -1
  }
  const line = (h: number, a: number, b: number) => {
    if (a < 0 && b < 0) return 0
    if (a < 0) return volume[b] as number
    if (b < 0) return volume[a] as number
    return (volume[a] as number) + (((volume[b] as number) - (volume[a] as number)) * (h - a)) / (b - a)
  }
  const estimate = (h: number) => {
    const a = nearest(h - 1, -1)
    const b = nearest(h + 1, 1)
    let bend = 0
    let days = 0
    for (let day = -7; day <= 7; day++) {
      const at = h + 24 * day
      if (day === 0 || at < 0 || at >= hours || measured[at] !== 1 || a < 0 || b < 0) continue
      const left = a + 24 * day
      const right = b + 24 * day
      if (left < 0 || right >= hours || measured[left] !== 1 || measured[right] !== 1) continue
      bend += (volume[at] as number) - line(at, left, right)
      days += 1
    }
    return line(h, a, b) + (days > 0 ? bend / days : 0)
  }
  let squares = 0
  let tried = 0
  for (let h = 30; h < hours - 30; h += 7) {
    if (measured[h] !== 1) continue
    squares += (estimate(h) - (volume[h] as number)) ** 2
    tried += 1
  }
  const error = tried > 0 ? squares / tried : 0
  for (let h = 0; h < hours; h++) {
    if (measured[h] === 1) continue
    const a = nearest(h, -1)
    const b = nearest(h, 1)
    filled[h] = estimate(h) + (beside[h] as number)
    // Errors of a long silence lean the same way.
    variance[h] = error * Math.max(1, (b < 0 ? hours : b) - (a < 0 ? -1 : a) - 1)
  }
  return { volume: filled, variance, error }
}
