import type { HydraulicModel } from '@gastwin/twin'

export const USUAL_ROUGHNESS_ERROR = 0.3
export const USUAL_RESISTANCE_ERROR = 0.02

/** Logarithm's slope of the rough law's friction factor by the roughness. @source λ = (1.14 − 2 lg(k/D))⁻² */
function slopeByRoughness(relativeRoughness: number): number {
  return 4 / Math.LN10 / (1.14 - 2 * Math.log10(relativeRoughness))
}

/**
 * Standard deviation of the logarithm of each edge's friction factor before anything was measured.
 * @param roughnessError  bound of the relative error of the roughness
 * @param otherError      one standard deviation of all other relative errors
 */
export function frictionSigma(
  model: HydraulicModel,
  roughnessError = USUAL_ROUGHNESS_ERROR,
  otherError = USUAL_RESISTANCE_ERROR,
): Float64Array {
  const sigma = new Float64Array(model.edges)
  for (let edge = 0; edge < model.edges; edge++) {
    const k = model.relativeRoughness[edge] as number
    if (!(k > 0)) continue
    sigma[edge] = Math.hypot((roughnessError / Math.sqrt(3)) * slopeByRoughness(k), otherError)
  }
  return sigma
}

/** Logarithm of the factor by which a pipe's loss changes when its inner diameter is another, roughness and flow alike. */
export function diameterShift(model: HydraulicModel, edge: number, diameterM: number, otherM: number): number {
  const k = (model.relativeRoughness[edge] as number) * diameterM
  const lambda = (d: number) => (1.14 - 2 * Math.log10(k / d)) ** -2
  return Math.log((diameterM / otherM) ** 5 * (lambda(otherM) / lambda(diameterM)))
}
