import { REFERENCE_PRESSURE_PA, REFERENCE_TEMPERATURE_K } from './reference-state.ts'

const SECONDS_PER_HOUR = 3600

/** m³/s from m³/h, at whatever state both are. */
export function m3sFromM3h(flowM3H: number): number {
  return flowM3H / SECONDS_PER_HOUR
}
/** m³/h from m³/s, at whatever state both are. */
export function m3hFromM3s(flow: number): number {
  return flow * SECONDS_PER_HOUR
}

/**
 * How many m³ at the reference state one m³ at working conditions holds.
 * @param pressure Pa absolute, at the meter
 * @param temperature K, of the gas in the meter
 * @param z compressibility at working conditions over that at the reference state, 1 for low pressure
 * @source real gas law: V₀ = V · p/p₀ · T₀/T · Z₀/Z
 */
export function conversionFactor(pressure: number, temperature: number, z = 1): number {
  return (pressure / REFERENCE_PRESSURE_PA) * (REFERENCE_TEMPERATURE_K / temperature) * (1 / z)
}

/** m³ at the reference state from m³ counted at 273.15 K and 101 325 Pa, the normal state of many European sources. */
export function fromNormalM3(normalM3: number): number {
  return normalM3 * (REFERENCE_TEMPERATURE_K / 273.15)
}
