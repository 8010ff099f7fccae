/** Tells hours [from, to) of a flow as if nobody had measured them; undefined where it cannot. */
export type SpellGuess = (from: number, to: number) => Float64Array | undefined

/** A flow by the hour, m³, of which some hours were measured. */
export interface MeasuredFlow {
  readonly volume: Float64Array
  readonly measured: Uint8Array
}

const AROUND_DAYS = 7
const AROUND_H = AROUND_DAYS * 24
/** A share of something else is told from so many hours. */
const LEAST_HOURS = 12

/**
 * On the line between the neighbours, bent as that hour of the day was bent on the days around.
 * @param beside a flow that is known, m³ by the hour: the line is drawn through what is left
 */
export function lineGuess({ volume, measured }: MeasuredFlow, beside: Float64Array): SpellGuess {
  const hours = volume.length
  const rest = volume.map((v, h) => v - (beside[h] as number))
  const line = (h: number, a: number, b: number) =>
    (rest[a] as number) + (((rest[b] as number) - (rest[a] as number)) * (h - a)) / (b - a)
  return (from, to) => {
    let a = from - 1
    while (a >= 0 && measured[a] !== 1) a--
    let b = to
    while (b < hours && measured[b] !== 1) b++
    if (a < 0 || b >= hours) return undefined
    return Float64Array.from({ length: to - from }, (_, i) => {
      const h = from + i
      let bend = 0
      let days = 0
      for (let day = -AROUND_DAYS; day <= AROUND_DAYS; day++) {
        const [at, left, right] = [h + 24 * day, a + 24 * day, b + 24 * day]
        const isInside = at >= from && at < to
        if (isInside || left < 0 || right >= hours) continue
        if (measured[at] !== 1 || measured[left] !== 1 || measured[right] !== 1) continue
        bend += (rest[at] as number) - line(at, left, right)
        days += 1
      }
      return line(h, a, b) + (days > 0 ? bend / days : 0) + (beside[h] as number)
    })
  }
}

/** As that hour of the day was on the days around. */
export function usualGuess({ volume, measured }: MeasuredFlow): SpellGuess {
  const hours = volume.length
  return (from, to) => {
    const guess = new Float64Array(to - from)
    for (let h = from; h < to; h++) {
      let sum = 0
      let days = 0
      for (let day = -AROUND_DAYS; day <= AROUND_DAYS; day++) {
        const at = h + 24 * day
        if (at < 0 || at >= hours || measured[at] !== 1 || (at >= from && at < to)) continue
        sum += volume[at] as number
        days += 1
      }
      if (days === 0) return undefined
      guess[h - from] = sum / days
    }
    return guess
  }
}

/**
 * The part of what the zone behind needs that came this way in the weeks around.
 * @param need m³ by the hour
 */
export function needGuess({ volume, measured }: MeasuredFlow, need: Float64Array): SpellGuess {
  const hours = volume.length
  const sums = {
    volume: new Float64Array(hours + 1),
    need: new Float64Array(hours + 1),
    known: new Float64Array(hours + 1),
  }
  for (let h = 0; h < hours; h++) {
    const known = measured[h] === 1 ? 1 : 0
    sums.volume[h + 1] = (sums.volume[h] as number) + known * (volume[h] as number)
    sums.need[h + 1] = (sums.need[h] as number) + known * (need[h] as number)
    sums.known[h + 1] = (sums.known[h] as number) + known
  }
  return (from, to) => {
    const [begin, end] = [Math.max(0, from - AROUND_H), Math.min(hours, to + AROUND_H)]
    const around = (of: Float64Array) =>
      (of[end] as number) - (of[to] as number) + (of[from] as number) - (of[begin] as number)
    const needed = around(sums.need)
    if (around(sums.known) < LEAST_HOURS || needed <= 0) return undefined
    const share = around(sums.volume) / needed
    return need.subarray(from, to).map((v) => share * v)
  }
}
