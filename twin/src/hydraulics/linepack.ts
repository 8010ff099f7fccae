import { compressibilityAt } from '../gas/compressibility.ts'
import { meanPressure } from '../gas/density.ts'
import type { HydraulicModel } from './hydraulic-model.ts'

/**
 * Fluid held in every pipe: of a gas, volume · mean pressure / (Z R_s T).
 *
 * @param pressure  Float64Array[nodes], Pa absolute; NaN where unknown
 * @param out       Float64Array[edges], kg; NaN where the pressure is not known, 0 for edges without volume; overwritten
 * @returns kg in all pipes whose pressure is known
 */
export function linepack(model: HydraulicModel, pressure: Float64Array, out: Float64Array): number {
  const { edges, from, to, area, network } = model
  let total = 0
  for (let edge = 0; edge < edges; edge++) {
    const volume = area[edge] === 0 ? 0 : (area[edge] as number) * (network.edges.lengthM[edge] as number)
    if (volume === 0) {
      out[edge] = 0
      continue
    }
    const mean = meanPressure(pressure[from[edge] as number] as number, pressure[to[edge] as number] as number)
    const mass = volume * densityAt(model, edge, mean)
    out[edge] = mass
    if (!Number.isNaN(mass)) total += mass
  }
  return total
}

/**
 * Mean velocity in every pipe, at its mean pressure.
 * @param out  Float64Array[edges], m/s, positive from → to; NaN where the pressure is unknown or the edge has no bore
 */
export function velocities(
  model: HydraulicModel,
  pressure: Float64Array,
  massFlow: Float64Array,
  out: Float64Array,
): void {
  const { edges, from, to, area } = model
  for (let edge = 0; edge < edges; edge++) {
    const mean = meanPressure(pressure[from[edge] as number] as number, pressure[to[edge] as number] as number)
    const density = densityAt(model, edge, mean)
    out[edge] = area[edge] === 0 ? Number.NaN : (massFlow[edge] as number) / (density * (area[edge] as number))
  }
}

/** kg/m³ in an edge at a pressure, Pa absolute; NaN stays NaN. */
function densityAt(
  { liquidDensity, compressibility, gasEnergy }: HydraulicModel,
  edge: number,
  pressure: number,
): number {
  if (liquidDensity > 0) return Number.isNaN(pressure) ? pressure : liquidDensity
  return pressure / (compressibilityAt(compressibility, pressure) * (gasEnergy[edge] as number))
}
