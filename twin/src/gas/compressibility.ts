import type { Compressibility } from '../network/network-document.ts'

const PA_PER_BAR = 100_000

/** A compressibility law with its numbers laid out for use in an inner loop. */
export interface CompressibilityLaw {
  readonly kind: 'constant' | 'linear' | 'inverse_linear' | 'papay'
  readonly a: number
  readonly b: number
  readonly c: number
}

/**
 * Prepares a law of the network document at a temperature, K. Without a law the gas is ideal.
 * @source Papay's form as given in Koch et al., Evaluating Gas Network Capacities (2015), section 2.3
 */
export function compressibilityLaw(law: Compressibility | null | undefined, temperature: number): CompressibilityLaw {
  switch (law?.law) {
    case undefined:
      return { kind: 'constant', a: 1, b: 0, c: 0 }
    case 'constant':
      return { kind: 'constant', a: law.z, b: 0, c: 0 }
    case 'linear':
      return { kind: 'linear', a: law.offset, b: law.slope_per_bar / PA_PER_BAR, c: 0 }
    case 'inverse_linear':
      return { kind: 'inverse_linear', a: law.b1, b: law.b2_per_pa, c: 0 }
    case 'papay': {
      const reduced = temperature / law.critical_temperature_k
      return {
        kind: 'papay',
        a: 1,
        b: (-3.52 * Math.exp(-2.26 * reduced)) / law.critical_pressure_pa,
        c: (0.274 * Math.exp(-1.878 * reduced)) / law.critical_pressure_pa ** 2,
      }
    }
  }
}

/** Compressibility Z at an absolute pressure, Pa. */
export function compressibilityAt(law: CompressibilityLaw, pressure: number): number {
  if (law.kind === 'inverse_linear') return 1 / (law.a + law.b * pressure)
  return law.a + (law.b + law.c * pressure) * pressure
}

/** dZ/dp, 1/Pa. */
export function compressibilitySlope(law: CompressibilityLaw, pressure: number): number {
  if (law.kind !== 'inverse_linear') return law.b + 2 * law.c * pressure
  const z = compressibilityAt(law, pressure)
  return -law.b * z * z
}

/**
 * The CNGA law for a gas of given gravity (molar mass relative to air) at a temperature, K: 1/Z = b1 + b2·p.
 * @source California Natural Gas Association form, SI constants as used by GasModels and GasSteadySim
 */
export function cngaCompressibility(specificGravity: number, temperature: number): Compressibility {
  const slope = (344_400 * 10 ** (1.785 * specificGravity)) / (6894.757_29 * (1.8 * temperature) ** 3.825)
  return { law: 'inverse_linear', b1: 1 + 101_350 * slope, b2_per_pa: slope }
}
