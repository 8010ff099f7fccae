const NONE = Number.NaN

interface Column {
  /** ms after the slot's middle. */
  readonly offset: Int32Array
  readonly value: Float64Array
  /** Rows whose reading is not before the slot's middle. */
  after: number
}

/**
 * One reading per row and slot: the one nearest to the slot's middle, whatever the order in which readings come. Twelve bytes a row
 * and slot, made when the first reading of a slot comes and dropped when the slot is too old.
 */
export class NearestReadings {
  readonly #rows: number
  readonly #everyMs: number
  readonly #slots: number
  readonly #phase: number
  readonly #columns = new Map<number, Column>()
  #newest = Number.NEGATIVE_INFINITY
  /** Slots in order of time, until one comes or goes. */
  #order: readonly number[] | undefined
  #count = 0

  /**
   * @param everyMs length of a slot
   * @param slots how many are kept, counted back from the newest
   * @param phase ms after the epoch at which some slot has its middle
   */
  constructor(rows: number, everyMs: number, slots: number, phase: number) {
    this.#rows = rows
    this.#everyMs = everyMs
    this.#slots = slots
    this.#phase = phase
  }

  get count(): number {
    return this.#count
  }

  /** @param at Unix ms @returns whether what is kept changed */
  take(row: number, at: number, value: number): boolean {
    const slot = Math.round((at - this.#phase) / this.#everyMs)
    if (slot <= this.#newest - this.#slots || !Number.isFinite(value)) return false
    if (slot > this.#newest) this.#grow(slot)
    const column = this.#columns.get(slot) ?? this.#open(slot)
    const offset = Math.round(at - this.#phase - slot * this.#everyMs)
    if (Number.isNaN(column.value[row] ?? NONE)) this.#count += 1
    else {
      const before = column.offset[row] ?? 0
      const nearer = Math.abs(offset) - Math.abs(before)
      // Of two equally near the earlier one; of two at one time the one that came first.
      if (nearer > 0 || (nearer === 0 && offset >= before)) return false
    }
    if (!Number.isNaN(column.value[row] ?? NONE) && (column.offset[row] ?? 0) >= 0) column.after -= 1
    if (offset >= 0) column.after += 1
    column.offset[row] = offset
    column.value[row] = value
    return true
  }

  /** How many rows were read at or after the middle of the slot that holds an instant. @param at Unix ms */
  readAfterMiddle(at: number): number {
    return this.#columns.get(Math.round((at - this.#phase) / this.#everyMs))?.after ?? 0
  }

  /** Readings of a row in order of time. */
  series(row: number): { readonly time: Float64Array; readonly value: Float64Array } {
    const time: number[] = []
    const value: number[] = []
    for (const slot of this.#inOrder()) {
      const column = this.#columns.get(slot)
      const here = column?.value[row] ?? NONE
      if (Number.isNaN(here)) continue
      time.push(slot * this.#everyMs + this.#phase + (column?.offset[row] ?? 0))
      value.push(here)
    }
    return { time: Float64Array.from(time), value: Float64Array.from(value) }
  }

  #inOrder(): readonly number[] {
    this.#order ??= [...this.#columns.keys()].sort((a, b) => a - b)
    return this.#order
  }

  #open(slot: number): Column {
    const column = { offset: new Int32Array(this.#rows), value: new Float64Array(this.#rows).fill(NONE), after: 0 }
    this.#columns.set(slot, column)
    this.#order = undefined
    return column
  }

  #grow(slot: number): void {
    this.#newest = slot
    for (const [old, column] of this.#columns) {
      if (old > slot - this.#slots) continue
      this.#columns.delete(old)
      this.#order = undefined
      for (const value of column.value) if (!Number.isNaN(value)) this.#count -= 1
    }
  }
}
