import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { bytesOf } from '../testing/hostile.ts'
import { CborReader } from './reader.ts'
import { packSeries, unpackSeries } from './series.ts'
import { CborWriter } from './writer.ts'

const problemOf = (hex: string, read: (reader: CborReader) => unknown): string | undefined => {
  const reader = new CborReader(bytesOf(hex))
  read(reader)
  return reader.problem && `${reader.problem.reason}@${reader.problem.at}`
}

describe('integers', () => {
  test.each([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [100, '1864'],
    [1000, '1903E8'],
    [1_000_000, '1A000F4240'],
    [1_000_000_000_000, '1B000000E8D4A51000'],
    [-1, '20'],
    [-100, '3863'],
    [-1000, '3903E7'],
    [Number.MAX_SAFE_INTEGER, '1B001FFFFFFFFFFFFF'],
  ])('%d is %s, as in RFC 8949 appendix A', (value, hex) => {
    expect(toHex(new CborWriter().int(value).finish())).toBe(hex)
    expect(new CborReader(bytesOf(hex)).int()).toBe(value)
  })
  test.each([
    ['17 in one byte more than needed', '1817'],
    ['255 in two bytes', '1900FF'],
    ['65535 in four bytes', '1A0000FFFF'],
    ['4294967295 in eight bytes', '1B00000000FFFFFFFF'],
  ])('%s is refused: the shortest form is the only one', (_what, hex) => {
    expect(problemOf(hex, (reader) => reader.uint())).toBe('bad-length@0')
  })
  test('a number above 53 bits is refused, not rounded', () => {
    expect(problemOf('1B0020000000000000', (reader) => reader.uint())).toBe('out-of-range@0')
    expect(() => new CborWriter().int(2 ** 53)).toThrow(/53 bits/)
    expect(() => new CborWriter().int(0.5)).toThrow(/53 bits/)
  })
})

describe('what the profile leaves out', () => {
  test.each([
    ['a float', 'FB3FF199999999999A', 'unsupported@0'],
    ['a half float', 'F93C00', 'unsupported@0'],
    ['an indefinite array', '9F00FF', 'unsupported@0'],
    ['a tag', 'C11A514B67B0', 'unsupported@0'],
    ['null', 'F6', 'unsupported@0'],
    ['a reserved head', '1C', 'unsupported@0'],
    ['an array longer than the input', '9B000000FFFFFFFFFF', 'truncated@9'],
    ['a byte string longer than the input', '5A7FFFFFFF00', 'truncated@6'],
    ['a nest of nine arrays', '818181818181818181818100', 'unsupported@9'],
    ['nothing', '', 'truncated@0'],
    ['a number cut in the middle', '1903', 'truncated@2'],
  ])('%s is refused', (_what, hex, problem) => {
    expect(problemOf(hex, (reader) => reader.skip())).toBe(problem)
  })
  test('anything else can be passed over', () => {
    const bytes = new CborWriter()
      .array(4)
      .map(1)
      .int(1)
      .text('阀')
      .bytes(bytesOf('00'))
      .bool(true)
      .int(-5)
      .int(9)
      .finish()
    const reader = new CborReader(bytes)
    reader.skip()
    expect(reader.int()).toBe(9)
    expect(reader.atEnd).toBe(true)
  })
  test('a wrong type is a problem, the first one is kept, and reading goes on with nothing', () => {
    const reader = new CborReader(bytesOf('6161'))
    expect([reader.uint(), reader.int(), reader.array(), reader.map(), reader.bool(), reader.text()]).toEqual([
      0,
      0,
      0,
      0,
      false,
      '',
    ])
    expect(reader.bytes().length).toBe(0)
    expect(reader.problem).toMatchObject({ reason: 'unsupported' })
    expect(problemOf('00', (r) => r.bool())).toBe('unsupported@1')
    expect(problemOf('00', (r) => r.text())).toBe('unsupported@1')
    expect(problemOf('00', (r) => r.bytes())).toBe('unsupported@1')
    expect(problemOf('6161', (r) => r.int())).toBe('unsupported@1')
  })
  test('a text that is not UTF-8 is refused', () => {
    expect(problemOf('61FF', (reader) => reader.text())).toBe('out-of-range@1')
  })
  test('the writer grows as needed', () => {
    const long = 'x'.repeat(5_000)
    expect(new CborReader(new CborWriter().text(long).finish()).text()).toBe(long)
  })
})

describe('packed series', () => {
  test('a register that advances by 12 takes one byte a sample after the first', () => {
    expect(toHex(packSeries([301, 313, 325, 321]))).toBe('00DA04181807')
  })
  test('a power of ten in every sample is taken out', () => {
    expect(toHex(packSeries([30_100, 31_300, 32_500, 32_100]))).toBe('02DA04181807')
    expect(toHex(packSeries([0, 0]))).toBe('090000')
  })
  test('every series reads back as packed', () => {
    const value = fc.integer({ min: -(2 ** 50), max: 2 ** 50 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), fc.constantFrom(1, 10, 1e6), (values, unit) => {
        const whole = values.map((each) => Math.trunc(each / unit) * unit + 0)
        expect(unpackSeries(packSeries(whole))).toEqual(whole)
      }),
    )
  })
  test.each([
    ['nothing', ''],
    ['no sample', '00'],
    ['a power of ten above nine', '0A02'],
    ['a power of ten that is not the largest', '0014'],
    ['cut in the middle of a number', '00D8'],
    ['not in its shortest form', '008000'],
    ['a number above 53 bits', '00FFFFFFFFFFFFFF7F'],
    ['a number of nine groups', '00FFFFFFFFFFFFFFFF01'],
    ['a sample above 2⁵⁰', '008280808080808004'],
    ['a sum above 53 bits', '00FEFFFFFFFFFFFF0FFEFFFFFFFFFFFF0FFEFFFFFFFFFFFF0F'],
  ])('%s is refused', (_what, hex) => {
    expect(unpackSeries(bytesOf(hex))).toBeUndefined()
  })
})
