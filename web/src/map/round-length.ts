import { printNumber } from '../format/numbers.ts'

/** The longest length of 1, 2, 2.5 or 5 times a power of ten that fits, m. @param longest m, above 0 */
export function roundLength(longest: number): number {
  const power = 10 ** Math.floor(Math.log10(longest))
  return ([5, 2.5, 2, 1].find((f) => f * power <= longest) ?? 1) * power
}

/** A length as people say it. @param metres m */
export const printLength = (metres: number): string =>
  metres >= 1000 ? `${printNumber(metres / 1000, metres % 1000 === 0 ? 0 : 1)} km` : `${printNumber(metres)} m`
