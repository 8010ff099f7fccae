import type { FieldValue } from './field.ts'
import { UNIT_CODES, UNITS, type UnitName, type UnitScale } from './units.table.ts'

const UNREADABLE: readonly [UnitName, number] = ['none', Number.NaN]

/** The unit of a number that was read and how many of it one step counts; a unit byte that is not known gives NaN steps. */
export const unitOf = ({ spec, unitCode }: FieldValue): readonly [unit: UnitName, times: number] => {
  if (spec.kind !== 'number') return UNREADABLE
  return spec.unit === 'coded' ? (UNIT_CODES.get(unitCode) ?? UNREADABLE) : [spec.unit, 1]
}

/** A number in its own unit, as the meter shows it; NaN when it cannot be read. */
export const shownValue = (value: FieldValue): number =>
  value.spec.kind === 'number' ? (value.raw * unitOf(value)[1]) / 10 ** value.spec.decimals : value.raw

/** A number in SI, as quantities of a report are; NaN when it or its unit cannot be read. */
export function siValue(value: FieldValue): number {
  const { spec, raw } = value
  if (spec.kind !== 'number') return Number.NaN
  const [name, times] = unitOf(value)
  const { factor, offset = 0 }: UnitScale = UNITS[name]
  const steps = 10 ** spec.decimals
  // One division of whole numbers rounds once: 6.4 L are 0.0064 m³, which the product with 0.001 is not.
  return (factor < 1 ? (raw * times) / (steps * Math.round(1 / factor)) : (raw * times * factor) / steps) + offset
}
