import { timeSlice } from '../time-slice.ts'
import { ARCHIVE_KEYS, type Archive, type ArchiveRow } from './archive.ts'
import {
  ARCHIVE_COLUMNS,
  type ArchiveColumn,
  type ArchiveTableName,
  LIFE_FOLLOWERS,
  type LifeState,
} from './archive-columns.table.ts'
import { type CellFault, checkCell, type KnownKeys } from './check-cell.ts'
import { readCsv } from './csv.ts'
import { masked, type PersonalSeal } from './personal-seal.ts'

/** A mistake in a table, by the line of the file and the heading of the column. */
export interface ImportFault {
  readonly row: number
  readonly column: string
  readonly code: CellFault['code'] | ImportFaultCode
  readonly value: string
  readonly words: string
}
type ImportFaultCode =
  | 'no_rows'
  | 'unknown_column'
  | 'column_twice'
  | 'key_missing'
  | 'key_twice'
  | 'cells'
  | 'life_order'
  | 'no_master_key'
  | 'table_full'
  | 'number_taken'
  | 'unknown_node'
  | 'unknown_pipe'
  | 'unknown_zone'
  | 'not_at_pipe'
  | 'zone_differs'
  | 'premises_taken'
  | 'customer_elsewhere'

/** What an import would do. Rows are whole: what the file has no column for stays what it was. */
export interface ImportPlan {
  readonly rows: number
  readonly added: number
  readonly changed: number
  readonly changes: readonly ArchiveRow[]
  /** The first hundred of them, in words for people. */
  readonly listed: readonly ListedChange[]
  /** The first hundred. */
  readonly faults: readonly ImportFault[]
  readonly faultsInAll: number
}

/** A row that changes, by the line of the file: its cells before and after, personal values masked. */
export interface ListedChange {
  readonly row: number
  readonly key: string
  readonly isNew: boolean
  readonly cells: readonly { readonly column: string; readonly before: string; readonly after: string }[]
}

export interface ImportGround {
  readonly archive: Archive
  readonly seal: PersonalSeal
  readonly isPoint: (number: string) => boolean
}

const MOST_FAULTS = 100
const MOST_LISTED = 100
/** All tables stand in memory and in every snapshot. */
export const MOST_ARCHIVE_ROWS = 200_000
/** Others have their turn after so many ms; the clock is looked at every so many rows. */
const SLICE_MS = 5
const ROWS_A_LOOK = 16

/** Reads a table and compares it with the archive; nothing is changed. */
export async function planImport(table: ArchiveTableName, text: string, ground: ImportGround): Promise<ImportPlan> {
  const faults: ImportFault[] = []
  let faultsInAll = 0
  const fault = (row: number, column: string, code: ImportFault['code'], value: string, words: string) => {
    faultsInAll++
    if (faults.length < MOST_FAULTS) faults.push({ row, column, code, value: value.slice(0, 100), words })
  }
  const rows = readCsv(text.replace(/^\uFEFF/, ''))
  const head = rows.next().value
  if (head === undefined) {
    fault(1, '', 'no_rows', '', 'the table is empty: its first line must name the columns')
    return { rows: 0, added: 0, changed: 0, changes: [], listed: [], faults, faultsInAll }
  }
  const columns = headColumns(ARCHIVE_COLUMNS[table], head.cells, (column, code, words) =>
    fault(head.line, column, code, column, words),
  )
  const keyColumn = ARCHIVE_KEYS[table]
  if (!columns.some((column) => column?.name === keyColumn))
    fault(head.line, keyColumn, 'key_missing', '', `the first line names no column "${keyColumn}"`)
  if (!ground.seal.canSeal && columns.some((column) => column?.personal))
    fault(head.line, '', 'no_master_key', '', 'personal values are kept only where the service has a master key')
  let [count, added, changed] = [0, 0, 0]
  const changes: ArchiveRow[] = []
  const listed: ListedChange[] = []
  const seen = new Set<string>()
  const known: KnownKeys = {
    has: (other, key) => ground.archive.get(other, key) !== undefined || (other === table && seen.has(key)),
    isPoint: ground.isPoint,
  }
  const slice = timeSlice(SLICE_MS)
  // The head is as wrong as each of its rows would be.
  if (faultsInAll === 0)
    for (const { line, cells } of rows) {
      if (++count % ROWS_A_LOOK === 0) await slice()
      if (cells.length > columns.length && cells.slice(columns.length).some((cell) => cell !== ''))
        fault(line, '', 'cells', '', `has ${cells.length} cells, the first line names ${columns.length}`)
      const given = readCells(columns, cells, known, (column, value, { code, words }) =>
        fault(line, column, code, value, words),
      )
      const key = given[keyColumn] ?? ''
      if (key === '') fault(line, keyColumn, 'needed', '', `needs a ${keyColumn}`)
      else if (seen.has(key)) fault(line, keyColumn, 'key_twice', key, `"${key}" stands in an earlier line`)
      seen.add(key)
      const before = ground.archive.get(table, key)
      const order = lifeFault(before?.['life'], given['life'])
      if (order !== undefined) fault(line, 'life', 'life_order', given['life'] ?? '', order)
      const after = merged(table, before, given, ground.seal)
      if (after === undefined) continue
      changes.push(after)
      if (listed.length < MOST_LISTED) listed.push(listedChange(table, line, key, before, after, ground.seal))
      if (before === undefined) added++
      else changed++
    }
  if (ground.archive.size(table) + added > MOST_ARCHIVE_ROWS)
    fault(1, '', 'table_full', '', `the archive keeps ${MOST_ARCHIVE_ROWS} rows of a table`)
  return { rows: count, added, changed, changes, listed, faults, faultsInAll }
}

function listedChange(
  table: ArchiveTableName,
  row: number,
  key: string,
  before: ArchiveRow | undefined,
  after: ArchiveRow,
  seal: PersonalSeal,
): ListedChange {
  const cells = ARCHIVE_COLUMNS[table].flatMap(({ name, personal }) => {
    const [old, fresh] = [before?.[name] ?? '', after[name] ?? '']
    if (old === fresh || name === ARCHIVE_KEYS[table]) return []
    const shown = (value: string): string => (personal ? masked(seal.open(value) ?? '') : value)
    return [{ column: name, before: shown(old), after: shown(fresh) }]
  })
  return { row, key, isNew: before === undefined, cells }
}

/** What each cell of the first line names; undefined for a cell without a name. */
export function headColumns(
  all: readonly ArchiveColumn[],
  cells: readonly string[],
  fault: (column: string, code: ImportFaultCode, words: string) => void,
): readonly (ArchiveColumn | undefined)[] {
  const taken = new Set<string>()
  return cells.map((cell) => {
    if (cell === '') return undefined
    const column = all.find(({ name, zh }) => name === cell.toLowerCase() || zh === cell)
    if (column === undefined)
      fault(cell, 'unknown_column', `no column of this table: ${all.map(({ name }) => name).join(', ')}`)
    else if (taken.has(column.name)) fault(cell, 'column_twice', 'stands twice in the first line')
    else taken.add(column.name)
    return column
  })
}

function readCells(
  columns: readonly (ArchiveColumn | undefined)[],
  cells: readonly string[],
  known: KnownKeys,
  fault: (column: string, value: string, fault: CellFault) => void,
): Record<string, string> {
  const given: Record<string, string> = {}
  columns.forEach((column, i) => {
    if (column === undefined) return
    const value = cells[i] ?? ''
    // A name that has the form of a mark would be taken for a sealed one.
    const checked = checkCell(column.personal ? value.replace(/^sealed:/, '') : value, column.cell, known)
    if (typeof checked === 'string') given[column.name] = checked
    else fault(column.name, value, checked)
  })
  return given
}

/** Why a device cannot go from one state of life to another; undefined when it can. */
export function lifeFault(before: string | undefined, after: string | undefined): string | undefined {
  if (before === undefined || before === '' || after === undefined || after === '' || before === after) return undefined
  const followers = LIFE_FOLLOWERS[before as LifeState] ?? []
  return followers.some((one) => one === after)
    ? undefined
    : `a device that is ${before} becomes ${followers.join(' or ') || 'nothing else'}, not ${after}`
}

/** The whole row after the change; undefined when nothing changes. */
export function merged(
  table: ArchiveTableName,
  before: ArchiveRow | undefined,
  given: ArchiveRow,
  seal: PersonalSeal,
): ArchiveRow | undefined {
  const row: Record<string, string> = { ...before }
  let isChanged = before === undefined
  for (const { name, personal } of ARCHIVE_COLUMNS[table]) {
    const value = given[name]
    if (value === undefined) continue
    const known = personal ? (seal.open(before?.[name] ?? '') ?? '') : (before?.[name] ?? '')
    // A table that was exported with masks and comes back says nothing about what they hide.
    if (value === known || (personal && known !== '' && value === masked(known))) continue
    isChanged = true
    if (value === '') delete row[name]
    else row[name] = personal ? seal.seal(value) : value
  }
  return isChanged ? row : undefined
}
