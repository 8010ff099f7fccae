import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFor } from '../bytes/address.ts'
import { concatBytes } from '../bytes/concat.ts'
import { toHex } from '../bytes/hex.ts'
import { bitFlips, bytesOf, fuzz, truncations } from '../testing/hostile.ts'
import type { WritableField } from './data-field.ts'
import { decodeDataField } from './decode.ts'
import { encodeDataField } from './encode.ts'
import { encodeFrame, readFrame } from './frame.ts'
import { scanFrames } from './scan.ts'
import derived from './vectors/derived.json' with { type: 'json' }
import published from './vectors/published.json' with { type: 'json' }

interface Vector {
  readonly name: string
  readonly hex: string
  readonly address?: number
  readonly decoded?: Readonly<Record<string, unknown>>
  readonly refused?: string
  readonly rewrites?: boolean
}
const vectors: readonly Vector[] = [...published, ...derived]
const good = vectors.filter((vector) => vector.decoded)
const G1 = bytesOf('68 30 27 00 00 02 17 18 00 01 03 1F 90 00 A3 16')
const G2 = bytesOf(
  '68 30 27 00 00 02 17 18 00 81 16 1F 90 00 42 06 12 00 2C 00 50 11 00 2C 20 54 00 15 03 26 20 00 00 1B 16',
)
const kinds = (bytes: Uint8Array) =>
  scanFrames(bytes).map((f) => (f.kind === 'frame' ? `frame@${f.at}` : `${f.reason}@${f.at}`))

describe('vectors', () => {
  test.each(good)('$name is read', ({ hex, address, decoded }) => {
    const [frame, ...rest] = scanFrames(bytesOf(hex))
    expect(rest).toEqual([])
    if (frame?.kind !== 'frame') throw new Error('refused')
    expect(frame.address).toBe(address)
    const field = decodeDataField(frame)
    const { time, ...others } = decoded ?? {}
    expect(field).toMatchObject(others)
    if (time !== undefined) expect(field).toMatchObject({ time: time === null ? Number.NaN : Date.parse(String(time)) })
  })
  test.each(good.filter((vector) => vector.rewrites !== false))('$name is written to the same bytes', ({ hex }) => {
    const bytes = bytesOf(hex)
    const frame = readFrame(bytes, 0)
    if (frame.kind === 'malformed') throw new Error(frame.detail)
    const field = decodeDataField(frame)
    if (field.kind === 'malformed') throw new Error(field.detail)
    expect(toHex(encodeFrame({ ...frame, data: encodeDataField(field as WritableField) }))).toBe(toHex(bytes))
  })
  test.each(vectors.filter((vector) => vector.refused))('$name is refused', ({ hex, refused }) => {
    expect(scanFrames(bytesOf(hex))).toMatchObject([{ kind: 'malformed', reason: refused }])
  })
  test.each(good)('$name cut at any byte is no frame', ({ hex }) => {
    for (const cut of truncations(bytesOf(hex))) {
      expect(scanFrames(cut).every((found) => found.kind === 'malformed')).toBe(true)
    }
  })
  test.each(good)('$name with any single bit flipped is no frame', ({ hex }) => {
    for (const flipped of bitFlips(bytesOf(hex))) {
      expect(scanFrames(flipped).every((found) => found.kind === 'malformed')).toBe(true)
    }
  })
})

describe('finding frames', () => {
  test('one frame, with and without preamble', () => {
    expect(kinds(G1)).toEqual(['frame@0'])
    expect(kinds(concatBytes([bytesOf('FE FE FE FE'), G1]))).toEqual(['frame@4'])
  })
  test('several frames in a row, each with its preamble', () => {
    expect(kinds(concatBytes([G1, bytesOf('FE FE'), G2, G1]))).toEqual(['frame@0', 'frame@18', 'frame@53'])
  })
  test('noise between frames is one malformed value', () => {
    expect(kinds(concatBytes([bytesOf('00 11'), G1, bytesOf('33'), G2]))).toEqual([
      'bad-start@0',
      'frame@2',
      'bad-start@18',
      'frame@19',
    ])
  })
  test('a broken length byte does not cost the next good frame', () => {
    const broken = G1.slice()
    broken[10] = 0x7f
    expect(kinds(concatBytes([broken, G2]))).toEqual(['truncated@51', 'frame@16'])
  })
  test('after a bad checksum the search goes on at the second byte, where a frame may begin', () => {
    expect(kinds(concatBytes([bytesOf('68'), G1]))).toEqual(['bad-end@13', 'frame@1'])
  })
  test('a 68 inside data does not restart the parser while the sum is right', () => {
    const frame = encodeFrame({
      type: 0x30,
      address: 68686868,
      control: 0x81,
      data: concatBytes([bytesOf('810A00'), G1]),
    })
    expect(kinds(frame)).toEqual(['frame@0'])
  })
  test('nothing at all is truncated', () => {
    expect(kinds(new Uint8Array())).toEqual(['truncated@0'])
    expect(kinds(bytesOf('FE FE'))).toEqual(['truncated@2'])
    expect(readFrame(new Uint8Array(), 0)).toMatchObject({ reason: 'truncated' })
  })
  test('an address that is neither decimal nor broadcast is refused', () => {
    const frame = bytesOf('68 30 AB AA AA AA AA AA 00 03 03 81 0A 00 26 16')
    expect(kinds(frame)).toEqual(['bad-bcd@2'])
  })
  test('single AA bytes stand for any digits, all of them or all nines for everybody', () => {
    const wild = bytesOf('68 30 27 00 00 AA AA 18 00 03 03 81 0A 00 3C 16')
    wild[14] = wild.subarray(0, 14).reduce((sum, byte) => sum + byte, 0)
    const frame = readFrame(wild, 0)
    if (frame.kind === 'malformed') throw new Error(frame.detail)
    expect(frame.pattern).toBe('0018AAAA000027')
    expect([181702000027, 189999000027, 181702000028].map((device) => isFor(frame, device, 7))).toEqual([
      true,
      true,
      false,
    ])
    expect(isFor({ address: 99_999_999_999_999 }, 1, 7)).toBe(true)
    expect(toHex(encodeFrame(frame))).toBe(toHex(wild))
  })
  test('a wrong end byte is refused', () => {
    const frame = G1.slice()
    frame[15] = 0x17
    expect(kinds(frame)[0]).toBe('bad-end@15')
  })
})

describe('data fields', () => {
  const field = (hex: string, control = 0x81, type = 0x30) =>
    decodeDataField({ kind: 'frame', type, address: 1, control, data: bytesOf(hex), at: 0, end: 0 })
  test.each([
    ['two bytes', '1F 90', 0x81, 'bad-length'],
    ['an identifier nobody knows', '12 34 00 01', 0x81, 'unknown-identifier'],
    ['901F that is too short', '1F 90 00 01', 0x81, 'bad-length'],
    ['a clock of six bytes', 'A0 15 00 01 02 03 04 05 06', 0x04, 'bad-length'],
    ['a valve command of two bytes', 'A0 17 00 99 99', 0x04, 'bad-length'],
    ['a valve command that is neither', 'A0 17 00 98', 0x04, 'out-of-range'],
    ['a valve answer of one byte', 'A0 17 00 98', 0x84, 'bad-length'],
    ['an error of four bytes', '00 01 02 03', 0xc1, 'bad-length'],
    ['an error of no byte', '', 0xc1, 'bad-length'],
    ['an extension of another version', `B0 10 00 02${'00'.repeat(21)}`, 0x81, 'unsupported'],
  ])('%s is malformed', (_what, hex, control, reason) => {
    expect(field(hex, control)).toMatchObject({ kind: 'malformed', reason })
  })
  test('an abnormal answer has one to three bytes', () => {
    expect(field('02', 0xc1)).toMatchObject({ kind: 'error', serial: -1 })
    expect(field('00 02', 0xc1)).toMatchObject({ kind: 'error', serial: 0 })
    expect(field('00 02 01', 0xc1)).toMatchObject({ kind: 'error', serial: 0 })
    expect(toHex(encodeDataField({ kind: 'error', serial: -1, status: bytesOf('02') }))).toBe('02')
  })
  test('901F of a heat meter and identifiers without a fixed form keep their payload', () => {
    expect(field('1F 90 00 01', 0x81, 0x20)).toMatchObject({ kind: 'other', di: 0x901f })
    for (const known of ['D1 20', 'D2 00', 'D3 FF', 'D4 01', '81 02']) {
      expect(field(`${known} 00 01`)).toMatchObject({ kind: 'other' })
    }
    expect(field('D1 1F 00 01')).toMatchObject({ reason: 'unknown-identifier' })
  })
  test('volumes come in other units too, and a unit that is no volume gives no number', () => {
    const total = (unit: string) => {
      const read = field(`90 1F 00 42 06 12 00 ${unit} FF FF FF FF 2C 20 54 00 15 03 26 20 00 00`)
      return read.kind === 'current' ? read.totalM3 : read.kind
    }
    expect(['29', '2A', '2B', '2C', '2D', '2E', '05'].map(total)).toEqual([
      1.20642,
      12.0642,
      120.642,
      1206.42,
      12064.2,
      120642,
      Number.NaN,
    ])
  })
  test.each([
    ['61 seconds', '61 00 00 01 01 26 20'],
    ['hour 24', '00 00 24 01 01 26 20'],
    ['month 13', '00 00 00 01 13 26 20'],
    ['30 February', '00 00 00 30 02 26 20'],
    ['day 0', '00 00 00 00 01 26 20'],
    ['the year 1969', '00 00 00 01 01 69 19'],
  ])('%s is no time', (_what, hex) => {
    expect(field(`A0 15 00 ${hex}`, 0x04)).toMatchObject({ kind: 'clock', time: Number.NaN })
  })
  test('29 February of a leap year is a time', () => {
    expect(field('A0 15 00 00 00 08 29 02 28 20', 0x04)).toMatchObject({ time: Date.UTC(2028, 1, 29) })
  })
})

describe('safety', () => {
  test('no frame that opens a valve can be written, in either byte order, for any meter type', () => {
    for (const type of [0x10, 0x30, 0x40]) {
      for (const data of [bytesOf('A0 17 01 55'), bytesOf('17 A0 01 55')]) {
        for (const control of [0x04, 0x24]) {
          expect(() => encodeFrame({ type, address: 1, control, data })).toThrow(/person on site/)
        }
      }
    }
  })
  test('the answer of a valve whose status word is 55 is not mistaken for a command', () => {
    expect(encodeFrame({ type: 0x30, address: 1, control: 0x84, data: bytesOf('A0 17 01 55 00') }).length).toBe(18)
  })
})

describe('hostile input', () => {
  test('random and damaged bytes give values, and what is accepted is written back the same', () => {
    let accepted = 0
    fuzz(
      good.map((vector) => bytesOf(vector.hex)),
      188,
      (bytes) => {
        for (const found of scanFrames(bytes)) {
          if (found.kind === 'malformed') continue
          accepted++
          decodeDataField(found)
        }
      },
    )
    expect(accepted).toBeGreaterThan(0)
  })
  test('every frame reads back as written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 99_999_999_999_999 }),
        fc.integer({ min: 0x80, max: 255 }),
        fc.uint8Array({ maxLength: 255 }),
        (type, address, control, data) => {
          expect(readFrame(encodeFrame({ type, address, control, data }), 0)).toMatchObject({ type, address, control })
        },
      ),
    )
  })
})
