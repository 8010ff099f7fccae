import type { RowColumn, RowWatch } from './row-watch.ts'

/** Rows kept aside in one piece of memory. */
const CHUNK_ROWS = 1 << 14
const BLOCK_ROWS = 8192
const NONE = -1

/** The bytes of some rows, one array a column, in the order of the columns. */
export interface RowBlock {
  readonly first: number
  readonly rows: number
  readonly columns: readonly Uint8Array[]
}

/**
 * Columns as they are at the moment of construction, handed out in blocks while the rows live on. A row that is about to change and
 * is not handed out yet is kept aside first; its block is copied from the living arrays and the rows kept aside are put over it.
 * Every owner of a column must tell `before` a row changes.
 */
export class SteadyRows implements RowWatch {
  readonly count: number
  readonly #columns: readonly RowColumn[]
  /** Bytes of a row per column, and where a column begins in a row kept aside. */
  readonly #widths: readonly number[]
  readonly #offsets: readonly number[]
  readonly #rowBytes: number
  /** One bit for each row kept aside; those that are, in the order of their change, by chunk. */
  readonly #isKept: Uint32Array
  readonly #chunks: { readonly rows: Int32Array; readonly next: Int32Array; readonly bytes: Uint8Array }[] = []
  /** Last row kept aside of each block; `next` of a chunk leads to the one before. */
  readonly #lastOfBlock: Int32Array
  readonly #blockRows: number
  #live: Uint8Array[] | undefined
  #kept = 0
  #done = 0
  #isSpoiled = false

  /** @param count rows from 0 on; rows added later are not part of it. @param blockRows rows handed out at once */
  constructor(columns: readonly RowColumn[], count: number, blockRows = BLOCK_ROWS) {
    this.count = count
    this.#blockRows = blockRows
    this.#columns = columns
    this.#widths = columns.map((column) => column.array().BYTES_PER_ELEMENT * column.width)
    let rowBytes = 0
    this.#offsets = this.#widths.map((width) => {
      rowBytes += width
      return rowBytes - width
    })
    this.#rowBytes = rowBytes
    this.#isKept = new Uint32Array((count + 31) >> 5)
    this.#lastOfBlock = new Int32Array(Math.ceil(count / blockRows)).fill(NONE)
  }

  /** Rows that had to be kept aside so far, and the memory for them. */
  get kept(): number {
    return this.#kept
  }
  get byteLength(): number {
    return this.#isKept.byteLength + this.#chunks.length * CHUNK_ROWS * (this.#rowBytes + 8)
  }

  /** Everything changed at once: what is not handed out yet is lost, begin anew. */
  get isSpoiled(): boolean {
    return this.#isSpoiled
  }

  before(row: number): void {
    if (row < this.#done || row >= this.count) return
    const word = this.#isKept[row >> 5] ?? 0
    const bit = 1 << (row & 31)
    if ((word & bit) !== 0) return
    this.#isKept[row >> 5] = word | bit
    const at = this.#kept % CHUNK_ROWS
    if (at === 0)
      this.#chunks.push({
        rows: new Int32Array(CHUNK_ROWS),
        next: new Int32Array(CHUNK_ROWS),
        bytes: new Uint8Array(CHUNK_ROWS * this.#rowBytes),
      })
    const chunk = this.#chunks.at(-1)
    if (chunk === undefined) return
    const block = Math.floor(row / this.#blockRows)
    chunk.rows[at] = row
    chunk.next[at] = this.#lastOfBlock[block] ?? NONE
    this.#lastOfBlock[block] = this.#kept
    this.#kept += 1
    const { bytes } = chunk
    const live = this.#liveBytes()
    let to = at * this.#rowBytes
    for (let c = 0; c < live.length; c++) {
      const from = live[c] as Uint8Array
      const width = this.#widths[c] ?? 0
      for (let i = row * width, end = i + width; i < end; i++) bytes[to++] = from[i] as number
    }
  }

  beforeAll(): void {
    if (this.#done < this.count) this.#isSpoiled = true
  }

  moved(): void {
    this.#live = undefined
  }

  /** Hands out the next block; nothing when all are handed out or lost. */
  next(): RowBlock | undefined {
    if (this.#isSpoiled || this.#done >= this.count) return undefined
    const first = this.#done
    const end = Math.min(this.count, first + this.#blockRows)
    const columns = this.#liveBytes().map((live, c) => {
      const width = this.#widths[c] ?? 0
      return live.slice(first * width, end * width)
    })
    this.#putBack(first, columns)
    this.#done = end
    return { first, rows: end - first, columns }
  }

  /** Puts the rows of one block that were kept aside over those that live. */
  #putBack(first: number, columns: readonly Uint8Array[]): void {
    let at = this.#lastOfBlock[first / this.#blockRows] ?? NONE
    while (at !== NONE) {
      const chunk = this.#chunks[Math.floor(at / CHUNK_ROWS)]
      if (chunk === undefined) return
      const i = at % CHUNK_ROWS
      const row = chunk.rows[i] ?? 0
      for (const [c, column] of columns.entries()) {
        const [width, from] = [this.#widths[c] ?? 0, i * this.#rowBytes + (this.#offsets[c] ?? 0)]
        column.set(chunk.bytes.subarray(from, from + width), (row - first) * width)
      }
      at = chunk.next[i] ?? NONE
    }
  }

  #liveBytes(): readonly Uint8Array[] {
    this.#live ??= this.#columns.map((column) => {
      const { buffer, byteOffset, byteLength } = column.array()
      return new Uint8Array(buffer, byteOffset, byteLength)
    })
    return this.#live
  }
}
