import type { Report } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../bytes/concat.ts'
import { toHex } from '../bytes/hex.ts'
import { explainFrame } from '../explain.ts'
import { decodeAnswer, encodeAnswer } from '../report/answer-codec.ts'
import { decodeReport } from '../report/decode-report.ts'
import { encodeReport } from '../report/encode-report.ts'
import { CONTENT_FORMAT } from '../report/lookup.ts'
import { peekDevice } from '../report/peek.ts'
import { ARCHIVE as archive } from '../testing/example-reports.ts'
import { bytesOf, fuzz } from '../testing/hostile.ts'
import { encodeReadAnswer } from './encode.ts'
import { encodeFrame } from './frame.ts'

const { DLT645, CBOR } = CONTENT_FORMAT
const AT = Date.parse('2026-03-15T00:54:20+08:00')
const MIDNIGHT = Date.parse('2026-03-15T00:00:00+08:00')
const METER = 102030425
const D1R = '68 25 04 03 02 01 00 68 91 08 33 33 34 33 75 39 45 33 8B 16'
const read = (...frames: readonly Uint8Array[]) => decodeReport(DLT645, concatBytes(frames), archive)
const reading = (quantity: Report['readings'][number]['quantity'], value: number) => ({ quantity, at: AT, value })

const REPORT: Report = {
  device: METER,
  kind: 'meter',
  trigger: 'timed',
  deviceTime: AT,
  sequence: -1,
  readings: [
    reading('active_energy_j', 4_343_112_000),
    reading('reverse_active_energy_j', 44_424_000),
    reading('voltage_a_v', 239.4),
    reading('current_a_a', -5.123),
    reading('power_w', 1234.5),
    reading('frequency_hz', 49.98),
  ],
  events: ['battery_low'],
  status: { relay: 'off' },
}

describe('reports of electricity meters', () => {
  test('one published answer is a report of 1206.42 kWh in joule, without a clock', () => {
    expect(read(bytesOf(D1R))).toEqual({
      ...REPORT,
      deviceTime: Number.NaN,
      readings: [{ quantity: 'active_energy_j', at: Number.NaN, value: 4_343_112_000 }],
      events: [],
      status: {},
    })
  })
  test('a report reads back as written, and through CBOR too', () => {
    expect(read(encodeReport(DLT645, REPORT, archive))).toEqual(REPORT)
    const cbor = decodeReport(CBOR, encodeReport(CBOR, REPORT, archive), archive)
    expect(cbor).toMatchObject({
      status: { relay: 'off' },
      readings: expect.arrayContaining([reading('power_w', 1234.5)]),
    })
    expect(peekDevice(DLT645, encodeReport(DLT645, REPORT, archive))).toBe(METER)
  })
  test('a plain report of everything stays below 200 bytes (S0-64)', () => {
    expect(encodeReport(DLT645, REPORT, archive).length).toBeLessThan(200)
  })
  test('a frozen register has the time of its freeze; without that time it is no reading', () => {
    const time = encodeReadAnswer(METER, 0x05060001, { time: MIDNIGHT })
    const older = encodeReadAnswer(METER, 0x05060002, { time: MIDNIGHT - 86_400_000 })
    const frozen = encodeReadAnswer(METER, 0x05060101, { total: 1200, 'tariff 1': 1200 }, '2007', 8)
    const before = encodeReadAnswer(METER, 0x05060102, { total: 1190, 'tariff 1': 1190 }, '2007', 8)
    expect(read(time, frozen, older, before)).toMatchObject({
      readings: [
        { quantity: 'active_energy_j', at: MIDNIGHT - 86_400_000, value: 4_284_000_000 },
        { quantity: 'active_energy_j', at: MIDNIGHT, value: 4_320_000_000 },
      ],
    })
    expect(read(older, frozen)).toMatchObject({ readings: [] })
  })
  test('a block gives the total once, not its tariffs', () => {
    const block = encodeReadAnswer(METER, 0x0001ff00, { total: 3, 'tariff 1': 1, 'tariff 2': 2 }, '2007', 12)
    expect(read(block)).toMatchObject({ readings: [{ value: 10_800_000 }] })
  })
  test('the voltage block gives three phases', () => {
    const block = '68 18 20 12 22 20 65 68 91 0A 33 32 34 35 33 33 33 33 C7 56 13 16'
    expect(read(bytesOf(block))).toMatchObject({
      readings: [
        { quantity: 'voltage_a_v', value: 0 },
        { quantity: 'voltage_b_v', value: 0 },
        { quantity: 'voltage_c_v', value: 239.4 },
      ],
    })
  })
  test('a meter of 1997 is told by its control code', () => {
    expect(read(bytesOf('68 03 00 00 00 00 00 68 81 06 43 C3 75 39 45 33 86 16'))).toMatchObject({
      device: 3,
      readings: [{ quantity: 'active_energy_j', value: 4_343_112_000 }],
    })
  })
  test('registers of another kind of energy are no reading', () => {
    expect(read(encodeReadAnswer(METER, 0x00050000, { total: 7 }))).toMatchObject({ readings: [] })
    expect(read(encodeReadAnswer(METER, 0x00000000, { total: -7 }))).toMatchObject({ readings: [] })
  })
  test.each([
    ['a request of the master', '68 25 04 03 02 01 00 68 11 04 33 33 34 33 E1 16', 'unsupported'],
    ['an abnormal answer', '68 25 04 03 02 01 00 68 D1 01 35 06 16', 'unsupported'],
    [
      'an answer from everybody',
      toHex(encodeFrame({ address: -1, control: 0x91, data: bytesOf('00 00 01 00') })),
      'out-of-range',
    ],
    ['two devices', `${D1R}68 37 03 00 92 81 39 68 91 08 33 33 34 33 37 33 33 33 8C 16`, 'unsupported'],
    ['a good frame and noise', `${D1R}00`, 'bad-start'],
    ['digits that are none', '68 25 04 03 02 01 00 68 91 08 33 33 34 33 00 32 33 33 FD 16', 'bad-bcd'],
    [
      'half a long answer',
      toHex(encodeFrame({ address: METER, control: 0xb1, data: bytesOf('00 FF 01 00') })),
      'truncated',
    ],
    ['nothing', '', 'truncated'],
  ])('%s is no report', (_what, hex, reason) => {
    expect(decodeReport(DLT645, bytesOf(hex), archive)).toMatchObject({ kind: 'malformed', reason })
  })
  test('what does not fit is refused with a code', () => {
    const gas: Report = { ...REPORT, readings: [reading('index_m3', 1)] }
    expect(() => encodeReport(DLT645, gas, archive)).toThrow(/no place/)
    expect(() => encodeReport(DLT645, { ...REPORT, kind: 'rtu' }, archive)).toThrow(/carry meters/)
    const late: Report = { ...REPORT, readings: [{ quantity: 'power_w', at: AT - 1, value: 1 }] }
    expect(() => encodeReport(DLT645, late, archive)).toThrow(/no place/)
  })
})

describe('answers', () => {
  test('an answer sets the clock and carries no command', () => {
    const answer = encodeAnswer(DLT645, { device: METER, now: AT, command: { kind: 'close', id: 1 } }, archive)
    expect(decodeAnswer(DLT645, answer, archive)).toEqual({ device: METER, now: AT })
    expect(decodeAnswer(DLT645, bytesOf(D1R), archive)).toMatchObject({ reason: 'unsupported' })
    expect(decodeAnswer(DLT645, bytesOf('68'), archive)).toMatchObject({ reason: 'truncated' })
  })
})

describe('explaining', () => {
  const words = (hex: string) => Object.fromEntries(explainFrame(bytesOf(hex)).fields.map((f) => [f.name, f.meaning]))
  test('a register in words', () => {
    expect(words(`FE FE ${D1R}`)).toMatchObject({
      preamble: 'wakes the receiver',
      address: '000102030425',
      control: 'read data, answer of the meter, 2007',
      identifier: '00010000, forward active energy, total',
      total: '1206.42 kWh',
    })
  })
  test('relay control, wildcards, errors and times in words', () => {
    expect(words('68 25 04 03 02 01 00 68 1C 10 35 AB 89 67 34 33 33 33 4D 33 53 87 33 48 36 59 2C 16')).toMatchObject({
      operation: 'trip',
      time: '2026-03-14T16:54:20.000Z',
    })
    expect(words('68 25 04 03 AA AA AA 68 11 04 33 33 34 33 DC 16')['address']).toMatch(/AA stands for/)
    expect(words('68 25 04 03 02 01 00 68 D1 01 35 06 16')['error']).toMatch(/02/)
    expect(words('68 25 04 03 02 01 00 68 91 07 35 34 33 37 53 87 33 77 16')['time of day']).toBe('00:54:20')
  })
  test('the fields cover every byte, and a broken frame says why and where', () => {
    fuzz([bytesOf(D1R), bytesOf(D1R + D1R)], 1997, (bytes) => {
      const { fields } = explainFrame(bytes)
      if (fields.reduce((sum, { length }) => sum + length, 0) !== bytes.length) throw new Error(toHex(bytes))
    })
    expect(explainFrame(bytesOf('68 37 03 00 92 81 39 68 91 06 33 34 34 35 C7 56 B6 16'))).toMatchObject({
      format: 'DL/T 645',
      problem: 'checksum at byte 16: the sum of the bytes disagrees',
    })
  })
})

test('random and damaged reports give values', () => {
  fuzz([bytesOf(D1R), encodeReport(DLT645, REPORT, archive)], 2007, (bytes) => {
    const result = decodeReport(DLT645, bytes, archive)
    if (result.kind === 'malformed' && (result.at < 0 || result.at > bytes.length)) throw new Error('offset outside')
  })
})
