/**
 * A run of samples as a byte string: the first value, then each difference to the one before, every number zigzag-folded
 * (0, −1, 1, −2 … → 0, 1, 2, 3 …) and written in groups of seven bits, low group first, the top bit saying that more follow.
 * A register that advances evenly costs one or two bytes a sample.
 * @param values integers of at most 2⁵¹ in size
 */
export function packSeries(values: readonly number[]): Uint8Array {
  const bytes: number[] = []
  let previous = 0
  for (const value of values) {
    const difference = value - previous
    previous = value
    let rest = difference < 0 ? -2 * difference - 1 : 2 * difference
    while (rest >= 128) {
      bytes.push(128 + (rest % 128))
      rest = Math.floor(rest / 128)
    }
    bytes.push(rest)
  }
  return Uint8Array.from(bytes)
}

/** Mirror of `packSeries`; undefined when a number is cut, not in its shortest form, or leaves 53 bits. */
export function unpackSeries(bytes: Uint8Array): number[] | undefined {
  const values: number[] = []
  let value = 0
  let folded = 0
  let weight = 1
  for (const byte of bytes) {
    folded += (byte & 0x7f) * weight
    if (byte >= 128) {
      weight *= 128
      if (weight > 2 ** 49) return undefined
      continue
    }
    if (byte === 0 && weight > 1) return undefined
    if (folded > Number.MAX_SAFE_INTEGER) return undefined
    value += folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
    if (!Number.isSafeInteger(value)) return undefined
    values.push(value)
    folded = 0
    weight = 1
  }
  return weight === 1 ? values : undefined
}
