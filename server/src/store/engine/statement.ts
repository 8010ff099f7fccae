/** What the front must know about a statement before it hands it to the engine; everything else is the engine's to parse. */

/** `read` may run beside others and be streamed; `data` is an INSERT whose rows follow; `change` is the rest (DDL, INSERT … SELECT). */
export type StatementKind = 'read' | 'data' | 'change'

const READ_WORDS = /^(SELECT|WITH|SHOW|DESC|DESCRIBE|EXISTS|EXPLAIN|CHECK)\b/i
const LEADING_NOISE = /^(\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()+/
const INSERT_WITH_DATA =
  /^INSERT\s+INTO\s+(?:TABLE\s+)?([\w.`]+)\s*(?:\(([^()]*)\))?\s*(?:FORMAT\s+(\w+)|(VALUES))\s*;?\s*$/i
const TRAILING_FORMAT = /\bFORMAT\s+(\w+)\s*(?:SETTINGS\b[^']*)?;?\s*$/i

export interface InsertHead {
  readonly table: string
  readonly columns: readonly string[] | undefined
  readonly format: string
}

/** The head of an INSERT whose rows come in the body, or undefined when the statement is not one. */
export function insertHead(sql: string): InsertHead | undefined {
  const match = INSERT_WITH_DATA.exec(sql.replace(LEADING_NOISE, ''))
  const table = match?.[1]
  if (match === null || table === undefined) return undefined
  const bare = (name: string) => name.trim().replaceAll('`', '')
  return { table: bare(table), columns: match[2]?.split(',').map(bare), format: match[3] ?? 'Values' }
}

export function statementKind(sql: string): StatementKind {
  if (insertHead(sql) !== undefined) return 'data'
  return READ_WORDS.test(sql.replace(LEADING_NOISE, '')) ? 'read' : 'change'
}

/** The FORMAT clause at the end of a statement. */
export function formatClause(sql: string): string | undefined {
  return TRAILING_FORMAT.exec(sql)?.[1]
}

/** Formats in which the engine's chunks can be joined: no head, no foot, rows only. */
const ROW_FORMATS: ReadonlySet<string> = new Set(['JSONEachRow', 'JSONCompactEachRow', 'CSV', 'TSV', 'TabSeparated'])
export const isStreamable = (format: string): boolean => ROW_FORMATS.has(format)

/** INSERT formats the embedded engine takes as bytes. */
const DATA_FORMATS = [
  'JSONEachRow',
  'JSONCompactEachRow',
  'CSV',
  'CSVWithNames',
  'TSV',
  'TabSeparated',
  'TSVWithNames',
  'TabSeparatedWithNames',
] as const
export type DataFormat = (typeof DATA_FORMATS)[number]
export const dataFormat = (format: string): DataFormat | undefined => DATA_FORMATS.find((f) => f === format)

const ESCAPES: Record<string, string> = { '\\': '\\\\', "'": "\\'" }

/** A string literal of the engine's SQL. */
export const sqlString = (text: string): string => `'${text.replace(/[\\']/g, (c) => ESCAPES[c] ?? c)}'`

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/
export const isIdentifier = (name: string): boolean => IDENTIFIER.test(name)
