/** A typed array with the same number of elements for every row. */
export interface RowColumn {
  readonly name: string
  /** Elements per row. */
  readonly width: number
  /** The array as it is at this moment: owners replace it when they need more rows. */
  array(): ArrayBufferView<ArrayBufferLike> & { readonly BYTES_PER_ELEMENT: number }
}

/** Whoever copies rows while they live is told before they change. */
export interface RowWatch {
  /** Before anything of a row changes. */
  before(row: number): void
  /** Before everything changes at once. */
  beforeAll(): void
  /** After a column's array was replaced by a longer one. */
  moved(): void
}
