import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CSV_BEGIN, csvLine, csvText, readCsv } from './csv.ts'

const cellsOf = (text: string) => [...readCsv(text)].map(({ cells }) => cells)

describe('a table for spreadsheets', () => {
  test('has nothing in it that a spreadsheet would compute', () => {
    const line = csvLine(['=1+1', '+86 139', '-2', '@x', '\tx', 'plain'])
    expect(line).toBe("'=1+1,'+86 139,'-2,'@x,'\tx,plain\r\n")
    expect(line.split(',').some((cell) => /^"?[=+\-@\t]/.test(cell))).toBe(false)
  })

  test('keeps all digits of a device number', () => {
    expect(csvLine(['18170200000012', '42'])).toBe('18170200000012\t,42\r\n')
  })

  test('is read back as it was, whatever stands in it', () => {
    const cell = fc.string({ maxLength: 12 }).map((text) => text.trim())
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        const head = ['a', 'b']
        const text = [head, ...rows].map(csvLine).join('')
        const expected = rows.filter((cells) => cells.some((one) => one !== ''))
        expect(cellsOf(CSV_BEGIN + text).slice(1)).toEqual(expected)
      }),
    )
  })

  test('may be quoted over several lines, and the next row knows its own line', () => {
    const rows = [...readCsv('a,b\r\n"one\r\ntwo","say ""x"""\r\n\r\n3,4')]
    expect(rows).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['one\r\ntwo', 'say "x"'] },
      { line: 5, cells: ['3', '4'] },
    ])
  })

  test.each([';', '\t'])('may be separated by %j', (separator) => {
    expect(cellsOf(`a${separator}b\n1${separator}2,5\n`)).toEqual([
      ['a', 'b'],
      ['1', '2,5'],
    ])
  })

  test('is read in the encoding of Chinese spreadsheets too', () => {
    expect(csvText(Buffer.from([0xb1, 0xed, 0xba, 0xc5]))).toBe('表号')
    expect(csvText(Buffer.from('表号'))).toBe('表号')
  })
})
