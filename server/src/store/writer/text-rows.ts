import { GAP_TABLES } from './gap-columns.table.ts'

/** Columns of each table the writer fills, in the order of its text. */
export const WRITTEN_TABLES = {
  readings: ['quantity', 'device', 'at', 'value', 'received_at', 'asset', 'zone', 'flags', 'position'],
  raw_frames: ['device', 'position', 'received_at', 'source', 'content_format', 'outcome', 'reason', 'bytes'],
  quarantine: ['reason', 'device', 'position', 'received_at', 'source', 'content_format', 'detail', 'bytes'],
  events: ['type', 'at', 'position', 'device', 'zone', 'body', 'lasting'],
  zone_periods: [
    'span',
    'zone',
    'from_at',
    'to_at',
    'supply_m3',
    'sales_m3',
    'linepack_change_m3',
    'own_use_m3',
    'gap_m3',
    'gap_rate',
    'temperature_pressure_m3',
    'unread_m3',
    'unread_meters',
    'meters',
    'inlet_coverage',
    'revision',
  ],
  ...GAP_TABLES,
} as const
export type WrittenTable = keyof typeof WRITTEN_TABLES
export const TABLE_NAMES = Object.keys(WRITTEN_TABLES) as readonly WrittenTable[]

const FIRST_CAPACITY = 256 * 1024
/** Text is gathered as a string up to this length before it becomes bytes. */
const GATHER = 16 * 1024
const NEEDS_ESCAPE = /[\\\t\n\r\0]/

/** Rows of one table as tab-separated text in one growing buffer. */
export class TextRows {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY)
  #length = 0
  #gathered = ''
  #rows = 0

  get rows(): number {
    return this.#rows
  }

  get byteLength(): number {
    return this.#length + this.#gathered.length
  }

  /** Adds one whole row: fields joined by tabs, strings escaped by `textField`, without the line's end. */
  add(fields: string): void {
    this.#gathered += `${fields}\n`
    this.#rows++
    if (this.#gathered.length > GATHER) this.#flush()
  }

  /** Adds one row whose last field is raw bytes. */
  addWithBytes(fields: string, bytes: Uint8Array): void {
    this.#gathered += `${fields}\t`
    this.#flush()
    this.#reserve(bytes.length * 2 + 1)
    const out = this.#bytes
    let at = this.#length
    for (const byte of bytes) {
      const letter = ESCAPED[byte] ?? 0
      if (letter !== 0) {
        out[at++] = BACKSLASH
        out[at++] = letter
      } else out[at++] = byte
    }
    out[at++] = NEWLINE
    this.#length = at
    this.#rows++
  }

  /** All rows so far; a view that stays valid while nothing is added. */
  bytes(): Buffer {
    this.#flush()
    return this.#bytes.subarray(0, this.#length)
  }

  #flush(): void {
    const text = this.#gathered
    if (text === '') return
    this.#gathered = ''
    this.#reserve(text.length * 3)
    this.#length += this.#bytes.write(text, this.#length, 'utf8')
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}

const BACKSLASH = 0x5c
const NEWLINE = 0x0a
const ESCAPED = new Uint8Array(256)
ESCAPED[BACKSLASH] = BACKSLASH
ESCAPED[0x09] = 0x74
ESCAPED[NEWLINE] = 0x6e
ESCAPED[0x0d] = 0x72
ESCAPED[0x00] = 0x30

const LETTERS: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' }

/** A string as a field. */
export function textField(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replace(/[\\\t\n\r\0]/g, (c) => LETTERS[c] ?? c) : text
}

/** A number as a Float64 field. */
export function numberField(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
}
