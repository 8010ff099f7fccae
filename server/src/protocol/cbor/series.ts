/** Largest power of ten taken out of a series. */
const MAX_EXPONENT = 9
/** Largest size of a sample in its wire step: the difference of two, folded, stays exact. */
export const MAX_SAMPLE = 2 ** 50

/**
 * A run of samples as a byte string. First a power of ten e (one byte, 0…9, the largest that divides every sample: a register
 * with a 0.1 m³ pulse has few digits that move). Then the first sample and each difference to the one before, divided by 10^e,
 * zigzag-folded (0, −1, 1, −2 … → 0, 1, 2, 3 …) and written in groups of seven bits, low group first, the top bit saying that
 * more follow.
 * @param values integers of at most MAX_SAMPLE in size
 */
export function packSeries(values: readonly number[]): Uint8Array {
  const exponent = exponentOf(values)
  const unit = 10 ** exponent
  const bytes = [exponent]
  let previous = 0
  for (const value of values) {
    const difference = value / unit - previous
    previous = value / unit
    let rest = difference < 0 ? -2 * difference - 1 : 2 * difference
    while (rest >= 128) {
      bytes.push(128 + (rest % 128))
      rest = Math.floor(rest / 128)
    }
    bytes.push(rest)
  }
  return Uint8Array.from(bytes)
}

function exponentOf(values: readonly number[]): number {
  let exponent = 0
  while (exponent < MAX_EXPONENT && values.every((value) => value % 10 ** (exponent + 1) === 0)) exponent++
  return exponent
}

/**
 * Mirror of `packSeries`; undefined when there is no sample, a number is cut, not in its shortest form or above MAX_SAMPLE, or
 * the power of ten is not the largest.
 */
export function unpackSeries(bytes: Uint8Array): number[] | undefined {
  const exponent = bytes[0] ?? MAX_EXPONENT + 1
  if (exponent > MAX_EXPONENT) return undefined
  const unit = 10 ** exponent
  const values: number[] = []
  let value = 0
  let folded = 0
  let weight = 1
  for (let i = 1; i < bytes.length; i++) {
    const byte = bytes[i] as number
    folded += (byte & 0x7f) * weight
    if (byte >= 128) {
      weight *= 128
      if (weight > 2 ** 49) return undefined
      continue
    }
    if ((byte === 0 && weight > 1) || folded > Number.MAX_SAFE_INTEGER) return undefined
    value += folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
    if (Math.abs(value * unit) > MAX_SAMPLE) return undefined
    values.push(value * unit)
    folded = 0
    weight = 1
  }
  return weight === 1 && values.length > 0 && exponent === exponentOf(values) ? values : undefined
}
