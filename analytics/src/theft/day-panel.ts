/** Daily consumption of many customers over the same days. */
export interface DayPanel {
  readonly rows: number
  readonly days: number
  /** Float32Array[rows × days], row after row, in units of the meter a day; NaN is a missing value. */
  readonly values: Float32Array
  /** Day of the week of the first column, 0 … 6; where the days carry no date any weekday does. */
  readonly firstWeekday: number
}

/** Fewest days that a course can be judged by. */
export const LEAST_DAYS = 7

/** The rows of a panel in the order given. */
export function pickRows(panel: DayPanel, rows: ArrayLike<number>): DayPanel {
  return { ...panel, rows: rows.length, values: pickTableRows(panel.values, panel.days, rows) }
}

/** The chosen rows of a table. @param values Float32Array[rows × columns] */
export function pickTableRows(values: Float32Array, columns: number, rows: ArrayLike<number>): Float32Array {
  const out = new Float32Array(rows.length * columns)
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * columns
    out.set(values.subarray(from, from + columns), i * columns)
  }
  return out
}

/**
 * A number for each row that identical rows share: two customers with the same course are one case to a model, and must
 * not stand on both sides of a split. Depends on nothing but the row's values.
 */
export function courseHashes(panel: DayPanel): Uint32Array {
  const bits = new Uint32Array(panel.values.buffer, panel.values.byteOffset, panel.values.length)
  const hashes = new Uint32Array(panel.rows)
  for (let row = 0; row < panel.rows; row++) {
    let hash = 0x811c9dc5
    for (let i = row * panel.days; i < (row + 1) * panel.days; i++) {
      const value = panel.values[i] as number
      hash = Math.imul(hash ^ (Number.isNaN(value) ? 0x7fc00000 : (bits[i] as number)), 0x01000193)
      hash ^= hash >>> 15
      hash = Math.imul(hash, 0x2c1b3c6d)
    }
    hashes[row] = (hash ^ (hash >>> 13)) >>> 0
  }
  return hashes
}
