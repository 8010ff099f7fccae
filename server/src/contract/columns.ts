/**
 * `GMC1`: named typed columns in one body, for the map's geometry and state snapshots. Little-endian:
 * 4 bytes magic "GMC1", u32 length of a UTF-8 JSON header, the header padded with spaces so that data begins at a multiple of 8,
 * then each column at a multiple of 8. Header: `{ columns: [{ name, type, offset, length }], meta }`, offset in bytes from the start
 * of the body, length in elements.
 */
export type Column = Float32Array | Float64Array | Uint8Array | Uint16Array | Uint32Array | Int32Array
type ColumnType = 'f32' | 'f64' | 'u8' | 'u16' | 'u32' | 'i32'
interface ColumnEntry {
  readonly name: string
  readonly type: ColumnType
  readonly offset: number
  readonly length: number
}

const MAGIC = 0x31434d47
const WIDTH: Record<ColumnType, number> = { f32: 4, f64: 8, u8: 1, u16: 2, u32: 4, i32: 4 }
const up8 = (n: number) => (n + 7) & ~7

function typeOf(column: Column): ColumnType {
  if (column instanceof Float32Array) return 'f32'
  if (column instanceof Float64Array) return 'f64'
  if (column instanceof Uint8Array) return 'u8'
  if (column instanceof Uint16Array) return 'u16'
  if (column instanceof Uint32Array) return 'u32'
  return 'i32'
}

/** @param meta any JSON: ids, names, numbers that are not columns */
export function encodeColumns(columns: Readonly<Record<string, Column>>, meta: unknown): Uint8Array {
  const names = Object.keys(columns)
  const entries: ColumnEntry[] = []
  const layout = (start: number) => {
    entries.length = 0
    let at = start
    for (const name of names) {
      const column = columns[name]
      if (column === undefined) continue
      entries.push({ name, type: typeOf(column), offset: at, length: column.length })
      at = up8(at + column.byteLength)
    }
    return at
  }
  const encoder = new TextEncoder()
  // Offsets stand in the header, whose length decides the offsets: reserve generously, pad with spaces.
  layout(1e9)
  const reserve = up8(8 + encoder.encode(JSON.stringify({ columns: entries, meta })).length)
  const total = layout(reserve)
  const body = new Uint8Array(total)
  const view = new DataView(body.buffer)
  const header = encoder.encode(JSON.stringify({ columns: entries, meta }))
  body.fill(0x20, 8, reserve)
  body.set(header, 8)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, reserve - 8, true)
  for (const entry of entries) {
    const column = columns[entry.name]
    if (column !== undefined)
      body.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), entry.offset)
  }
  return body
}

/** @throws RangeError when the body is not GMC1 or a column does not fit */
export function decodeColumns(body: ArrayBuffer): { columns: Record<string, Column>; meta: unknown } {
  const view = new DataView(body)
  if (body.byteLength < 8 || view.getUint32(0, true) !== MAGIC) throw new RangeError('not a GMC1 body')
  const headerLength = view.getUint32(4, true)
  if (8 + headerLength > body.byteLength) throw new RangeError('GMC1 header is cut')
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(body, 8, headerLength))) as {
    columns: ColumnEntry[]
    meta: unknown
  }
  const columns: Record<string, Column> = {}
  for (const { name, type, offset, length } of header.columns) {
    const width = WIDTH[type]
    if (width === undefined || offset % width !== 0 || offset + length * width > body.byteLength)
      throw new RangeError(`GMC1 column ${name} does not fit`)
    columns[name] = make(type, body, offset, length)
  }
  return { columns, meta: header.meta }
}

function make(type: ColumnType, body: ArrayBuffer, offset: number, length: number): Column {
  switch (type) {
    case 'f32':
      return new Float32Array(body, offset, length)
    case 'f64':
      return new Float64Array(body, offset, length)
    case 'u8':
      return new Uint8Array(body, offset, length)
    case 'u16':
      return new Uint16Array(body, offset, length)
    case 'u32':
      return new Uint32Array(body, offset, length)
    case 'i32':
      return new Int32Array(body, offset, length)
  }
}
