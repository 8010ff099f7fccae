import { MAXIMUM_FLOW_M3_H } from '../../city/meters.ts'

/** Starting and minimum flow by size, m³/h at working conditions. @source S2 §5.3.2 flow table for G1.6–G6 */
const HOUSEHOLD_M3_H: Readonly<Record<string, readonly [starting: number, minimum: number]>> = {
  'G1.6': [0.003, 0.016],
  'G2.5': [0.005, 0.025],
  G4: [0.005, 0.04],
  G6: [0.008, 0.06],
}

/** What a meter makes of a flow, at working conditions, m³/s. */
export interface MeterRange {
  /** Below this it stands still. */
  readonly starting: number
  /** Below this it counts too little. */
  readonly minimum: number
  readonly maximum: number
}

/** Range of a meter size; from G65 on turbine and rotary meters with a turn-down of 20, below diaphragm meters. */
export function meterRange(size: string): MeterRange {
  const maximum = (MAXIMUM_FLOW_M3_H[size] ?? 10) / 3600
  const household = HOUSEHOLD_M3_H[size]
  if (household !== undefined) return { starting: household[0] / 3600, minimum: household[1] / 3600, maximum }
  const turnDown = maximum * 3600 >= 100 ? 20 : 150
  return { starting: maximum / turnDown / 6, minimum: maximum / turnDown, maximum }
}

/** Counted over true volume at a flow, without the meter's own gain: 0 below the starting flow, 1 above the minimum. */
export function countedShare(range: MeterRange, flow: number): number {
  if (flow < range.starting) return 0
  if (flow >= range.minimum) return flow > 1.2 * range.maximum ? 0.97 : 1
  return 0.55 + 0.45 * ((flow - range.starting) / (range.minimum - range.starting))
}
