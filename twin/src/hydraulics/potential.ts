import type { HydraulicModel } from './hydraulic-model.ts'

/** What the solver works in: squared pressure of a gas (Pa²), pressure of a liquid (Pa). */
export function potentialOf(model: HydraulicModel, pressure: number): number {
  return model.liquidDensity > 0 ? pressure : pressure * pressure
}

/** Pa absolute; a gas below zero has none left: 0. */
export function pressureOf(model: HydraulicModel, potential: number): number {
  return model.liquidDensity > 0 ? potential : Math.sqrt(Math.max(0, potential))
}
