import type { ArchiveTableName, CellKind } from './archive-columns.table.ts'

/** What is wrong with a cell: a code, for programs that have words of their own, and the words. */
export interface CellFault {
  readonly code: 'needed' | 'not_a_number' | 'rounded' | 'too_long' | 'not_a_date' | 'not_a_word' | 'unknown_reference'
  readonly words: string
}

/** What a cell may refer to. */
export interface KnownKeys {
  has(table: ArchiveTableName, key: string): boolean
  /** Whether the network has a meter of this number. */
  isPoint(number: string): boolean
}

const NUMBER = /^[1-9]\d{0,13}$/
const TAG = /^[^;]{1,40}$/

/** The cell as it is kept, or what is wrong with it. An empty cell is kept as ''. */
export function checkCell(text: string, cell: CellKind, known: KnownKeys): string | CellFault {
  if (text === '') return ''
  switch (cell.kind) {
    case 'text':
      return text.length <= cell.most ? text : { code: 'too_long', words: `has more than ${cell.most} characters` }
    case 'number':
      return checkNumber(text)
    case 'point': {
      const number = checkNumber(text)
      if (typeof number !== 'string' || known.isPoint(number)) return number
      return { code: 'unknown_reference', words: `the network has no metering point ${text}` }
    }
    case 'date':
      return checkDate(text)
    case 'tags': {
      const tags = [...new Set(text.split(/[;；]/).map((tag) => tag.trim()))].filter((tag) => tag !== '')
      return tags.every((tag) => TAG.test(tag))
        ? tags.sort().join(';')
        : { code: 'too_long', words: 'a tag has more than 40 characters' }
    }
    case 'word':
      return cell.words.includes(text)
        ? text
        : { code: 'not_a_word', words: `"${text}" is none of ${cell.words.join(', ')}` }
    case 'reference':
      return known.has(cell.table, text)
        ? text
        : { code: 'unknown_reference', words: `the table ${cell.table} has no "${text}"` }
  }
}

function checkNumber(text: string): string | CellFault {
  const digits = text.replace(/^0+(?=\d)/, '')
  if (NUMBER.test(digits)) return digits
  if (/^\d+([.,]\d+)?E\+?\d+$/i.test(text))
    return { code: 'rounded', words: `"${text}" was rounded by a spreadsheet: format the column as text` }
  return { code: 'not_a_number', words: `"${text}" is no device number: 1 to 14 digits` }
}

function checkDate(text: string): string | CellFault {
  const found = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text)
  const [year, month, day] = (found ?? []).slice(1).map(Number)
  if (year !== undefined && month !== undefined && day !== undefined) {
    const date = new Date(Date.UTC(year, month - 1, day))
    if (date.getUTCMonth() === month - 1 && date.getUTCDate() === day) return date.toISOString().slice(0, 10)
  }
  return { code: 'not_a_date', words: `"${text}" is no date: 2026-03-31` }
}
