/** A line of a table with its number in the file, from 1; a quoted cell may go over several lines. */
export interface CsvRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** What spreadsheets take for the begin of a formula, and what we made of such a cell before. */
const FORMULA = /^'*[=+\-@\t\r]/
/** Longer numbers are rounded by spreadsheets. */
const MOST_DIGITS = 11

/**
 * One line for spreadsheets, CRLF at its end. What would be a formula is text by an apostrophe, a long number by a tab behind it;
 * `readCsv` takes both away again.
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/** UTF-8 with its mark, by which spreadsheets know it. */
export const CSV_BEGIN = '\uFEFF'

function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : /^\d+$/.test(text) && text.length > MOST_DIGITS ? `${text}\t` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** The text of a table: UTF-8 with or without its mark, else GB 18030 as Chinese spreadsheets write it. */
export function csvText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

/**
 * Lines of a table, cells trimmed. The separator is comma, semicolon or tab, whichever the first line has most of; lines without
 * any text are passed over.
 */
export function* readCsv(text: string): Generator<CsvRow> {
  const separator = separatorOf(text)
  let cells: string[] = []
  let cell = ''
  let quoted = false
  let line = 1
  let begun = 1
  const endLine = function* (): Generator<CsvRow> {
    cells.push(plain(cell))
    if (cells.some((one) => one !== '')) yield { line: begun, cells }
    cells = []
    cell = ''
  }
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? ''
    if (char === '\n') line++
    if (quoted) {
      if (char !== '"') cell += char
      else if (text[i + 1] === '"') {
        cell += '"'
        i++
      } else quoted = false
    } else if (char === '"' && cell.trim() === '') {
      quoted = true
      cell = ''
    } else if (char === separator) {
      cells.push(plain(cell))
      cell = ''
    } else if (char === '\n' || char === '\r') {
      if (char === '\r' && text[i + 1] === '\n') {
        i++
        line++
      }
      yield* endLine()
      begun = line
    } else cell += char
  }
  if (cell !== '' || cells.length > 0) yield* endLine()
}

function separatorOf(text: string): string {
  const first = text.slice(0, /[\r\n]/.exec(text)?.index ?? text.length)
  const counts = [',', ';', '\t'].map((one) => [one, first.split(one).length] as const)
  return counts.reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}

const plain = (cell: string): string => {
  const trimmed = cell.trim()
  return trimmed.startsWith("'") && FORMULA.test(trimmed.slice(1)) ? trimmed.slice(1) : trimmed
}
