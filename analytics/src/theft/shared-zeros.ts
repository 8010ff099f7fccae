import type { DayPanel } from './day-panel.ts'

const WINDOW = 28
const LARGEST_TABLE = 22

/**
 * How common the pattern of a customer's zero days is: the logarithm of one plus the number of others, of ten thousand,
 * who used nothing on exactly the same days (windows of 28 days, mean over them). Zeros shared with many are the
 * network's or the reading's; zeros shared with nobody are the customer's own.
 * @returns Float32Array[rows]
 */
export function sharedZeros(panel: DayPanel): Float32Array {
  const { rows, days, values } = panel
  const out = new Float32Array(rows)
  const windows = Math.max(1, Math.floor(days / WINDOW))
  const places = new Uint32Array(rows)
  // Sixteen places a row keep patterns that are not the same apart; more would only wear out the cache.
  const counts = new Uint32Array(1 << Math.min(LARGEST_TABLE, Math.max(14, Math.ceil(Math.log2(rows + 1)) + 4)))
  for (let window = 0; window < windows; window++) {
    counts.fill(0)
    const from = window === windows - 1 ? Math.max(0, days - Math.max(WINDOW, days - window * WINDOW)) : window * WINDOW
    const to = Math.min(days, window === windows - 1 ? days : from + WINDOW)
    for (let row = 0; row < rows; row++) {
      let hash = 0x2545f491
      for (let i = row * days + from; i < row * days + to; i++) {
        hash = Math.imul(hash ^ ((values[i] as number) === 0 ? 1 : 2), 0x01000193)
        hash ^= hash >>> 13
      }
      const place = (Math.imul(hash, 0x2c1b3c6d) >>> 8) & (counts.length - 1)
      places[row] = place
      counts[place] = (counts[place] as number) + 1
    }
    const perOther = rows > 1 ? 10_000 / (rows - 1) : 0
    for (let row = 0; row < rows; row++)
      out[row] = (out[row] as number) + Math.log1p(((counts[places[row] as number] as number) - 1) * perOther) / windows
  }
  return out
}
