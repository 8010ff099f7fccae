import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { seriesOf } from '@gastwin/analytics'
import { PeerDataError, UsageError } from '@gastwin/twin'
import { readTelemetry } from '../telemetry/read-telemetry.ts'

/** Readings of one register: Unix ms and m³, in order of time. */
export interface RegisterReadings {
  readonly id: string
  readonly time: number[]
  readonly value: number[]
}

export interface InputOptions {
  /** Cubic metres of one unit of the file. */
  readonly unitM3: number
  /** Wide files hold registers instead of the use of each period. */
  readonly wideRegisters: boolean
  /** Local time minus UTC, ms, of times that carry no offset. */
  readonly utcOffsetMs: number
}

const HOUR = 3_600_000
const LONG = /^time,|,quantity,/
const READING_COLUMNS: Readonly<Record<string, { readonly unitM3?: number; readonly use: boolean }>> = {
  reading: { use: false },
  reading_m3: { unitM3: 1, use: false },
  reading_l: { unitM3: 0.001, use: false },
  use: { use: true },
  use_m3: { unitM3: 1, use: true },
  use_l: { unitM3: 0.001, use: true },
}

/**
 * Registers of an archive in one of three forms: telemetry (time,asset,quantity,value; also NDJSON and Parquet), long
 * (id,time,reading or id,time,use) or wide (id, then one column a day or hour). Gzip or not.
 * @throws UsageError API_INPUT when the file cannot be read; PeerDataError API_INPUT when it is none of these forms
 */
export async function readRegisters(file: string, options: InputOptions): Promise<readonly RegisterReadings[]> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes)
  } catch (cause) {
    throw new UsageError('API_INPUT', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause)
  }
  const end = bytes.indexOf(0x0a)
  const head = bytes
    .toString('utf8', 0, end < 0 ? bytes.length : end)
    .replace(/^\uFEFF/, '')
    .trim()
  const binary = bytes.subarray(0, 4).toString('latin1') === 'PAR1'
  if (binary || head.startsWith('{') || (LONG.test(head) && head.includes('quantity'))) return fromTelemetry(file)
  const lines = bytes.toString('utf8').split(/\r?\n/)
  const columns = head.split(',')
  return columns.includes('time') ? fromLong(file, columns, lines, options) : fromWide(file, columns, lines, options)
}

async function fromTelemetry(file: string): Promise<readonly RegisterReadings[]> {
  const chosen = new Map<string, RegisterReadings>()
  for (const { asset, quantity, time, value } of seriesOf(await readTelemetry(file))) {
    if (quantity !== 'index_m3' && (quantity !== 'standard_index_m3' || chosen.has(asset))) continue
    chosen.set(asset, { id: asset.replace(/^meter:/, ''), time: [...time], value: [...value] })
  }
  return [...chosen.values()]
}

function fromLong(
  file: string,
  columns: readonly string[],
  lines: readonly string[],
  options: InputOptions,
): readonly RegisterReadings[] {
  const idColumn = columns.findIndex((name) => name === 'id' || name === 'meter')
  const timeColumn = columns.indexOf('time')
  const valueColumn = columns.findIndex((name) => name in READING_COLUMNS)
  const kind = READING_COLUMNS[columns[valueColumn] ?? '']
  if (idColumn < 0 || kind === undefined)
    throw new PeerDataError(
      'API_INPUT',
      `${file}: line 1: columns are ${columns.join(',')}, expected id,time and one of ${Object.keys(READING_COLUMNS).join(', ')}`,
      { file },
    )
  const unit = kind.unitM3 ?? options.unitM3
  const meters = new Map<string, { at: number; value: number }[]>()
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string
    if (line === '') continue
    const cells = line.split(',')
    const id = cells[idColumn] ?? ''
    const at = readTime(cells[timeColumn] ?? '', options.utcOffsetMs)
    const text = cells[valueColumn] ?? ''
    if (text === '') continue
    if (id === '' || Number.isNaN(at) || !Number.isFinite(Number(text)))
      throw new PeerDataError(
        'API_INPUT',
        `${file}: line ${i + 1}: expected an id, a time and a number, found "${line.slice(0, 80)}"`,
        { file },
      )
    const rows = meters.get(id) ?? []
    meters.set(id, rows)
    rows.push({ at, value: Math.round(Number(text) * unit * 1e9) / 1e9 })
  }
  return [...meters].map(([id, rows]) => {
    rows.sort((a, b) => a.at - b.at)
    return kind.use ? registerOfUse(id, rows) : { id, time: rows.map((r) => r.at), value: rows.map((r) => r.value) }
  })
}

function fromWide(
  file: string,
  columns: readonly string[],
  lines: readonly string[],
  options: InputOptions,
): readonly RegisterReadings[] {
  const times = columns.map((name) => readTime(name, options.utcOffsetMs))
  const used = times.flatMap((at, column) => (column > 0 && !Number.isNaN(at) ? [column] : []))
  if (used.length < 2)
    throw new PeerDataError(
      'API_INPUT',
      `${file}: line 1: neither telemetry (time,asset,quantity,value), nor id,time,reading, nor columns named by times`,
      { file },
    )
  return lines.slice(1).flatMap((line) => {
    if (line === '') return []
    const cells = line.split(',')
    const rows = used.flatMap((column) => {
      const text = cells[column] ?? ''
      const value = Number(text)
      return text === '' || !Number.isFinite(value)
        ? []
        : [{ at: times[column] as number, value: value * options.unitM3 }]
    })
    const id = cells[0] as string
    return [
      options.wideRegisters
        ? { id, time: rows.map((r) => r.at), value: rows.map((r) => r.value) }
        : registerOfUse(id, rows),
    ]
  })
}

/** A register that would have shown the use of periods which begin at the times; where periods are missing the walk begins anew. */
function registerOfUse(id: string, rows: readonly { readonly at: number; readonly value: number }[]): RegisterReadings {
  const gaps = rows.slice(1).map((row, i) => row.at - (rows[i] as { at: number }).at)
  const later = gaps.filter((gap) => gap > 0).sort((a, b) => a - b)
  const period = later[later.length >> 1] ?? 24 * HOUR
  const time: number[] = []
  const value: number[] = []
  let register = 0
  for (const row of rows) {
    // A period that is told twice counts once.
    if (time.length > 0 && row.at < (time.at(-1) as number)) continue
    if (time.length === 0 || row.at - (time.at(-1) as number) > 0) {
      // A hole in the series: a step down says "not known" to whoever walks the register.
      if (time.length > 0) register -= 1000
      time.push(row.at)
      value.push(register)
    }
    register += Math.max(row.value, -1e6)
    time.push(row.at + period)
    value.push(register)
  }
  return { id, time, value }
}

const WITH_OFFSET = /(Z|[+-]\d{2}:?\d{2})$/
const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/

function readTime(text: string, utcOffsetMs: number): number {
  if (!ISO.test(text)) return Number.NaN
  if (WITH_OFFSET.test(text) && text.length > 10) return Date.parse(text)
  const whole = text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')
  return Date.parse(`${whole}Z`) - utcOffsetMs
}
