import { isLoose, type Loose } from '../fields.ts'
import { ImportFault } from '../imported.ts'
import { parseJson } from '../loose-json.ts'

/** A value as pandas and pandapipes write it: objects may hold their content as JSON text in `_object`. */
export function unpack(value: unknown): unknown {
  if (!isLoose(value) || !('_object' in value)) return value
  const inner = value['_object']
  if (typeof inner !== 'string') return inner
  const text = inner.trimStart()
  if (!text.startsWith('{') && !text.startsWith('[')) return inner
  try {
    return parseJson(inner)
  } catch {
    return inner
  }
}

/** One row of a table: its cells by column, and the index that other tables name it by. */
export interface FrameRow {
  readonly index: number
  readonly cells: Loose
}

/**
 * Rows of a pandas table in `split` orientation, or by columns; none when the net has no such table.
 * @throws ImportFault when the table is of another shape
 */
export function rowsOf(net: Loose, table: string): readonly FrameRow[] {
  const frame = unpack(net[table])
  if (frame === undefined || frame === null) return []
  if (!isLoose(frame)) throw new ImportFault(`table ${table} is no pandas table`)
  const { columns, index, data } = frame
  if (!Array.isArray(columns) || !Array.isArray(index) || !Array.isArray(data))
    throw new ImportFault(`table ${table} is not in "split" orientation`)
  return data.map((values: unknown, i) => ({
    index: Number(index[i]),
    cells: Object.fromEntries(
      columns.map((column, c) => [String(column), Array.isArray(values) ? values[c] : undefined]),
    ),
  }))
}

/**
 * Ids of junctions by their index: the names where they are unique, those of pipes too (parallel ones may share one), else n0, n1, … and p0, p1, …
 */
export interface Names {
  readonly nodeOf: ReadonlyMap<number, string>
  readonly named: boolean
}

export function inService(row: FrameRow): boolean {
  return row.cells['in_service'] !== false
}
