/**
 * Over-flow: more gas through a meter than any sound installation behind it draws (rule `over_flow`).
 * The mean flow between two readings, less one pulse for the rounding of the register, is compared with the cut-off of the
 * meter's size: a mean above it means that some minutes were above it too.
 * @source published table of over-flow cuts by meter size (meter-size.table.ts)
 */
import type { MeterSize } from '../meter-size.table.ts'

/** @returns the least mean flow that explains the advance, m³/h, when it is above the limit of the size; else 0 */
export function overFlow(advanceM3: number, seconds: number, pulseM3: number, size: MeterSize): number {
  const least = ((advanceM3 - pulseM3) / seconds) * 3600
  return least > size.overFlowM3H ? least : 0
}
