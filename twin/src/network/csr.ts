/** Members per row, compressed: those of row i are `item[start[i]] … item[start[i + 1] − 1]`. */
export interface Csr {
  readonly start: Int32Array
  readonly item: Int32Array
}

/** Members of one row, without copying. */
export function members(csr: Csr, row: number): Int32Array {
  return csr.item.subarray(csr.start[row] ?? 0, csr.start[row + 1] ?? 0)
}

/**
 * Groups things by a key: the reverse of "each thing knows its owner".
 * @param keys owner of each thing, −1 for none; several columns when a thing has several owners (an edge has two ends)
 */
export function groupBy(rows: number, ...keys: readonly Int32Array[]): Csr {
  const start = new Int32Array(rows + 1)
  for (const column of keys) for (const key of column) if (key >= 0) start[key + 1] = (start[key + 1] ?? 0) + 1
  for (let i = 0; i < rows; i++) start[i + 1] = (start[i + 1] ?? 0) + (start[i] ?? 0)
  const next = start.slice()
  const item = new Int32Array(start[rows] ?? 0)
  const longest = Math.max(0, ...keys.map((column) => column.length))
  for (let thing = 0; thing < longest; thing++) {
    for (const column of keys) {
      const key = column[thing] ?? -1
      if (key < 0) continue
      const at = next[key] ?? 0
      item[at] = thing
      next[key] = at + 1
    }
  }
  return { start, item }
}
