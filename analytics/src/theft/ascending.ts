/** Up to so many numbers are put in order by insertion: calling the engine's own sort costs more than the work. */
const FEW = 64

/** Puts the first so many of the numbers in ascending order; none of them is NaN. */
export function sortFirst(numbers: Float64Array, count: number): void {
  if (count > FEW) {
    numbers.subarray(0, count).sort()
    return
  }
  for (let i = 1; i < count; i++) {
    const value = numbers[i] as number
    let place = i
    while (place > 0 && (numbers[place - 1] as number) > value) {
      numbers[place] = numbers[place - 1] as number
      place -= 1
    }
    numbers[place] = value
  }
}

/** The value at a share (0 … 1) of ascending numbers `from` … `to` − 1, between neighbours in proportion. */
export function quantileWithin(ascending: Float64Array, from: number, to: number, share: number): number {
  const place = share * (to - from - 1)
  const below = Math.floor(place)
  const low = ascending[from + below] as number
  return low + ((ascending[Math.min(to - 1, from + below + 1)] as number) - low) * (place - below)
}

/**
 * Middle of the distances of ascending numbers `from` … `to` − 1 from a value within them: the distances grow to both
 * sides, so that merging the sides from there puts them in order.
 */
export function medianDistance(ascending: Float64Array, from: number, to: number, value: number): number {
  const place = 0.5 * (to - from - 1)
  const below = Math.floor(place)
  let above = from
  while (above < to && (ascending[above] as number) < value) above += 1
  let under = above - 1
  let low = 0
  let high = 0
  for (let taken = 0; taken <= below + 1 && (under >= from || above < to); taken++) {
    const down = under >= from ? Math.abs((ascending[under] as number) - value) : Number.POSITIVE_INFINITY
    const up = above < to ? Math.abs((ascending[above] as number) - value) : Number.POSITIVE_INFINITY
    if (up < down) above += 1
    else under -= 1
    high = Math.min(up, down)
    if (taken <= below) low = high
  }
  return low + (high - low) * (place - below)
}
