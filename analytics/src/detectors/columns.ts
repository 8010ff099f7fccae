import { bytesOfText, textOfBytes } from './column-text.ts'

type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array
type ColumnType = new (source: number | ArrayBuffer) => ColumnArray
export type ColumnLayout = Readonly<Record<string, ColumnType>>
type Columns<L extends ColumnLayout> = { [K in keyof L]: InstanceType<L[K]> }

/** Memory of a detector about every device: one typed array per fact, one row per device of the fleet state. Rows begin as zeros. */
export class DeviceColumns<L extends ColumnLayout> {
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

  /** Makes room for a row; what is known stays. */
  reach(slot: number): void {
    if (slot < this.rows) return
    const old = this.at
    this.rows = Math.max(slot + 1, this.rows * 2)
    this.at = this.#make(this.rows)
    for (const name of Object.keys(this.#layout) as (keyof L)[]) this.at[name].set(old[name])
  }

  save(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.at).map(([name, column]) => [
        name,
        textOfBytes(new Uint8Array(column.buffer, column.byteOffset, column.byteLength)),
      ]),
    )
  }

  /** Takes back what `save` gave; facts that were not kept then begin as zeros. */
  load(saved: Readonly<Record<string, string>>): void {
    for (const [name, Type] of Object.entries(this.#layout)) {
      const text = saved[name]
      if (text === undefined) continue
      const column = new Type(bytesOfText(text).buffer)
      this.reach(column.length - 1)
      this.at[name as keyof L].set(column)
    }
  }

  #make(rows: number): Columns<L> {
    return Object.fromEntries(Object.entries(this.#layout).map(([name, Type]) => [name, new Type(rows)])) as Columns<L>
  }
}
