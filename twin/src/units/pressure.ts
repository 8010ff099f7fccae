import type { Ambient } from '../network/network-document.ts'

const PA_PER_KPA = 1000
const PA_PER_BAR = 100_000

/** Pa absolute from kPa gauge. @param ambient pressure of the air at the instrument, Pa absolute */
export function pascalFromKpaG(kpaG: number, ambient: number): number {
  return kpaG * PA_PER_KPA + ambient
}
/** kPa gauge from Pa absolute. @param ambient pressure of the air at the instrument, Pa absolute */
export function kpaGFromPascal(pressure: number, ambient: number): number {
  return (pressure - ambient) / PA_PER_KPA
}
/** Pa absolute from kPa absolute. */
export function pascalFromKpa(kpa: number): number {
  return kpa * PA_PER_KPA
}
/** kPa absolute from Pa absolute. */
export function kpaFromPascal(pressure: number): number {
  return pressure / PA_PER_KPA
}
/** Pa absolute from bar absolute. */
export function pascalFromBar(bar: number): number {
  return bar * PA_PER_BAR
}
/** bar absolute from Pa absolute. */
export function barFromPascal(pressure: number): number {
  return pressure / PA_PER_BAR
}

/**
 * Pressure of the air, Pa absolute.
 * @param heightM m above sea level
 * @param law of the network document; barometric when none is given
 * @source barometric: 101 325·(1 − 0.0065 h / 288.15)^5.255, troposphere of the standard atmosphere (ISO 2533)
 */
export function ambientPressure(heightM: number, law: Ambient = { law: 'barometric' }): number {
  switch (law.law) {
    case 'barometric':
      return 101_325 * (1 - (0.0065 * heightM) / 288.15) ** 5.255
    case 'linear':
      return law.at_zero_pa + law.slope_pa_per_m * heightM
    case 'constant':
      return law.pressure_pa
  }
}
