/** Ratio of specific heats of natural gas. */
const KAPPA = 1.31
const CRITICAL_RATIO = (2 / (KAPPA + 1)) ** (KAPPA / (KAPPA - 1))
const CHOKED = Math.sqrt(KAPPA) * (2 / (KAPPA + 1)) ** ((KAPPA + 1) / (2 * (KAPPA - 1)))
/** A ragged hole passes less than its area. */
const DISCHARGE = 0.8

/**
 * Gas out of a hole, kg/s: isentropic nozzle, choked above about 1.83 times the outside pressure.
 * @param area m²
 * @param pressure Pa absolute inside
 * @param outside Pa absolute
 * @param gasEnergy R_s T, J/kg
 * @source textbook nozzle flow; e.g. TNO Yellow Book CPR 14E, 2.5.2.3
 */
export function holeOutflow(area: number, pressure: number, outside: number, gasEnergy: number): number {
  if (!(pressure > outside) || area <= 0) return 0
  const ratio = outside / pressure
  const scale = (DISCHARGE * area * pressure) / Math.sqrt(gasEnergy)
  if (ratio <= CRITICAL_RATIO) return scale * CHOKED
  const drop = ratio ** (2 / KAPPA) - ratio ** ((KAPPA + 1) / KAPPA)
  return scale * Math.sqrt(((2 * KAPPA) / (KAPPA - 1)) * Math.max(0, drop))
}
