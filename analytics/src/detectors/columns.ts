import type { RowColumn, RowWatch } from '@gastwin/twin'

type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array
type ColumnType = new (source: number | ArrayBuffer) => ColumnArray
export type ColumnLayout = Readonly<Record<string, ColumnType>>
type Columns<L extends ColumnLayout> = { [K in keyof L]: InstanceType<L[K]> }

/** What a snapshot needs of a detector's memory about every device. */
export interface RowMemory {
  /** Told before a row changes beside the reports it comes from: who applies reports tells of those. */
  watch: RowWatch | undefined
  /** Makes room for a row; what is known stays. */
  reach(slot: number): void
  rowColumns(): readonly RowColumn[]
}

/** Memory of a detector about every device: one typed array per fact, one row per device of the fleet state. Rows begin as zeros. */
export class DeviceColumns<L extends ColumnLayout> implements RowMemory {
  watch: RowWatch | undefined
  readonly #layout: L
  rows: number
  at: Columns<L>

  constructor(layout: L, rows: number) {
    this.#layout = layout
    this.rows = rows
    this.at = this.#make(rows)
  }

  /** Bytes that one device takes. */
  get bytesPerRow(): number {
    return Object.values(this.at).reduce((sum, column) => sum + column.BYTES_PER_ELEMENT, 0)
  }

  reach(slot: number): void {
    if (slot < this.rows) return
    const old = this.at
    this.rows = Math.max(slot + 1, this.rows * 2)
    this.at = this.#make(this.rows)
    for (const name of Object.keys(this.#layout) as (keyof L)[]) this.at[name].set(old[name])
    this.watch?.moved()
  }

  rowColumns(): readonly RowColumn[] {
    return Object.keys(this.#layout).map((name) => ({ name, width: 1, array: () => this.at[name as keyof L] }))
  }

  #make(rows: number): Columns<L> {
    return Object.fromEntries(Object.entries(this.#layout).map(([name, Type]) => [name, new Type(rows)])) as Columns<L>
  }
}
