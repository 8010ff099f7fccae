import type { METER_KINDS } from '../network/meter-table.ts'
import type { Quantity } from './report.ts'

export type Medium = (typeof METER_KINDS)[number]

/** The register a meter is billed by: gas and water in m³ (corrected where there is a corrector), heat and electricity in J. */
export function registerOf(medium: Medium, corrector: boolean): Quantity {
  switch (medium) {
    case 'electricity':
      return 'active_energy_j'
    case 'heat':
      return 'heat_energy_j'
    default:
      return corrector ? 'standard_index_m3' : 'index_m3'
  }
}

/** More than any register shows: 10¹² m³, or 10¹⁵ J of meters that count to 10⁸ kWh. */
export const mostOf = (register: Quantity): number => (register.endsWith('_j') ? 1e15 : 1e12)
