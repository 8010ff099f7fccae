import { type Report, TERMINAL_WORDS, type TerminalLogEntry } from '@gastwin/twin'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ARCHIVE as archive, DAILY } from '../testing/example-reports.ts'
import { decodeReport } from './decode-report.ts'
import { encodeReport } from './encode-report.ts'
import { CONTENT_FORMAT } from './lookup.ts'
import { packLog, unpackLog } from './terminal-log.ts'

const { CBOR, CJT188, CJT188_SM4 } = CONTENT_FORMAT
const FORMATS = [CBOR, CJT188, CJT188_SM4]
const MONTH = Date.parse('2026-02-01T00:00:00+08:00')
const DAY = 86_400_000
const lines = fc
  .array(fc.record({ gap: fc.nat(2e7), what: fc.constantFrom(...TERMINAL_WORDS), value: fc.integer() }), {
    maxLength: 30,
  })
  .map((gaps) => {
    let second = 1_770_000_000
    return gaps.map(({ gap, what, value }): TerminalLogEntry => {
      second += gap
      return { at: second * 1000, what, value }
    })
  })
const days = Array.from({ length: 31 }, (_, i) => ({
  quantity: 'index_m3' as const,
  at: MONTH + i * DAY,
  value: Math.round(100_000 + 37 * i) / 100,
}))

describe('a terminal’s own log', () => {
  test('reads back line by line, whatever stands in it', () => {
    fc.assert(
      fc.property(lines, (entries) => {
        const { first, bytes } = packLog(entries)
        expect(unpackLog(first, bytes)).toEqual(entries)
      }),
    )
  })
  test('that is cut is no log, and a word of a later make costs only its line', () => {
    const at = 1_770_000_000_000
    const { first, bytes } = packLog([{ at, what: 'clock_set', value: -300 }])
    for (let end = 1; end < bytes.length; end++) expect(unpackLog(first, bytes.subarray(0, end))).toBeUndefined()
    expect(unpackLog(first, Uint8Array.of(1, 200, 0, ...bytes))).toEqual([
      { at: at + 1000, what: 'clock_set', value: -300 },
    ])
  })
  test.each(FORMATS)(
    'travels in pieces beside the register in content format %d, within the limit of a packet',
    (format) => {
      const entries = Array.from({ length: 26 }, (_, i) => ({
        ...{ at: MONTH + i * DAY, what: TERMINAL_WORDS[i % TERMINAL_WORDS.length] ?? 'clock_set', value: i },
      }))
      const said: Report = { ...DAILY, trigger: 'answer', terminalLog: { command: 7, piece: 2, pieces: 5, entries } }
      const bytes = encodeReport(format, said, archive)
      expect(bytes.length).toBeLessThan(300)
      expect(decodeReport(format, bytes, archive)).toEqual(said)
    },
  )
})

describe('the registers of a month', () => {
  test.each(FORMATS)('travel with the register of the moment in content format %d, in one packet', (format) => {
    const said: Report = { ...DAILY, trigger: 'answer', readings: [...days, ...DAILY.readings] }
    const bytes = encodeReport(format, said, archive)
    expect(bytes.length).toBeLessThan(300)
    expect(decodeReport(format, bytes, archive)).toEqual(said)
  })
  test('are told without those days that the meter did not keep', () => {
    const kept = days.filter((_, i) => i !== 3 && i !== 4)
    const said: Report = { ...DAILY, trigger: 'answer', readings: [...kept, ...DAILY.readings] }
    for (const format of FORMATS)
      expect(decodeReport(format, encodeReport(format, said, archive), archive)).toEqual(said)
  })
})
