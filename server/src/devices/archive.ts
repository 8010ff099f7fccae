import { ARCHIVE_TABLES, type ArchiveTableName } from './archive-columns.table.ts'

/** Cells by column; what is not said is not there. Personal cells are sealed. */
export type ArchiveRow = Readonly<Record<string, string>>

/** The archive as JSON. */
export type SavedArchive = Readonly<Record<ArchiveTableName, readonly ArchiveRow[]>>

/** Rows of one table that were written at once, each whole. */
export interface ArchiveChange {
  readonly table: ArchiveTableName
  readonly rows: readonly ArchiveRow[]
}

/** Column that holds the key of each table. */
export const ARCHIVE_KEYS = {
  devices: 'number',
  premises: 'premises',
  customers: 'customer',
} as const satisfies Record<ArchiveTableName, string>

/** What people know of devices, premises and customers beside what the network document and the devices say. Rows are never removed. */
export class Archive {
  readonly #tables: Readonly<Record<ArchiveTableName, Map<string, ArchiveRow>>> = {
    devices: new Map(),
    premises: new Map(),
    customers: new Map(),
  }
  #tagged: ReadonlyMap<string, ReadonlySet<number>> | undefined

  apply({ table, rows }: ArchiveChange): void {
    for (const row of rows) this.#tables[table].set(row[ARCHIVE_KEYS[table]] ?? '', row)
    if (table === 'devices') this.#tagged = undefined
  }

  get(table: ArchiveTableName, key: string): ArchiveRow | undefined {
    return this.#tables[table].get(key)
  }

  size(table: ArchiveTableName): number {
    return this.#tables[table].size
  }

  rows(table: ArchiveTableName): Iterable<ArchiveRow> {
    return this.#tables[table].values()
  }

  /** Numbers of the devices that have a tag (`tag:T`), are of a group (`group:G`) or of a life state (`life:L`). */
  devicesWith(mark: string): ReadonlySet<number> {
    this.#tagged ??= this.#marks()
    return this.#tagged.get(mark) ?? new Set()
  }

  /** All marks in use, with how many devices have each. */
  marks(): ReadonlyMap<string, ReadonlySet<number>> {
    this.#tagged ??= this.#marks()
    return this.#tagged
  }

  save(): SavedArchive {
    return {
      devices: [...this.#tables.devices.values()],
      premises: [...this.#tables.premises.values()],
      customers: [...this.#tables.customers.values()],
    }
  }

  load(saved: SavedArchive): void {
    for (const table of ARCHIVE_TABLES) this.apply({ table, rows: saved[table] })
  }

  #marks(): ReadonlyMap<string, ReadonlySet<number>> {
    const marks = new Map<string, Set<number>>()
    for (const row of this.#tables.devices.values()) {
      const own = (row['tags'] ?? '').split(';').filter((tag) => tag !== '')
      const words = own.map((tag) => `tag:${tag}`)
      if (row['group']) words.push(`group:${row['group']}`)
      if (row['life']) words.push(`life:${row['life']}`)
      for (const word of words) {
        const known = marks.get(word)
        if (known) known.add(Number(row['number']))
        else marks.set(word, new Set([Number(row['number'])]))
      }
    }
    return marks
  }
}
