import { NONE, printMeasure, printNumber } from './numbers.ts'
import type { DurationWords } from './time.ts'
import { printDuration } from './time.ts'
import { differenceKpa, flowM3H, pressureKpaG, temperatureC } from './units.ts'

export interface ScreenUnit {
  /** As it stands behind the number; empty for durations, which carry their own. */
  readonly unit: string
  readonly convert: (si: number) => number
  readonly digits?: number
}

/** What a number is about, when the unit alone does not tell: a pressure or a difference of pressures, a count or a ratio. */
export type QuantityHint = 'absolute' | 'difference' | 'lel' | 'ratio'

/** SI unit of the contract → unit of the screen. Units nobody has listed are shown as they came. */
export function screenUnit(unit: string, hint: QuantityHint = 'absolute'): ScreenUnit {
  switch (unit) {
    case 'Pa':
      return { unit: 'kPa', convert: hint === 'difference' ? differenceKpa : pressureKpaG }
    case 'Pa/s':
      return { unit: 'kPa/min', convert: (v) => differenceKpa(v) * 60 }
    case 'm3/s':
      return { unit: 'm³/h', convert: flowM3H }
    case 'm3':
      return { unit: 'm³', convert: (v) => v }
    case 'K':
      return { unit: '°C', convert: temperatureC, digits: 1 }
    case '1':
      if (hint === 'lel' || hint === 'ratio')
        return { unit: hint === 'lel' ? '% LEL' : '%', convert: (v) => v * 100, digits: hint === 'lel' ? 0 : 1 }
      return { unit: '', convert: (v) => v, digits: 0 }
    case 'm':
      return { unit: 'mm', convert: (v) => v * 1000, digits: 0 }
    default:
      return { unit, convert: (v) => v }
  }
}

/** `0.82 kPa`, `412 m³/h`, `22 min`. */
export function printQuantity(
  value: number | null | undefined,
  unit: string,
  words: DurationWords,
  hint: QuantityHint = 'absolute',
): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE
  if (unit === 's') return printDuration(value * 1000, words)
  const screen = screenUnit(unit, hint)
  const number = screen.convert(value)
  const text = screen.digits === undefined ? printMeasure(number) : printNumber(number, screen.digits)
  return screen.unit === '' ? text : `${text}\u00a0${screen.unit}`
}

/** SI unit of a quantity of the twin, as the series and the device panel name it. */
export function unitOfQuantity(quantity: string): { readonly unit: string; readonly hint: QuantityHint } {
  if (quantity.startsWith('gas_lel')) return { unit: '1', hint: 'lel' }
  if (quantity.endsWith('_pa')) return { unit: 'Pa', hint: 'absolute' }
  if (quantity.endsWith('_m3_s')) return { unit: 'm3/s', hint: 'absolute' }
  if (quantity.endsWith('_m3')) return { unit: 'm3', hint: 'absolute' }
  if (quantity.endsWith('_k')) return { unit: 'K', hint: 'absolute' }
  if (quantity.endsWith('_volt')) return { unit: 'V', hint: 'absolute' }
  if (quantity.endsWith('_dbm')) return { unit: 'dBm', hint: 'absolute' }
  if (quantity.endsWith('_db')) return { unit: 'dB', hint: 'absolute' }
  return { unit: '', hint: 'absolute' }
}
