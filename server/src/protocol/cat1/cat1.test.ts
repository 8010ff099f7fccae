import { describe, expect, test } from 'vitest'
import { concatBytes } from '../bytes/concat.ts'
import { toHex } from '../bytes/hex.ts'
import { scanFrames as scanCjt188 } from '../cjt188/scan.ts'
import { scanFrames as scanDlt645 } from '../dlt645/scan.ts'
import { explainFrame } from '../explain.ts'
import { writeRecord } from '../record/write-record.ts'
import { decodeAnswer, encodeAnswer } from '../report/answer-codec.ts'
import { decodeReport } from '../report/decode-report.ts'
import { encodeReport } from '../report/encode-report.ts'
import { CONTENT_FORMAT } from '../report/lookup.ts'
import { peekDevice } from '../report/peek.ts'
import { ARCHIVE as archive, DAILY } from '../testing/example-reports.ts'
import { bitFlips, bytesOf, fuzz, truncations } from '../testing/hostile.ts'
import { decodeData } from './decode.ts'
import { explainCat1 } from './explain.ts'
import { encodeFrame, readFrame } from './frame.ts'
import { scanFrames } from './scan.ts'
import published from './vectors/published.json' with { type: 'json' }

const { CAT1 } = CONTENT_FORMAT
interface Vector {
  readonly name: string
  readonly hex: string
  readonly writes?: boolean
  readonly report?: Readonly<Record<string, number | string>>
}
const vectors = published as readonly Vector[]
const frameOf = (hex: string) => {
  const frame = readFrame(bytesOf(hex), 0)
  if (frame.kind === 'malformed') throw new Error(frame.detail)
  return frame
}
const REPORT = bytesOf(vectors[0]?.hex ?? '')

describe('vectors', () => {
  test.each(vectors)('$name is read, and its fields cover its data', ({ hex }) => {
    const frame = frameOf(hex)
    const values = decodeData(frame)
    if ('kind' in values) throw new Error(values.detail)
    expect(toHex(writeRecord(values))).toBe(toHex(frame.data))
  })
  test.each(vectors.filter(({ writes }) => writes !== false))('$name is written to the same bytes', ({ hex }) => {
    expect(toHex(encodeFrame(frameOf(hex)))).toBe(toHex(bytesOf(hex)))
  })
  test.each(vectors.filter(({ writes }) => writes === false))('$name', ({ hex }) => {
    expect(() => encodeFrame(frameOf(hex))).toThrow(/person on site/)
  })
  test.each(vectors.filter(({ report }) => report))('$name becomes a report', ({ hex, report }) => {
    const { litres, time, volt, valve, ...head } = report ?? {}
    const read = decodeReport(CAT1, bytesOf(hex), archive)
    expect(read).toMatchObject({ ...head, kind: 'meter', deviceTime: Date.parse(String(time)) })
    if (read.kind === 'malformed' || litres === undefined) return
    expect(read.readings).toEqual([{ quantity: 'index_m3', at: read.deviceTime, value: Number(litres) / 1000 }])
    expect(read.status).toEqual({ valve, batteryVolt: volt })
  })
  test.each(vectors)('$name, cut or with a bit flipped, is no frame of any protocol', ({ hex }) => {
    for (const bytes of [...truncations(bytesOf(hex)), ...bitFlips(bytesOf(hex))]) {
      for (const scan of [scanFrames, scanDlt645]) expect(scan(bytes).every((f) => f.kind === 'malformed')).toBe(true)
    }
  })
  test('a splitter that takes the control code for a length fails on it', () => {
    expect(scanCjt188(REPORT).every((found) => found.kind === 'malformed')).toBe(true)
    expect(explainFrame(REPORT).format).toBe('CAT-1 push')
  })
  test('a frame behind a broken one is explained, and the broken one named', () => {
    const broken = Uint8Array.from(REPORT)
    broken[broken.length - 2] = (broken.at(-2) ?? 0) ^ 0xff
    const { fields, problem } = explainCat1(concatBytes([broken, REPORT]))
    expect(problem).toMatch(/^checksum at byte/)
    expect(fields.slice(1)).toEqual(
      explainCat1(REPORT).fields.map((field) => ({ ...field, offset: field.offset + broken.length })),
    )
  })
})

describe('reports', () => {
  test('the answer to a command says whether it was done', () => {
    expect(decodeReport(CAT1, bytesOf(vectors.at(-1)?.hex ?? ''), archive)).toMatchObject({
      trigger: 'answer',
      status: { command: { id: 1, accepted: true } },
    })
  })
  test('a report reads back as written', () => {
    const report = {
      ...DAILY,
      readings: [{ quantity: 'index_m3', at: DAILY.deviceTime, value: 1206.42 }],
      events: ['battery_low', 'magnet'],
      status: { valve: 'closed', batteryVolt: 3.412 },
    } as const
    expect(decodeReport(CAT1, encodeReport(CAT1, report, archive), archive)).toEqual(report)
    expect(peekDevice(CAT1, encodeReport(CAT1, report, archive))).toBe(DAILY.device)
    expect(encodeReport(CAT1, report, archive).length).toBe(88)
    expect(() => encodeReport(CAT1, DAILY, archive)).toThrow(/one register/)
    expect(() => encodeReport(CAT1, { ...report, events: ['gas_leak'] }, archive)).toThrow(/gas_leak/)
  })
  test('a refused command reads back as refused', () => {
    const refused = {
      ...DAILY,
      trigger: 'answer',
      sequence: -1,
      readings: [],
      events: [],
      status: { command: { id: 7, accepted: false } },
    } as const
    expect(decodeReport(CAT1, encodeReport(CAT1, refused, archive), archive)).toEqual(refused)
  })
  test.each([
    ['an acknowledgement', vectors[4]?.hex ?? '', 'unsupported'],
    ['two pushes', (vectors[0]?.hex ?? '').repeat(2), 'unsupported'],
    ['nothing', '', 'truncated'],
  ])('%s is no report', (_what, hex, reason) => {
    expect(decodeReport(CAT1, bytesOf(hex), archive)).toMatchObject({ kind: 'malformed', reason })
  })
})

describe('answers', () => {
  const answer = { device: 102608220004, now: 0 }
  test('without a command the meter may sleep', () => {
    expect(toHex(encodeAnswer(CAT1, answer, archive))).toBe('6810040022082610000317000000000203AFAA16')
    expect(decodeAnswer(CAT1, encodeAnswer(CAT1, answer, archive), archive)).toEqual({ ...answer, now: Number.NaN })
  })
  test('a close command takes the place of the acknowledgement, as published', () => {
    const close = encodeAnswer(CAT1, { ...answer, command: { kind: 'close', id: 1 } }, archive)
    expect(toHex(close)).toBe('6810040022082610000304000100000CAA059900000000000000000038 16'.replace(' ', ''))
    expect(decodeAnswer(CAT1, close, archive)).toMatchObject({ command: { kind: 'close', id: 1 } })
  })
  test('a parameter has no form in this language and is left out', () => {
    const command = { kind: 'parameter', id: 2, parameter: 'report_spread_s', value: 120 } as const
    expect(decodeAnswer(CAT1, encodeAnswer(CAT1, { ...answer, command }, archive), archive)).not.toHaveProperty(
      'command',
    )
  })
  test('an open command is no answer of ours', () => {
    expect(decodeAnswer(CAT1, bytesOf(vectors[6]?.hex ?? ''), archive)).toMatchObject({ reason: 'unsupported' })
    const fields = explainFrame(bytesOf(vectors[6]?.hex ?? '')).fields
    expect(fields.find(({ name }) => name === 'content')?.meaning).toMatch(/never sends/)
  })
})

test('random and damaged pushes give values', () => {
  fuzz([REPORT, concatBytes([REPORT, REPORT])], 97, (bytes) => {
    const read = decodeReport(CAT1, bytes, archive)
    if (read.kind === 'malformed' && (read.at < 0 || read.at > bytes.length)) throw new Error('offset outside')
  })
})
