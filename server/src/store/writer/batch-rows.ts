import { TABLE_NAMES, TextRows, type WrittenTable } from './text-rows.ts'

/** The rows of one batch of log positions [from, to), per table. */
export class BatchRows {
  readonly from: number
  readonly #tables: Readonly<Record<WrittenTable, TextRows>>
  #to: number

  constructor(from: number) {
    this.from = from
    this.#to = from
    this.#tables = {
      readings: new TextRows(),
      raw_frames: new TextRows(),
      quarantine: new TextRows(),
      events: new TextRows(),
      zone_periods: new TextRows(),
      gap_statements: new TextRows(),
      gap_revisions: new TextRows(),
      gap_suspects: new TextRows(),
    }
  }

  /** First position after the batch. */
  get to(): number {
    return this.#to
  }

  /** Says that all records before this position are in. */
  reach(position: number): void {
    this.#to = position
  }

  table(name: WrittenTable): TextRows {
    return this.#tables[name]
  }

  get rows(): number {
    return TABLE_NAMES.reduce((sum, name) => sum + this.#tables[name].rows, 0)
  }

  get byteLength(): number {
    return TABLE_NAMES.reduce((sum, name) => sum + this.#tables[name].byteLength, 0)
  }
}
