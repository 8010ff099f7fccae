import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFor } from '../bytes/address.ts'
import { concatBytes } from '../bytes/concat.ts'
import { toHex } from '../bytes/hex.ts'
import { shownValue } from '../record/si-value.ts'
import { bitFlips, bytesOf, fuzz, truncations } from '../testing/hostile.ts'
import { decodeDataField } from './decode.ts'
import { encodeDataField, encodeReadAnswer, encodeReadRequest, encodeRelayOrder } from './encode.ts'
import { joinFollowUps } from './follow-up.ts'
import { encodeFrame, type FoundFrame, readFrame } from './frame.ts'
import { scanFrames } from './scan.ts'
import derived from './vectors/derived.json' with { type: 'json' }
import published from './vectors/published.json' with { type: 'json' }

interface Vector {
  readonly name: string
  readonly hex: string
  readonly address?: number
  readonly di?: string
  readonly generation?: string
  readonly kind?: string
  readonly values?: Readonly<Record<string, number | string | null>>
  readonly refused?: string
}
const vectors: readonly Vector[] = [...(published as readonly Vector[]), ...(derived as readonly Vector[])]
const good = vectors.filter((vector) => vector.values)
const frameOf = (hex: string): FoundFrame => {
  const frame = readFrame(bytesOf(hex), 0)
  if (frame.kind === 'malformed') throw new Error(frame.detail)
  return frame
}
const kinds = (bytes: Uint8Array) =>
  scanFrames(bytes).map((f) => (f.kind === 'frame' ? `frame@${f.at}` : `${f.reason}@${f.at}`))
const D1R = bytesOf('68 25 04 03 02 01 00 68 91 08 33 33 34 33 75 39 45 33 8B 16')
const D7 = bytesOf('68 01 00 00 00 00 00 68 11 04 33 33 34 33 B3 16')

describe('vectors', () => {
  test.each(good)('$name is read', ({ hex, address, di, generation, kind, values }) => {
    const frame = frameOf(hex)
    expect(frame.address).toBe(address)
    // The control code alone tells the generation, whatever the archive says.
    const field = decodeDataField(frame, '2007')
    if (kind === 'error' || field.kind !== 'data') {
      expect(field.kind).toBe(kind)
      return
    }
    expect(field.rest).toEqual(new Uint8Array())
    if (di !== '') expect(field.generation).toBe(generation ?? '2007')
    expect(field.di).toBe(di === '' ? -1 : Number.parseInt(di ?? '', 16))
    const shown = field.values.map((value) => [value.spec.name, shownValue(value)])
    const wanted = Object.entries(values ?? {}).map(([name, value]) => [
      name,
      value === null ? Number.NaN : typeof value === 'string' ? Date.parse(value) : value,
    ])
    expect(shown).toEqual(wanted)
  })
  test.each(good)('$name is written to the same bytes', ({ hex }) => {
    const frame = frameOf(hex)
    const field = decodeDataField(frame, '2007')
    if (field.kind === 'malformed') throw new Error(field.detail)
    expect(toHex(encodeFrame({ ...frame, data: encodeDataField(field) }))).toBe(toHex(bytesOf(hex)))
  })
  test.each(vectors.filter((vector) => vector.refused))('$name is refused', ({ hex, refused }) => {
    expect(scanFrames(bytesOf(hex))).toMatchObject([{ kind: 'malformed', reason: refused }])
  })
  test.each(good)('$name cut at any byte is no frame', ({ hex }) => {
    for (const cut of truncations(bytesOf(hex))) expect(scanFrames(cut).every((f) => f.kind === 'malformed')).toBe(true)
  })
  test.each(good)('$name with any single bit flipped is no frame', ({ hex }) => {
    for (const flipped of bitFlips(bytesOf(hex))) {
      expect(scanFrames(flipped).every((found) => found.kind === 'malformed')).toBe(true)
    }
  })
})

describe('finding frames', () => {
  test('with preambles, in a row, with noise between', () => {
    expect(kinds(concatBytes([bytesOf('FE FE FE FE'), D1R, bytesOf('FE'), D7]))).toEqual(['frame@4', 'frame@25'])
    expect(kinds(concatBytes([D7, bytesOf('00 16'), D1R]))).toEqual(['frame@0', 'bad-start@16', 'frame@18'])
  })
  test('a broken length does not cost the next good frame', () => {
    const broken = D7.slice()
    broken[9] = 0x60
    expect(kinds(concatBytes([broken, D1R])).at(-1)).toBe('frame@16')
    broken[9] = 0xff
    expect(kinds(concatBytes([broken, D1R]))).toEqual(['bad-length@9', 'frame@16'])
  })
  test('after a bad frame the search goes on at its second byte', () => {
    expect(kinds(concatBytes([bytesOf('68'), D1R])).at(-1)).toBe('frame@1')
  })
  test('a wildcard is for the meters that match, a broadcast for all', () => {
    const wild = frameOf('68 25 04 03 AA AA AA 68 11 04 33 33 34 33 DC 16')
    expect(wild.pattern).toBe('AAAAAA030425')
    expect([102030425, 999030425, 102030426].map((device) => isFor(wild, device, 6))).toEqual([true, true, false])
    for (const address of [-1, 999_999_999_999]) expect(isFor({ address }, 5, 6)).toBe(true)
    expect(isFor({ address: 5 }, 6, 6)).toBe(false)
    expect(scanFrames(bytesOf('68 AB AA AA AA AA AA 68 13 00 E0 16'))).toMatchObject([{ reason: 'bad-bcd' }])
  })
})

describe('writing', () => {
  test('a read request is the published one', () => {
    expect(toHex(encodeReadRequest(102030425, 0x00010000), ' ')).toBe('68 25 04 03 02 01 00 68 11 04 33 33 34 33 E1 16')
    expect(toHex(encodeReadRequest(3, 0xb611, '1997'), ' ')).toBe('68 03 00 00 00 00 00 68 01 02 44 E9 03 16')
  })
  test('what does not fit is refused with a code', () => {
    expect(() => encodeReadAnswer(1, 0x00010000, { total: 1e6 })).toThrow(/does not fit/)
    expect(() => encodeReadAnswer(1, 0x00010000, { total: -1 })).toThrow(/does not fit/)
    expect(() => encodeReadAnswer(1, 0x0f000000, {})).toThrow(/no layout/)
    expect(() => encodeFrame({ address: 1, control: 0x91, data: new Uint8Array(201) })).toThrow(/200/)
  })
  test('a relay is tripped or its closing permitted; no order closes it from afar', () => {
    const order = (name: Parameters<typeof encodeRelayOrder>[1]) =>
      frameOf(toHex(encodeRelayOrder(5, name, new Uint8Array(4), new Uint8Array(4), 0))).data[8]
    expect(
      ['trip', 'permit-closing', 'alarm', 'alarm-off', 'keep-power', 'keep-power-off'].map((n) => order(n as 'trip')),
    ).toEqual([0x1a, 0x1b, 0x2a, 0x2b, 0x3a, 0x3b])
  })
})

describe('data', () => {
  const field = (hex: string, control: number, generation: '1997' | '2007' = '2007') =>
    decodeDataField(
      { kind: 'frame', address: 1, control, data: bytesOf(hex), at: 0, end: 12 + bytesOf(hex).length },
      generation,
    )
  test.each([
    ['a function of nobody', '', 0x1f, 'unsupported'],
    ['an answer shorter than its identifier', '00 00 01', 0x91, 'bad-length'],
    ['an error of three bytes', '00 00 00', 0xd1, 'bad-length'],
    ['a broadcast time of five bytes', '00 00 00 00 00', 0x08, 'bad-length'],
  ])('%s is malformed', (_what, hex, control, reason) => {
    expect(field(hex, control)).toMatchObject({ kind: 'malformed', reason })
  })
  test('an identifier or a length that is not known keeps its bytes', () => {
    expect(field('00 00 00 0F 01 02', 0x91)).toMatchObject({ kind: 'data', values: [], rest: bytesOf('01 02') })
    expect(field('00 00 01 00 01 02', 0x91)).toMatchObject({ kind: 'data', values: [], rest: bytesOf('01 02') })
  })
  test('a read request may carry more than the identifier', () => {
    expect(field('00 00 01 00 05', 0x11)).toMatchObject({ values: [], rest: bytesOf('05') })
  })
  test('function 03 is what the archive says: security in 2007, read again in 1997', () => {
    expect(field('01 00 00 07', 0x03, '2007')).toMatchObject({ generation: '2007', di: 0x07000001 })
    expect(field('', 0x03, '1997')).toMatchObject({ generation: '1997', di: -1 })
  })
  test('a write shows identifier, password and operator as bytes', () => {
    const write = field('01 01 00 04 02 78 56 34 01 00 00 00 00 15 03 26', 0x14)
    if (write.kind !== 'data') throw new Error('refused')
    expect(write.values.map(({ spec }) => spec.name)).toEqual(['password', 'operator', 'content'])
  })
  test('a profile’s own layout goes before the standard’s', () => {
    const own = () => [{ kind: 'bytes', name: 'all', bytes: 0 }] as const
    const frame = frameOf('68 25 04 03 02 01 00 68 91 08 33 33 34 33 75 39 45 33 8B 16')
    expect(decodeDataField(frame, '2007', own)).toMatchObject({ values: [{ spec: { name: 'all' } }] })
  })
})

describe('long answers', () => {
  const part = (control: number, hex: string) =>
    readFrame(encodeFrame({ address: 7, control, data: bytesOf(hex) }), 0) as FoundFrame
  const first = part(0xb1, '00 FF 01 00 42 06 12 00')
  const second = part(0xb2, '00 FF 01 00 00 06 00 00 01')
  const last = part(0x92, '00 FF 01 00 42 00 03 00 02')
  test('its parts become one answer', () => {
    const joined = joinFollowUps([first, second, last], '2007')
    if ('kind' in joined) throw new Error(joined.detail)
    const [frame, ...more] = joined
    expect(more).toEqual([])
    if (!frame) throw new Error('nothing')
    const whole = decodeDataField(frame, '2007')
    if (whole.kind !== 'data') throw new Error('refused')
    expect(whole.values.map(shownValue)).toEqual([1206.42, 6, 300.42])
  })
  test('one part alone is not taken for a whole record', () => {
    expect(decodeDataField(second, '2007')).toMatchObject({ values: [], part: 1 })
    expect(decodeDataField(first, '2007')).toMatchObject({ values: [], part: -1 })
  })
  test.each([
    ['a missing middle', [first, last], /order/],
    ['a missing end', [first, second], /last part/],
    ['a missing begin', [second], /without its first/],
    ['another answer between', [first, part(0x91, '00 00 01 00 00 00 00 00'), last], /last part/],
    ['another identifier', [first, part(0xb2, '00 FF 02 00 00 06 00 00 01')], /another identifier/],
  ])('%s is malformed', (_what, frames, detail) => {
    const joined = joinFollowUps(frames, '2007')
    expect('kind' in joined && joined.detail).toMatch(detail)
  })
})

describe('hostile input', () => {
  test('random and damaged bytes give values, and what is accepted is written back the same', () => {
    let accepted = 0
    fuzz(
      good.map(({ hex }) => bytesOf(hex)),
      645,
      (bytes) => {
        for (const found of scanFrames(bytes)) {
          if (found.kind === 'malformed') continue
          accepted++
          const field = decodeDataField(found, '2007')
          if (field.kind === 'malformed') continue
          const again = toHex(encodeFrame({ ...found, data: encodeDataField(field) }))
          if (again !== toHex(bytes.subarray(found.at, found.end))) throw new Error(`${toHex(bytes)} became ${again}`)
        }
      },
    )
    expect(accepted).toBeGreaterThan(0)
  })
  test('every frame reads back as written, and no data throw', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999_999 }),
        fc.integer({ min: 0, max: 255 }),
        fc.uint8Array({ maxLength: 200 }),
        (address, control, data) => {
          const frame = readFrame(encodeFrame({ address, control, data }), 0)
          expect(frame).toMatchObject({ address, control, data })
          if (frame.kind === 'malformed') return
          for (const generation of ['1997', '2007'] as const) {
            const field = decodeDataField(frame, generation)
            if (field.kind !== 'malformed') expect(toHex(encodeDataField(field))).toBe(toHex(data))
          }
        },
      ),
      { numRuns: Number(process.env['GASTWIN_PROPERTY_RUNS'] ?? 300) },
    )
  })
})
