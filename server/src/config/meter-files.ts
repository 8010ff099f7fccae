import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import {
  METER_COLUMN_TYPES,
  type MeterColumns,
  type MetersFile,
  type MeterWords,
  type NetworkParts,
  UsageError,
} from '@gastwin/twin'

const FORMAT = 'gastwin-meter-columns/1'
const MOST_METERS = 100_000_000
/** Rows read at once. */
const PORTION = 1 << 20
const ARRAYS = { f64: Float64Array, u32: Uint32Array, i32: Int32Array, u16: Uint16Array, u8: Uint8Array } as const
type Name = keyof typeof METER_COLUMN_TYPES
const NAMES = Object.keys(METER_COLUMN_TYPES) as readonly Name[]

/**
 * Checks what a document says in `meters_file`.
 * @throws UsageError NET_DOCUMENT naming the first field that is wrong
 */
export function checkMetersFile(document: string, value: unknown): MetersFile {
  const fault = (field: string, what: unknown, expected: string) =>
    new UsageError(
      'NET_DOCUMENT',
      `${document}: meters_file${field}: ${JSON.stringify(what) ?? 'missing'}, expected ${expected}`,
      { file: document },
    )
  if (typeof value !== 'object' || value === null) throw fault('', value, 'an object')
  const { format, folder, count, columns, words } = value as Record<string, unknown>
  if (format !== FORMAT) throw fault('.format', format, FORMAT)
  if (typeof folder !== 'string' || folder === '' || path.isAbsolute(folder) || folder.split(/[/\\]/).includes('..'))
    throw fault('.folder', folder, 'a folder beside the document')
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > MOST_METERS)
    throw fault('.count', count, `a whole number, 0 to ${MOST_METERS}`)
  for (const name of NAMES) {
    const type = (columns as Record<string, unknown> | undefined | null)?.[name]
    if (type !== METER_COLUMN_TYPES[name]) throw fault(`.columns.${name}`, type, METER_COLUMN_TYPES[name])
  }
  for (const list of ['class', 'size', 'protected']) {
    const found = (words as Record<string, unknown> | undefined | null)?.[list]
    if (!Array.isArray(found) || !found.every((word) => word === null || typeof word === 'string'))
      throw fault(`.words.${list}`, found, 'a list of strings or null')
  }
  return value as MetersFile
}

/**
 * Adds the meters kept beside a document to its network, in portions.
 * @returns SHA-256 of all columns, one after the other in the order of METER_COLUMN_TYPES
 * @throws UsageError NET_DOCUMENT when a file is missing or has not the length that the count asks for
 */
export async function readMeterFiles(document: string, file: MetersFile, parts: NetworkParts): Promise<Buffer> {
  const folder = path.join(path.dirname(document), file.folder)
  const readers = await Promise.all(
    NAMES.map((name) => ColumnFile.open(path.join(folder, `${name}.bin`), name, file.count)),
  )
  try {
    for (let start = 0; start < file.count; start += PORTION) {
      const rows = Math.min(PORTION, file.count - start)
      const read = await Promise.all(readers.map(async (reader) => [reader.name, await reader.next(rows)] as const))
      parts.addMeterColumns({
        ...(Object.fromEntries(read) as unknown as Columns),
        words: file.words as unknown as MeterWords,
      })
    }
    const whole = createHash('sha256')
    for (const reader of readers) whole.update(reader.digest())
    return whole.digest()
  } finally {
    await Promise.all(readers.map((reader) => reader.close()))
  }
}

type Columns = Omit<MeterColumns, 'words'>
type ColumnValues = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>

/** One column read from its begin to its end. */
class ColumnFile {
  readonly name: Name
  readonly #path: string
  readonly #handle: Awaited<ReturnType<typeof open>>
  readonly #hash = createHash('sha256')
  #values: ColumnValues | undefined

  private constructor(file: string, name: Name, handle: Awaited<ReturnType<typeof open>>) {
    this.#path = file
    this.name = name
    this.#handle = handle
  }

  static async open(file: string, name: Name, count: number): Promise<ColumnFile> {
    const width = ARRAYS[METER_COLUMN_TYPES[name]].BYTES_PER_ELEMENT
    const found = await stat(file).catch((cause: unknown) => {
      throw unreadable(file, cause)
    })
    if (found.size !== count * width)
      throw new UsageError(
        'NET_DOCUMENT',
        `${file}: ${found.size} bytes, expected ${count * width}: ${count} meters of ${width} bytes (${METER_COLUMN_TYPES[name]})`,
        { file },
      )
    const handle = await open(file, 'r').catch((cause: unknown) => {
      throw unreadable(file, cause)
    })
    return new ColumnFile(file, name, handle)
  }

  /** The next rows, never more than the first time; good until the next call. */
  async next(rows: number): Promise<ColumnValues> {
    this.#values ??= new ARRAYS[METER_COLUMN_TYPES[this.name]](rows)
    const values = this.#values.subarray(0, rows)
    const bytes = new Uint8Array(values.buffer, 0, values.byteLength)
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, null)
      if (bytesRead === 0) throw unreadable(this.#path, 'it became shorter while it was read')
      done += bytesRead
    }
    this.#hash.update(bytes)
    return values
  }

  digest(): Buffer {
    return this.#hash.digest()
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

function unreadable(file: string, cause: unknown): UsageError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new UsageError('NET_DOCUMENT', `${file}: ${reason}`, { file }, cause)
}
