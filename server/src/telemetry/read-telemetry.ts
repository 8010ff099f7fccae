import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { type Telemetry, TelemetryBuilder } from '@gastwin/analytics'
import { PeerDataError, UsageError } from '@gastwin/twin'
import { parquetReadObjects } from 'hyparquet'

const COLUMNS = ['time', 'asset', 'quantity', 'value'] as const
const MOST_FAULTS = 20

/**
 * Reads an archive of telemetry: CSV, NDJSON or Parquet, gzip or not, told apart by content. Rows keep the order of the file.
 * @throws UsageError API_INPUT when the file cannot be read; PeerDataError API_INPUT with every fault (at most 20) in a line of its own
 */
export async function readTelemetry(file: string): Promise<Telemetry> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes)
  } catch (cause) {
    throw new UsageError('API_INPUT', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause)
  }
  const builder = new TelemetryBuilder()
  const faults = new Faults(file)
  if (bytes.subarray(0, 4).toString('latin1') === 'PAR1') await readParquet(bytes, builder, faults)
  else if (firstCharacter(bytes) === 0x7b) readNdjson(bytes, builder, faults)
  else readCsv(bytes, builder, faults)
  faults.raise()
  return builder.build()
}

function readCsv(bytes: Buffer, builder: TelemetryBuilder, faults: Faults): void {
  let order: readonly number[] | undefined
  for (const [number, line] of lines(bytes)) {
    const cells = line.split(',')
    if (order === undefined) {
      order = COLUMNS.map((column) => cells.indexOf(column))
      if (!order.includes(-1)) continue
      faults.add(`line ${number}`, `the first line is "${line.slice(0, 80)}", expected ${COLUMNS.join(',')}`)
      return
    }
    const [time = '', asset = '', quantity = '', value = ''] = order.map((place) => cells[place] ?? '')
    faults.add(`line ${number}`, builder.add(readTime(time), asset, quantity, value))
    if (faults.full) return
  }
}

function readNdjson(bytes: Buffer, builder: TelemetryBuilder, faults: Faults): void {
  for (const [number, line] of lines(bytes)) {
    let row: Record<string, unknown> | undefined
    try {
      row = JSON.parse(line)
    } catch {
      faults.add(`line ${number}`, 'is not JSON')
    }
    if (row !== undefined) faults.add(`line ${number}`, addRow(builder, row))
    if (faults.full) return
  }
}

async function readParquet(bytes: Buffer, builder: TelemetryBuilder, faults: Faults): Promise<void> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  let rows: Record<string, unknown>[]
  try {
    rows = await parquetReadObjects({ file, columns: [...COLUMNS] })
  } catch (cause) {
    faults.add('Parquet', cause instanceof Error ? cause.message : String(cause))
    return
  }
  for (const [index, row] of rows.entries()) {
    faults.add(`row ${index + 1}`, addRow(builder, row))
    if (faults.full) return
  }
}

function addRow(builder: TelemetryBuilder, row: Record<string, unknown>): string | undefined {
  const { time, asset, quantity, value } = row
  const at = time instanceof Date ? time.getTime() : typeof time === 'string' ? readTime(time) : Number.NaN
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'bigint') return 'value is missing'
  return builder.add(at, String(asset ?? ''), String(quantity ?? ''), typeof value === 'bigint' ? Number(value) : value)
}

const WITH_OFFSET = /(Z|[+-]\d{2}:?\d{2})$/

/** Unix ms; NaN without an offset, because a time without one is a guess. */
function readTime(text: string): number {
  return WITH_OFFSET.test(text) ? Date.parse(text) : Number.NaN
}

/** Numbered lines without the empty ones; a file may be longer than the longest string. */
function* lines(bytes: Buffer): Generator<readonly [number, string]> {
  let begin = 0
  let number = 0
  while (begin < bytes.length) {
    const found = bytes.indexOf(0x0a, begin)
    const end = found < 0 ? bytes.length : found
    number += 1
    const line = bytes.toString('utf8', begin, bytes[end - 1] === 0x0d ? end - 1 : end)
    if (line.trim() !== '') yield [number, number === 1 ? line.replace(/^\uFEFF/, '') : line]
    begin = end + 1
  }
}

function firstCharacter(bytes: Buffer): number | undefined {
  return bytes.find((byte) => byte > 0x20 && byte < 0x80)
}

class Faults {
  readonly #file: string
  readonly #found: string[] = []

  constructor(file: string) {
    this.#file = file
  }

  get full(): boolean {
    return this.#found.length >= MOST_FAULTS
  }

  add(where: string, what: string | undefined): void {
    if (what !== undefined) this.#found.push(`${this.#file}: ${where}: ${what}`)
  }

  raise(): void {
    if (this.#found.length === 0) return
    throw new PeerDataError('API_INPUT', this.#found.join('\n'), { file: this.#file })
  }
}
