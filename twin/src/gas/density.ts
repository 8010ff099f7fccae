import type { Fluid } from '../network/network-document.ts'
import { REFERENCE_PRESSURE_PA, REFERENCE_TEMPERATURE_K } from '../units/reference-state.ts'

const MOLAR_GAS_CONSTANT = 8.314_462_618
/** Natural gas, where a document says nothing. */
const ASSUMED_DENSITY_KG_M3 = 0.7

/**
 * Specific gas constant, J/(kg K): pressure = density · constant · temperature · Z. A density at a stated state is taken with
 * Z = 1 there, as reference programs do.
 */
export function specificGasConstant(fluid: Fluid): number {
  if (fluid.density_kg_m3 == null && fluid.molar_mass_kg_mol != null)
    return (fluid.gas_constant_j_mol_k ?? MOLAR_GAS_CONSTANT) / fluid.molar_mass_kg_mol
  const state = fluid.density_state ?? { pressure_pa: REFERENCE_PRESSURE_PA, temperature_k: REFERENCE_TEMPERATURE_K }
  return state.pressure_pa / ((fluid.density_kg_m3 ?? ASSUMED_DENSITY_KG_M3) * state.temperature_k)
}

/** Density at the reference state of gastwin, kg/m³: turns kg/s into m³/s as counted. */
export function referenceDensity(fluid: Fluid): number {
  return REFERENCE_PRESSURE_PA / (specificGasConstant(fluid) * REFERENCE_TEMPERATURE_K)
}

/**
 * Mean absolute pressure of a pipe from those at its ends, Pa: that whose density gives the pipe's content.
 * 2/3 (p1³ − p2³)/(p1² − p2²) without the division 0/0 at equal ends.
 */
export function meanPressure(p1: number, p2: number): number {
  const sum = p1 + p2
  return (2 / 3) * (sum - (p1 * p2) / sum)
}
