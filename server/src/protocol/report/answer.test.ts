import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COMMAND_PARAMETERS } from '../../contract/parameters.table.ts'
import { toHex } from '../bytes/hex.ts'
import { scanFrames } from '../cjt188/scan.ts'
import { ARCHIVE as archive } from '../testing/example-reports.ts'
import { bytesOf, fuzz, truncations } from '../testing/hostile.ts'
import { CONNECTION_SETTINGS, type DeviceAnswer } from './answer.ts'
import { decodeAnswer, encodeAnswer } from './answer-codec.ts'
import { CONTENT_FORMAT } from './lookup.ts'

const { CBOR, CJT188, CJT188_SM4 } = CONTENT_FORMAT
const NOW = Date.UTC(2026, 2, 14, 16, 54, 20)
const closing: DeviceAnswer = { device: 181702000027, now: NOW, command: { kind: 'close', id: 41 } }
const read = (format: number, hex: string) => decodeAnswer(format, bytesOf(hex), archive)

const prices = fc
  .record({
    steps: fc.uniqueArray(fc.integer({ min: 1, max: 999_999 }), { maxLength: 7 }),
    yuan: fc.array(fc.nat(90_000_000), { minLength: 8, maxLength: 8 }),
    from: fc.oneof(
      fc.constant({ fromDay: null }),
      fc.record({ fromDay: fc.integer({ min: 1, max: 28 }) }),
      fc.record({ fromDay: fc.constant(null), fromAt: fc.integer({ min: 1e9, max: 4e9 }).map((s) => s * 1000) }),
    ),
  })
  .map(({ steps, yuan, from }) => ({
    tiers: [...steps.toSorted((a, b) => a - b), null].map((toM3, i) => ({ yuan: (yuan[i] ?? 0) / 10_000, toM3 })),
    ...from,
  }))

describe('answers', () => {
  test('every answer reads back as written in all three formats', () => {
    const command = fc.option(
      fc.oneof(
        fc.record({ kind: fc.constant('close' as const), id: fc.nat() }),
        fc.record({
          kind: fc.constant('parameter' as const),
          id: fc.nat(),
          parameter: fc.constantFrom(...COMMAND_PARAMETERS),
          value: fc.nat(),
        }),
        fc.record({ kind: fc.constant('firmware' as const), id: fc.nat(), image: fc.nat() }),
        fc.record({ kind: fc.constant('permit' as const), id: fc.nat(), windowS: fc.nat() }),
        fc.record({ kind: fc.constant('read' as const), id: fc.nat() }),
        fc.record({
          kind: fc.constant('read' as const),
          id: fc.nat(),
          month: fc.integer({ min: 200_001, max: 209_912 }),
        }),
        fc.record({ kind: fc.constant('log' as const), id: fc.nat(), days: fc.integer({ min: 1, max: 30 }) }),
        fc.record({ kind: fc.constantFrom('restart' as const, 'renew_key' as const), id: fc.nat() }),
        fc.record({
          kind: fc.constant('connection' as const),
          id: fc.nat(),
          setting: fc.constantFrom(...CONNECTION_SETTINGS),
          text: fc.stringMatching(/^[\x21-\x7e]{1,64}$/),
        }),
        fc.record({ kind: fc.constant('price' as const), id: fc.nat(), prices }),
      ),
      { nil: undefined },
    )
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 0, max: 4e9 }), command, (device, second, queued) => {
        const answer: DeviceAnswer = { device, now: second * 1000, ...(queued && { command: queued }) }
        for (const format of [CJT188, CJT188_SM4]) {
          expect(decodeAnswer(format, encodeAnswer(format, answer, archive), archive)).toEqual(answer)
        }
        expect(decodeAnswer(CBOR, encodeAnswer(CBOR, answer, archive), archive)).toEqual({ ...answer, device: -1 })
      }),
    )
  })
  test('a CJ/T 188 answer is the clock write, the ticket and the close command as master frames', () => {
    const frames = scanFrames(encodeAnswer(CJT188, closing, archive))
    expect(frames.map((frame) => (frame.kind === 'frame' ? toHex(frame.data.subarray(0, 4)) : frame.reason))).toEqual([
      'A0150020',
      'B0110129',
      'A0170299',
    ])
  })
  test('an answer with a command fits a small packet in every format', () => {
    expect(encodeAnswer(CBOR, closing, archive).length).toBe(16)
    expect(encodeAnswer(CJT188, closing, archive).length).toBeLessThan(200)
    expect(encodeAnswer(CJT188_SM4, closing, archive).length).toBeLessThan(300)
  })
  test('without a key nothing is sealed and nothing is opened', () => {
    const keyless = { ...archive, keyOf: () => undefined }
    expect(() => encodeAnswer(CJT188_SM4, closing, keyless)).toThrow(/no key/)
    expect(decodeAnswer(CJT188_SM4, encodeAnswer(CJT188_SM4, closing, archive), keyless)).toMatchObject({
      reason: 'no-key',
    })
    expect(read(CJT188_SM4, toHex(encodeAnswer(CJT188, closing, archive)))).toMatchObject({ reason: 'decrypt' })
  })
  test.each([
    ['no clock', CBOR, 'A0', 'bad-time'],
    ['a queued command of one', CBOR, 'A2 11 00 12 81 01', 'truncated'],
    ['a queued command of kind 3', CBOR, 'A2 11 00 12 82 01 03', 'unsupported'],
    ['a connection setting without name', CBOR, 'A2 11 00 12 84 01 03 05 61 41', 'out-of-range'],
    ['prices whose steps fall', CBOR, 'A2 11 00 12 88 01 04 00 01 09 02 08 03', 'out-of-range'],
    ['a price table without a last step', CBOR, 'A2 11 00 12 85 01 04 00 01 09', 'out-of-range'],
    ['a parameter without name', CBOR, 'A2 11 00 12 84 01 02 09 00', 'out-of-range'],
    ['bytes behind', CBOR, 'A1 11 00 00', 'trailing-bytes'],
    ['an unknown format', 0, '00', 'unsupported'],
    ['noise', CJT188, '00', 'bad-start'],
    ['a frame that is no answer', CJT188, '68 30 27 00 00 02 17 18 00 01 03 1F 90 00 A3 16', 'unsupported'],
    ['an unknown identifier', CJT188, '68 30 27 00 00 02 17 18 00 04 03 12 34 00 3D 16', 'unknown-identifier'],
    ['a close without clock', CJT188, '68 30 27 00 00 02 17 18 00 04 04 A0 17 01 99 49 16', 'bad-time'],
  ])('%s is refused', (_what, format, hex, reason) => {
    expect(read(format, hex)).toMatchObject({ kind: 'malformed', reason })
  })
  test('an open command in an answer is refused by the device side too', () => {
    expect(read(CJT188, '68 30 27 00 00 02 17 18 00 04 04 A0 17 01 55 05 16')).toMatchObject({ reason: 'unsupported' })
  })
  test('a command without ticket, and a parameter without name, are refused', () => {
    const clock = toHex(encodeAnswer(CJT188, { device: 181702000027, now: NOW }, archive))
    expect(read(CJT188, `${clock} 68 30 27 00 00 02 17 18 00 04 04 A0 17 01 99 49 16`)).toMatchObject({
      reason: 'unsupported',
    })
    const strange = `68 30 27 00 00 02 17 18 00 04 08 B0 12 00 09 00 00 00 00 C7 16`
    expect(read(CJT188, clock + strange)).toMatchObject({ reason: 'out-of-range' })
  })
  test('an unknown key in a CBOR answer is passed over', () => {
    expect(read(CBOR, 'A2 11 05 18 63 00')).toEqual({ device: -1, now: 5 })
  })
  test('an unknown format cannot be written', () => {
    expect(() => encodeAnswer(0, closing, archive)).toThrow(/not spoken/)
  })
  test.each([CBOR, CJT188, CJT188_SM4])('damaged answers of %d give values and never a new command', (format) => {
    const good = encodeAnswer(format, closing, archive)
    for (const cut of truncations(good)) decodeAnswer(format, cut, archive)
    fuzz([good], format, (bytes) => {
      decodeAnswer(format, bytes, archive)
    })
  })
})
