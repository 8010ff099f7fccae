import { type Network, referenceDensity } from '@gastwin/twin'
import { findAsset } from '../telemetry/find-asset.ts'
import type { TelemetrySeries } from '../telemetry/telemetry.ts'
import { HOUR_MS, type PeriodGrid } from './period-grid.ts'
import type { MeasuredFlow } from './spell-guesses.ts'

const SECONDS = 3600

/** Hours of all edges that are inlets of a zone, from→to, as their instruments told them: means that end at their time. */
export function measuredFlows(
  network: Network,
  series: readonly TelemetrySeries[],
  grid: PeriodGrid,
): Map<number, MeasuredFlow> {
  const sums = new Map(
    network.zones.inlets
      .flat()
      .map(({ edge }) => [edge, { sum: new Float64Array(grid.hours), count: new Float64Array(grid.hours) }]),
  )
  const density = referenceDensity(network.document.fluid)
  for (const one of series) {
    if (one.quantity !== 'standard_flow_m3_s' && one.quantity !== 'mass_flow_kg_s') continue
    const place = findAsset(network, one.asset, one.quantity)
    const edge =
      place?.kind === 'rtu' ? (network.rtus.edge[place.index] ?? -1) : place?.kind === 'edge' ? place.index : -1
    const known = sums.get(edge)
    if (known === undefined) continue
    const perSecond = one.quantity === 'mass_flow_kg_s' ? 1 / density : 1
    for (let k = 0; k < one.time.length; k++) {
      // A sample is the mean of the interval that ends at its time.
      const hour = Math.ceil(((one.time[k] as number) - grid.begin) / HOUR_MS) - 1
      if (hour < 0 || hour >= grid.hours) continue
      add(known.sum, hour, (one.value[k] as number) * perSecond * SECONDS)
      add(known.count, hour, 1)
    }
  }
  return new Map(
    [...sums].map(([edge, { sum, count }]) => [
      edge,
      {
        measured: Uint8Array.from(count, (n) => (n > 0 ? 1 : 0)),
        volume: sum.map((v, h) => v / Math.max(1, count[h] as number)),
      },
    ]),
  )
}

function add(to: Float64Array, at: number, value: number): void {
  to[at] = (to[at] as number) + value
}
