import type { Archive, ArchiveRow } from './archive.ts'
import { ARCHIVE_COLUMNS, type ArchiveTableName } from './archive-columns.table.ts'
import { CSV_BEGIN, csvLine } from './csv.ts'
import { masked, type PersonalSeal } from './personal-seal.ts'

/** A row as people see it. @param clear personal values as they are, else masked */
export function shownRow(
  table: ArchiveTableName,
  row: ArchiveRow,
  seal: PersonalSeal,
  clear: boolean,
): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const { name, personal } of ARCHIVE_COLUMNS[table]) {
    const value = row[name] ?? ''
    const text = personal ? (seal.open(value) ?? '') : value
    shown[name] = personal && !clear ? masked(text) : text
  }
  return shown
}

/** A table of the archive for spreadsheets, line by line. @param words language of the headings. @param within rows that are told */
export function* exportArchive(
  archive: Archive,
  table: ArchiveTableName,
  seal: PersonalSeal,
  clear: boolean,
  words: 'en' | 'zh',
  within?: (row: ArchiveRow) => boolean,
): Generator<string> {
  const columns = ARCHIVE_COLUMNS[table]
  yield CSV_BEGIN + csvLine(columns.map(({ name, zh }) => (words === 'zh' ? zh : name)))
  for (const row of archive.rows(table)) {
    if (within !== undefined && !within(row)) continue
    const shown = shownRow(table, row, seal, clear)
    yield csvLine(columns.map(({ name }) => shown[name] ?? ''))
  }
}
