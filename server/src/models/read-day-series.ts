import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type DayPanel, LEAST_DAYS } from '@gastwin/analytics/theft'
import { PeerDataError, UsageError } from '@gastwin/twin'

/** Daily courses of a file. */
export interface DaySeries {
  readonly ids: readonly string[]
  readonly panel: DayPanel
  /** Labels 0 and 1 of the asked column; undefined when none was asked for. */
  readonly labels: Uint8Array | undefined
  /** Names of the day columns, in the order of the panel. */
  readonly days: readonly string[]
  /** SHA-256 of the file as it lies on the disk. */
  readonly sha256: string
}

const LABELS = new Set(['label', 'flag', 'labels', 'theft', 'is_theft'])
const IDS = new Set(['id', 'cons_no', 'customer', 'customer_id', 'meter', 'meter_id', 'user', 'user_id', 'consumer'])
const MISSING = new Set(['', 'nan', 'na', 'null', 'none', '-', '?'])
const MOST_ERRORS = 5

/**
 * Reads a CSV (or CSV.gz) with a header `id[,label],DAY…` and one customer a line; an empty field is a missing value.
 * Where all day columns are dates they are put in order of time. A column named label or flag is never a day.
 * @param labelColumn name of the column with labels 0 and 1, or "auto" for one named label or flag where there is one
 * @throws UsageError API_INPUT when the file cannot be read; PeerDataError API_INPUT naming the lines that are wrong
 */
export async function readDaySeries(file: string, labelColumn?: string): Promise<DaySeries> {
  const digest = createHash('sha256')
  try {
    const reader = new SeriesReader(file, labelColumn)
    let rest = ''
    const text = (await isGzip(file)) ? hashed(file, digest).pipe(createGunzip()) : hashed(file, digest)
    const decoder = new TextDecoder('utf-8')
    for await (const chunk of text as AsyncIterable<Buffer>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) reader.line(line)
    }
    if (rest !== '') reader.line(rest)
    return reader.end(digest.digest('hex'))
  } catch (cause) {
    if (cause instanceof PeerDataError || cause instanceof UsageError) throw cause
    throw new UsageError('API_INPUT', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause)
  }
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await handle.close()
  }
}

function hashed(file: string, digest: Hash): Readable {
  const stream = createReadStream(file)
  stream.on('data', (chunk) => digest.update(chunk))
  return stream
}

interface Columns {
  readonly id: number
  readonly label: number
  readonly days: Int32Array
  readonly names: readonly string[]
  readonly count: number
  readonly firstWeekday: number
}

class SeriesReader {
  readonly #file: string
  readonly #labelColumn: string | undefined
  readonly #errors: string[] = []
  readonly #ids: string[] = []
  readonly #known = new Set<string>()
  readonly #labels: number[] = []
  #lines = 0
  #columns: Columns | undefined
  #values = new Float32Array(1 << 16)

  constructor(file: string, labelColumn: string | undefined) {
    this.#file = file
    this.#labelColumn = labelColumn
  }

  line(text: string): void {
    this.#lines += 1
    const line = text.endsWith('\r') ? text.slice(0, -1) : text
    if (this.#columns === undefined) {
      this.#columns = this.#header(
        line
          .replace(/^\uFEFF/, '')
          .split(',')
          .map(unquoted),
      )
      return
    }
    if (line.trim() === '') return
    const fields = line.split(',')
    const { id, label, days, count } = this.#columns
    if (fields.length !== count) {
      this.#wrong(`has ${fields.length} fields, the header has ${count}`)
      return
    }
    const name = unquoted(fields[id] as string)
    if (name === '') {
      this.#wrong('has no id')
      return
    }
    if (this.#known.has(name)) {
      this.#wrong(`repeats id "${name}"`)
      return
    }
    const from = this.#ids.length * days.length
    if (from + days.length > this.#values.length) {
      const larger = new Float32Array(Math.max(2 * this.#values.length, from + days.length))
      larger.set(this.#values)
      this.#values = larger
    }
    for (let d = 0; d < days.length; d++) {
      const field = fields[days[d] as number] as string
      const value = field === '' ? Number.NaN : Number(unquoted(field))
      if (field !== '' && !Number.isFinite(value) && !MISSING.has(unquoted(field).toLowerCase())) {
        this.#wrong(`value "${field}" is not a number`)
        return
      }
      this.#values[from + d] = value
    }
    if (label >= 0) {
      const said = Number(unquoted(fields[label] as string))
      if (said !== 0 && said !== 1) {
        this.#wrong(`label "${fields[label]}" is neither 0 nor 1`)
        return
      }
      this.#labels.push(said)
    }
    this.#known.add(name)
    this.#ids.push(name)
  }

  end(sha256: string): DaySeries {
    if (this.#columns === undefined) throw new PeerDataError('API_INPUT', `${this.#file} is empty`)
    if (this.#errors.length > 0) throw new PeerDataError('API_INPUT', this.#errors.join('\n'))
    const { days, label, names, firstWeekday } = this.#columns
    const rows = this.#ids.length
    if (rows === 0) throw new PeerDataError('API_INPUT', `${this.#file} holds a header and no customer`)
    const values = this.#values.subarray(0, rows * days.length)
    return {
      ids: this.#ids,
      panel: { rows, days: days.length, values, firstWeekday },
      labels: label < 0 ? undefined : Uint8Array.from(this.#labels),
      days: names,
      sha256,
    }
  }

  #wrong(what: string): void {
    if (this.#errors.length < MOST_ERRORS) this.#errors.push(`${this.#file} line ${this.#lines} ${what}`)
    if (this.#errors.length >= MOST_ERRORS) throw new PeerDataError('API_INPUT', this.#errors.join('\n'))
  }

  #header(names: readonly string[]): Columns {
    const wanted = this.#labelColumn
    const lower = names.map((name) => name.toLowerCase())
    const label =
      wanted === undefined
        ? -1
        : wanted === 'auto'
          ? lower.findIndex((name) => LABELS.has(name))
          : names.indexOf(wanted)
    if (wanted !== undefined && wanted !== 'auto' && label < 0)
      throw new PeerDataError(
        'API_INPUT',
        `${this.#file}: no column "${wanted}" in the header (${names.slice(0, 4).join(',')},…)`,
      )
    const named = lower.findIndex((name) => IDS.has(name))
    const id = Math.max(0, named)
    const days = names.map((_, c) => c).filter((c) => c !== id && c !== label && !LABELS.has(lower[c] as string))
    if (Number.isFinite(Number(names[id])) && names[id] !== '')
      throw new PeerDataError(
        'API_INPUT',
        `${this.#file} begins with "${names[id]}", expected a header id[,label],DAY…`,
      )
    if (days.length < LEAST_DAYS)
      throw new PeerDataError(
        'API_INPUT',
        `${this.#file} has ${days.length} day columns, expected at least ${LEAST_DAYS}`,
      )
    const dates = days.map((c) => dateOf(names[c] as string))
    const dated = dates.every((date) => Number.isFinite(date))
    const order = days.map((_, i) => i)
    if (dated) order.sort((a, b) => (dates[a] as number) - (dates[b] as number))
    return {
      id,
      label,
      days: Int32Array.from(order, (i) => days[i] as number),
      names: order.map((i) => names[days[i] as number] as string),
      count: names.length,
      firstWeekday: dated ? new Date(dates[order[0] as number] as number).getUTCDay() : 0,
    }
  }
}

function dateOf(name: string): number {
  const parts = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(name)
  return parts === null ? Number.NaN : Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]))
}

function unquoted(field: string): string {
  const text = field.trim()
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text
}
