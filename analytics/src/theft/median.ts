/** The value at a share (0 … 1) of ascending numbers, between neighbours in proportion; NaN when there are none. */
export function quantileOf(ascending: ArrayLike<number>, share: number): number {
  const last = ascending.length - 1
  if (last < 0) return Number.NaN
  const place = share * last
  const below = Math.floor(place)
  const low = ascending[below] as number
  const high = ascending[Math.min(last, below + 1)] as number
  return low + (high - low) * (place - below)
}

/** Half of the numbers lie below; the array given is put in order. */
export function sortForMedian(numbers: Float64Array): number {
  return quantileOf(numbers.sort(), 0.5)
}
