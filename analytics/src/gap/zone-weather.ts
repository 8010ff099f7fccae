import {
  type Ambient,
  ambientPressure,
  members,
  type Network,
  REFERENCE_PRESSURE_PA,
  REFERENCE_TEMPERATURE_K,
} from '@gastwin/twin'
import { findAsset } from '../telemetry/find-asset.ts'
import type { TelemetrySeries } from '../telemetry/telemetry.ts'
import type { GapAssumptions } from './gap-options.ts'
import { HOUR_MS, type PeriodGrid } from './period-grid.ts'

/** What was measured of gas and air, by the hour. */
export interface ZoneWeather {
  /** K; the gas in the pipes when no weather station reports. */
  readonly air: Float64Array
  readonly airMeasured: boolean
  /** K per zone, of the gas in the pipes. */
  readonly ground: readonly Float64Array[]
  /** Pa absolute of the air per zone. */
  readonly barometer: readonly Float64Array[]
  readonly barometerMeasured: boolean
  /** m³ at the reference state held in the pipes of a zone at each begin of an hour, one more than hours; 0 where nothing is known. */
  readonly linepack: readonly Float64Array[]
}

/** Lays RTUs' temperatures and pressures on the hours of the grid; an RTU with medium air is a weather station. */
export function zoneWeather(
  network: Network,
  series: readonly TelemetrySeries[],
  grid: PeriodGrid,
  assumptions: GapAssumptions,
): ZoneWeather {
  const { zones, rtus, nodes } = network
  const isAir = (rtu: number) => network.document.rtus[rtu]?.medium === 'air'
  const airs: Float64Array[] = []
  const barometers: { readonly height: number; readonly values: Float64Array }[] = []
  const grounds: Float64Array[][] = zones.ids.map(() => [])
  const pressures: Float64Array[][] = zones.ids.map(() => [])
  for (const one of series) {
    if (one.quantity !== 'temperature_k' && one.quantity !== 'pressure_pa') continue
    const place = findAsset(network, one.asset, one.quantity)
    if (place?.kind !== 'rtu' && place?.kind !== 'node') continue
    const values = onHours(one, grid)
    const node = place.kind === 'rtu' ? (rtus.node[place.index] ?? -1) : place.index
    const zone = place.kind === 'rtu' ? (rtus.zone[place.index] ?? -1) : (nodes.zone[place.index] ?? -1)
    if (place.kind === 'rtu' && isAir(place.index)) {
      if (one.quantity === 'temperature_k') airs.push(values)
      else barometers.push({ height: nodes.heightM[node] ?? 0, values })
    } else if (zone >= 0) (one.quantity === 'temperature_k' ? grounds : pressures)[zone]?.push(values)
  }
  const constant = (value: number) => new Float64Array(grid.hours + 1).fill(value)
  const everyGround = grounds.flat()
  const ground = grounds.map((list) => mean(list) ?? mean(everyGround) ?? constant(assumptions.groundTemperature))
  const law: Ambient = network.document.ambient ?? { law: 'barometric' }
  const barometer = zones.ids.map((_, zone) => {
    const own = members(zones.nodes, zone)
    const height = own.reduce((sum, node) => sum + (nodes.heightM[node] ?? 0), 0) / Math.max(1, own.length)
    const here = ambientPressure(height, law)
    return (
      mean(barometers.map((b) => b.values.map((p) => p * (here / ambientPressure(b.height, law))))) ?? constant(here)
    )
  })
  const linepack = zones.ids.map((_, zone) => {
    const pressure = mean(pressures[zone] ?? [])
    const kelvin = ground[zone] ?? constant(assumptions.groundTemperature)
    const volume = zones.pipeVolumeM3[zone] ?? 0
    if (pressure === undefined) return constant(0)
    return pressure.map(
      (p, h) => ((volume * p) / REFERENCE_PRESSURE_PA) * (REFERENCE_TEMPERATURE_K / (kelvin[h] as number)),
    )
  })
  return {
    air: mean(airs) ?? ground[0] ?? constant(assumptions.groundTemperature),
    airMeasured: airs.length > 0,
    ground,
    barometer,
    barometerMeasured: barometers.length > 0,
    linepack,
  }
}

/** Values at each full hour, on the line between the samples around; the ends are carried on. */
function onHours({ time, value }: TelemetrySeries, grid: PeriodGrid): Float64Array {
  const out = new Float64Array(grid.hours + 1)
  let k = 0
  for (let h = 0; h <= grid.hours; h++) {
    const at = grid.begin + h * HOUR_MS
    while (k < time.length && (time[k] as number) < at) k++
    const after = time[k]
    const before = time[k - 1]
    if (after === undefined) out[h] = value[time.length - 1] as number
    else if (before === undefined || after === at) out[h] = value[k] as number
    else {
      const part = (at - before) / (after - before)
      out[h] = (value[k - 1] as number) * (1 - part) + (value[k] as number) * part
    }
  }
  return out
}

function mean(list: readonly Float64Array[]): Float64Array | undefined {
  const [first] = list
  if (first === undefined) return undefined
  return first.map((_, h) => list.reduce((sum, values) => sum + (values[h] as number), 0) / list.length)
}
