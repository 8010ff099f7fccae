import type { Detector } from '@gastwin/analytics'
import { type RowColumn, SectionReader, sectionsOf } from '@gastwin/twin'

const KIND = { head: 1, end: 2, column: 100 } as const

interface Head {
  readonly rows: number
  /** `detector/column` and bytes per row, in the order of the sections. */
  readonly columns: readonly (readonly [name: string, bytes: number])[]
}

const bytesPerRow = (column: RowColumn) => column.array().BYTES_PER_ELEMENT * column.width

/** What all detectors know of every device, column by column; makes room for `count` rows. */
export function detectorColumns(detectors: readonly Detector[], count: number): readonly RowColumn[] {
  return detectors.flatMap(({ name, rows }) => {
    rows?.reach(count - 1)
    return (rows?.rowColumns() ?? []).map((column) => ({ ...column, name: `${name}/${column.name}` }))
  })
}

/** The first piece of a file of rows. */
export function rowsHead(columns: readonly RowColumn[], count: number): Iterable<Uint8Array> {
  const head: Head = { rows: count, columns: columns.map((column) => [column.name, bytesPerRow(column)]) }
  return sectionsOf(KIND.head, 0, new TextEncoder().encode(JSON.stringify(head)))
}

/** Some rows, as SteadyRows hands them out. */
export function* rowsBlock(first: number, columns: readonly Uint8Array[], rows: number): IterableIterator<Uint8Array> {
  for (const [i, bytes] of columns.entries())
    yield* sectionsOf(KIND.column + i, 0, bytes, (first * bytes.length) / rows)
}

/** The last piece. */
export function rowsEnd(): Iterable<Uint8Array> {
  return sectionsOf(KIND.end, 0, new Uint8Array(0))
}

/**
 * Takes up what was saved, straight into the columns. A column that is not known any more is passed over, one that was not saved
 * begins anew.
 * @returns what could not be believed, or nothing; after a fault the detectors are not to be used
 */
export async function loadRows(
  detectors: readonly Detector[],
  pieces: AsyncIterable<Uint8Array>,
): Promise<string | undefined> {
  let head: Head | undefined
  let targets: readonly (Uint8Array | undefined)[] = []
  let ended = false
  const reader = new SectionReader(
    ({ kind, offset, bytes }) => {
      if (kind === KIND.head || kind === KIND.end) return new Uint8Array(bytes)
      if (head === undefined) return 'the rows do not begin with their head'
      const target = targets[kind - KIND.column]
      if (target === undefined) return new Uint8Array(bytes)
      return offset + bytes <= target.length ? target.subarray(offset, offset + bytes) : 'more rows than the head says'
    },
    ({ kind }, payload) => {
      if (kind === KIND.end) ended = true
      if (kind !== KIND.head) return undefined
      const read = JSON.parse(new TextDecoder().decode(payload)) as Head
      head = read
      const known = new Map(detectorColumns(detectors, read.rows).map((column) => [column.name, column]))
      const other = read.columns.find(
        ([name, bytes]) => bytes !== bytesPerRow(known.get(name) ?? NO_COLUMN) && known.has(name),
      )
      targets = read.columns.map(([name]) => {
        const array = known.get(name)?.array()
        return array === undefined ? undefined : new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
      })
      return other === undefined ? undefined : `the rows of ${other[0]} have another width`
    },
  )
  for await (const piece of pieces) reader.push(piece)
  return reader.fault ?? (ended && reader.whole ? undefined : 'the rows are cut off')
}

const NO_COLUMN: RowColumn = { name: '', width: 0, array: () => new Uint8Array(0) }
