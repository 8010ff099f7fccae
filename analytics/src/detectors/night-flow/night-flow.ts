/**
 * Night flow: a customer whose register runs at night although it used not to (rule `night_flow`), for meters that are read
 * several times a night. Told after a number of nights in a row with a flow above the starting flow of the meter and above a
 * multiple of the customer's own usual nights, which are learnt first: hotels and bakeries work at night.
 * @source night minimum above the starting flow on 7 nights: our default; starting flows: draft standard for household meters
 * §5.3.2
 */

import type { RegisterSettings } from '../meter-register/register-settings.ts'
import type { MeterSize } from '../meter-size.table.ts'

/** @param usual the customer's own mean of quiet nights, m³/h @returns the night flow from which a night counts, m³/h */
export function nightLimit(usual: number, size: MeterSize, settings: RegisterSettings['night']): number {
  return Math.max(size.startingM3H, settings.factor * usual)
}
