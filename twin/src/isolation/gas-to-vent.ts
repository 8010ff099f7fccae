import type { Network } from '../network/network.ts'
import { REFERENCE_PRESSURE_PA, REFERENCE_TEMPERATURE_K } from '../units/reference-state.ts'

/**
 * Gas in the pipes between given nodes, m³ at the reference state, as an ideal gas.
 *
 * @param inside    Uint8Array[nodes]; pipes with both ends inside count, and `fault`, the edge at fault
 * @param pressure  Float64Array[nodes], Pa absolute; where it is missing or NaN the zone's working pressure stands in, and the
 *                  highest source pressure where that is not known either
 */
export function gasToVent(network: Network, inside: Uint8Array, fault: number, pressure?: Float64Array): number {
  const { edges, zones, document } = network
  const temperature = document.fluid.temperature_k ?? REFERENCE_TEMPERATURE_K
  const highest = Math.max(REFERENCE_PRESSURE_PA, ...document.sources.map((source) => source.pressure_pa))
  const pressureAt = (node: number): number => {
    const known = pressure?.[node] ?? Number.NaN
    if (!Number.isNaN(known)) return known
    const nominal = zones.nominalPressure[network.nodes.zone[node] ?? -1] ?? Number.NaN
    return Number.isNaN(nominal) ? highest : nominal
  }
  let volume = 0
  for (let edge = 0; edge < edges.first.regulator; edge++) {
    const length = edges.lengthM[edge] ?? Number.NaN
    const diameter = edges.diameterM[edge] ?? Number.NaN
    if (Number.isNaN(length) || Number.isNaN(diameter)) continue
    const from = edges.from[edge] ?? -1
    const to = edges.to[edge] ?? -1
    if ((inside[from] !== 1 || inside[to] !== 1) && edge !== fault) continue
    const mean = (pressureAt(from) + pressureAt(to)) / 2
    volume += (Math.PI / 4) * diameter * diameter * length * (mean / REFERENCE_PRESSURE_PA)
  }
  return volume * (REFERENCE_TEMPERATURE_K / temperature)
}
