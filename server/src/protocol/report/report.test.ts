import { DEVICE_EVENTS, type Reading, type Report, UPDATE_OUTCOMES } from '@gastwin/twin'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import gastwinMeter from '../../../profiles/gastwin-meter.json' with { type: 'json' }
import { concatBytes } from '../bytes/concat.ts'
import { toHex } from '../bytes/hex.ts'
import type { CipherProfile } from '../cjt188/cipher.ts'
import { checkProfile } from '../profile/check-profile.ts'
import type { VendorProfile } from '../profile/vendor-profile.ts'
import { ARCHIVE as archive, BUNDLE, CLOSED, DAILY, REGISTRATION, RTU } from '../testing/example-reports.ts'
import { bitFlips, bytesOf, fuzz, truncations } from '../testing/hostile.ts'
import { decodeReport } from './decode-report.ts'
import { encodeReport } from './encode-report.ts'
import { CONTENT_FORMAT, type DeviceLookup } from './lookup.ts'
import { peekDevice, peekTrigger } from './peek.ts'
import { DEVICE_KINDS, QUANTITIES, QUANTITY_SCALES, TRIGGERS, VALVE_POSITIONS } from './words.ts'

const { CBOR, CJT188, CJT188_SM4 } = CONTENT_FORMAT
const sealingProfile = (cipher: CipherProfile): VendorProfile => ({
  ...(checkProfile(gastwinMeter) as VendorProfile),
  cipher,
})
const FORMATS = [CBOR, CJT188, CJT188_SM4]
const G2 = '68 30 27 00 00 02 17 18 00 81 16 1F 90 00 42 06 12 00 2C 00 50 11 00 2C 20 54 00 15 03 26 20 00 00 1B 16'
const read = (format: number, hex: string) => decodeReport(format, bytesOf(hex), archive)

const messages: (readonly [string, number, Report])[] = [
  ...FORMATS.map((format) => [`daily report in ${format}`, format, DAILY] as const),
  ['C&I bundle', CBOR, BUNDLE],
  ['RTU minute', CBOR, RTU],
  ['registration', CBOR, REGISTRATION],
  ['valve closed', CBOR, CLOSED],
]

describe('round trips', () => {
  test.each(messages)('%s reads back as written', (_name, format, report) => {
    expect(decodeReport(format, encodeReport(format, report, archive), archive)).toEqual(report)
  })
  test('any CBOR report on the grid of its quantities reads back as written, and to the same bytes', () => {
    const time = fc.integer({ min: 1.6e12, max: 2e12 })
    const reading = fc.record({ code: fc.nat(QUANTITIES.length - 1), back: fc.nat(100), whole: fc.integer() })
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
    const report = fc
      .record({
        device: fc.integer({ min: 0, max: 99_999_999_999_999 }),
        kind: fc.constantFrom(...DEVICE_KINDS),
        trigger: fc.constantFrom(...TRIGGERS),
        deviceTime: time,
        sequence: fc.integer({ min: -1, max: 1e9 }),
        readings: fc.uniqueArray(reading, { maxLength: 40, selector: ({ code, back }) => 1000 * code + back }),
        events: fc.subarray([...DEVICE_EVENTS]),
        valve: optional(fc.constantFrom(...VALVE_POSITIONS)),
        battery: optional(fc.nat(65535)),
        rsrp: optional(fc.integer({ min: -1500, max: 0 })),
        sinr: optional(fc.integer({ min: -300, max: 400 })),
        ecl: optional(fc.nat(2)),
        pci: optional(fc.nat(503)),
        firmware: optional(fc.string({ maxLength: 20 })),
        command: optional(fc.record({ id: fc.nat(), accepted: fc.boolean() })),
        update: optional(fc.record({ id: fc.nat(), outcome: fc.constantFrom(...UPDATE_OUTCOMES) })),
        servicePort: optional(fc.nat(65535)),
      })
      .map(
        ({
          valve,
          battery,
          rsrp,
          sinr,
          ecl,
          pci,
          firmware,
          command,
          update,
          servicePort,
          readings,
          ...rest
        }): Report => {
          const ordered = readings
            .map(({ code, back, whole }): Reading & { code: number } => ({
              code,
              quantity: QUANTITIES[code] ?? 'index_m3',
              at: rest.deviceTime - back * 60_000,
              value: whole / (QUANTITY_SCALES[code] ?? 1),
            }))
            .sort((a, b) => a.at - b.at || a.code - b.code)
          return {
            ...rest,
            readings: ordered.map(({ quantity, at, value }) => ({ quantity, at, value })),
            status: {
              ...(valve && { valve }),
              ...(battery !== undefined && { batteryVolt: battery / 1000 }),
              ...(rsrp !== undefined && { rsrpDbm: rsrp / 10 }),
              ...(sinr !== undefined && { sinrDb: sinr / 10 }),
              ...(ecl !== undefined && { ecl }),
              ...(pci !== undefined && { pci }),
              ...(firmware !== undefined && { firmware }),
              ...(update && { update }),
              ...(command && { command }),
              ...(servicePort !== undefined && { servicePort }),
            },
          }
        },
      )
    fc.assert(
      fc.property(report, (value) => {
        const bytes = encodeReport(CBOR, value, archive)
        const back = decodeReport(CBOR, bytes, archive)
        expect(back).toEqual(value)
        if (back.kind !== 'malformed') expect(toHex(encodeReport(CBOR, back, archive))).toBe(toHex(bytes))
      }),
      { numRuns: 300 },
    )
  })
  test('any meter report reads back through CJ/T 188, plain and sealed', () => {
    fc.assert(
      fc.property(
        // Nobody is called by the address of everybody.
        fc.integer({ min: 0, max: 99_999_999_999_998 }),
        fc.integer({ min: 0, max: 4e9 }).map((second) => second * 1000),
        fc.nat(99_999_999),
        fc.nat(65535),
        fc.subarray([...DEVICE_EVENTS]),
        fc.constantFrom('open', 'closed', 'abnormal'),
        fc.constantFrom(CJT188, CJT188_SM4),
        fc.constantFrom({}, { firmware: '1.1.0-rc2' }, { update: { id: 4e9, outcome: UPDATE_OUTCOMES[7] } } as const),
        (device, deviceTime, hundredths, sequence, events, valve, format, firmware) => {
          const report: Report = {
            ...DAILY,
            device,
            deviceTime,
            sequence,
            events,
            readings: [{ quantity: 'index_m3', at: deviceTime, value: hundredths / 100 }],
            status: { valve, ...firmware },
          }
          expect(decodeReport(format, encodeReport(format, report, archive), archive)).toEqual(report)
        },
      ),
      { numRuns: 300 },
    )
  })
  test('a report without a clock keeps that it has none', () => {
    const readings = [{ quantity: 'index_m3', at: Number.NaN, value: 7 }] as const
    const lost: Report = { ...DAILY, deviceTime: Number.NaN, readings }
    for (const format of FORMATS)
      expect(decodeReport(format, encodeReport(format, lost, archive), archive)).toEqual(lost)
    const two: Report = { ...lost, readings: [...readings, { quantity: 'pressure_pa', at: Number.NaN, value: 9 }] }
    expect(decodeReport(CBOR, encodeReport(CBOR, two, archive), archive)).toEqual(two)
  })
})

describe('sizes', () => {
  test('a plain daily report stays below 200 bytes and an encrypted one below 300 (S0-64, S0-65)', () => {
    expect(encodeReport(CJT188, DAILY, archive).length).toBe(73)
    expect(encodeReport(CJT188_SM4, DAILY, archive).length).toBe(90)
    expect(encodeReport(CBOR, DAILY, archive).length).toBeLessThan(100)
  })
  test('an RTU minute stays below 80 bytes', () => {
    expect(encodeReport(CBOR, RTU, archive).length).toBeLessThan(80)
  })
  test('a two-hour bundle of 24 samples of five quantities stays below 300 bytes (S0-63, S0-65)', () => {
    expect(encodeReport(CBOR, BUNDLE, archive).length).toBeLessThan(300)
  })
})

describe('CJ/T 188 reports', () => {
  test('a bare 901F answer is a timed report without counter', () => {
    expect(read(CJT188, G2)).toEqual({
      ...DAILY,
      sequence: -1,
      events: [],
      status: { valve: 'open' },
    })
  })
  test('the vector E1 is opened with the standard key, zero start vector and PKCS#7', () => {
    const key = bytesOf('0123456789ABCDEFFEDCBA9876543210')
    const sealed = bytesOf(
      '68 30 27 00 00 02 17 18 00 81 20 924002C22C4CAC33D5C6D0B54B35AB7B 36A1E963FE3582E49F0741FB91FC5E25 F2 16',
    )
    expect(decodeReport(CJT188_SM4, sealed, { ...archive, keyOf: () => key })).toEqual(read(CJT188, G2))
    const other = {
      ...archive,
      keyOf: () => key,
      profileOf: () => sealingProfile({ padding: '80-00', iv: 'zero', span: 'data-field' }),
    }
    const second = sealed.slice()
    second.set(bytesOf('7BD847E4B49B3C742D39531862E0BFC9'), 27)
    second[43] = second.subarray(0, 43).reduce((sum, byte) => sum + byte, 0)
    expect(decodeReport(CJT188_SM4, second, other)).toEqual(read(CJT188, G2))
    expect(decodeReport(CJT188_SM4, second, { ...archive, keyOf: () => key })).toMatchObject({ reason: 'decrypt' })
  })
  test('a start vector from the address seals and opens too', () => {
    const own = { ...archive, profileOf: () => sealingProfile({ padding: '80-00', iv: 'address', span: 'data-field' }) }
    const bytes = encodeReport(CJT188_SM4, DAILY, own)
    expect(decodeReport(CJT188_SM4, bytes, own)).toEqual(DAILY)
    expect(decodeReport(CJT188_SM4, bytes, archive)).toMatchObject({ kind: 'malformed' })
  })
  test('without a key, or with the wrong one, nothing is read', () => {
    const sealed = encodeReport(CJT188_SM4, DAILY, archive)
    expect(decodeReport(CJT188_SM4, sealed, { ...archive, keyOf: () => undefined })).toMatchObject({ reason: 'no-key' })
    const wrong = decodeReport(CJT188_SM4, sealed, { ...archive, keyOf: () => new Uint8Array(16) })
    expect(wrong.kind).toBe('malformed')
    expect(() => encodeReport(CJT188_SM4, DAILY, { ...archive, keyOf: () => undefined })).toThrow(/no key/)
  })
  test('cipher text that is no multiple of 16, or opens to an unknown identifier, is refused', () => {
    expect(read(CJT188_SM4, G2)).toMatchObject({ reason: 'decrypt', at: 11 })
    const key = bytesOf('0123456789ABCDEFFEDCBA9876543210')
    const swapped =
      '68 30 27 00 00 02 17 18 00 81 20 36A1E963FE3582E49F0741FB91FC5E25 36A1E963FE3582E49F0741FB91FC5E25 F2 16'
    const bytes = bytesOf(swapped)
    bytes[43] = bytes.subarray(0, 43).reduce((sum, byte) => sum + byte, 0)
    expect(decodeReport(CJT188_SM4, bytes, { ...archive, keyOf: () => key }).kind).toBe('malformed')
  })
  test('an unknown status profile gives an unknown valve, never a guess', () => {
    const stranger: DeviceLookup = { ...archive, statusProfileOf: () => 'unknown' }
    expect(decodeReport(CJT188, bytesOf(G2), stranger)).toMatchObject({ status: { valve: 'unknown' } })
  })
  test('a register whose digits cannot be read is refused; a settlement register only is left out', () => {
    const bad = G2.replace('42 06 12 00 2C', '42 06 12 0A 2C').replace('1B 16', '25 16')
    expect(read(CJT188, bad)).toMatchObject({ reason: 'bad-bcd' })
    const half = G2.replace('00 50 11 00 2C', 'FF FF FF FF 2C').replace('1B 16', 'B6 16')
    expect(read(CJT188, half)).toMatchObject({ readings: [{ quantity: 'index_m3', value: 1206.42 }] })
  })
  test('a valve answer alone is an answer, and overrules the status word beside it', () => {
    const answer = '68 30 27 00 00 02 17 18 00 84 05 A0 17 01 01 00 32 16'
    expect(read(CJT188, answer)).toMatchObject({ trigger: 'answer', status: { valve: 'closed' }, readings: [] })
    expect(read(CJT188, G2 + answer)).toMatchObject({ trigger: 'timed', status: { valve: 'closed' } })
  })
  test('a report without register but with a valve position is written as a valve answer', () => {
    const report: Report = {
      ...DAILY,
      trigger: 'answer',
      readings: [],
      deviceTime: Number.NaN,
      events: [],
      status: { valve: 'closed', command: { id: 41, accepted: true } },
    }
    expect(decodeReport(CJT188, encodeReport(CJT188, report, archive), archive)).toEqual(report)
    const bare: Report = { ...report, status: { command: { id: 42, accepted: false } } }
    expect(decodeReport(CJT188, encodeReport(CJT188, bare, archive), archive)).toEqual(bare)
  })
  test.each([
    ['a request of the master', '68 30 27 00 00 02 17 18 00 01 03 1F 90 00 A3 16', 'unsupported'],
    ['an abnormal answer', '68 30 27 00 00 02 17 18 00 C1 02 00 02 B5 16', 'unsupported'],
    ['the same register twice', G2 + G2, 'unsupported'],
    ['frames of two devices', `${G2}68 30 28 00 00 02 17 18 00 84 05 A0 17 01 01 00 33 16`, 'unsupported'],
    ['a good frame and noise', `${G2}00`, 'bad-start'],
    ['an address to everybody', '68 30 AA AA AA AA AA AA AA 83 03 81 0A 00 4F 16', 'out-of-range'],
    ['an unknown identifier', '68 30 27 00 00 02 17 18 00 81 03 12 34 00 BA 16', 'unknown-identifier'],
    ['nothing', '', 'truncated'],
  ])('%s is no report', (_what, hex, reason) => {
    expect(read(CJT188, hex)).toMatchObject({ kind: 'malformed', reason })
  })
  test('a trigger without a name is refused', () => {
    const bytes = encodeReport(CJT188, DAILY, archive)
    bytes[35 + 11 + 3 + 2] = 9
    bytes[71] = (bytes[71] ?? 0) + 9
    expect(decodeReport(CJT188, bytes, archive)).toMatchObject({ reason: 'out-of-range' })
  })
  test('what does not fit is refused with a code', () => {
    expect(() => encodeReport(CJT188, RTU, archive)).toThrow(/carry meters/)
    const readings = [{ quantity: 'index_m3', at: 0, value: 1_000_000 }] as const
    expect(() => encodeReport(CJT188, { ...DAILY, readings }, archive)).toThrow(/does not fit/)
  })
})

describe('CBOR reports', () => {
  test.each([
    ['nothing', '', 'truncated'],
    ['no map', '00', 'unsupported'],
    ['no device', 'A2 02 00 03 00', 'unsupported'],
    ['no kind', 'A2 01 05 03 00', 'unsupported'],
    ['a device of 15 digits', 'A3 01 1B 00038D7EA4C68000 02 00 03 00', 'out-of-range'],
    ['a kind without name', 'A3 01 05 02 04 03 00', 'out-of-range'],
    ['a trigger without name', 'A3 01 05 02 00 03 05', 'out-of-range'],
    ['keys out of order', 'A3 02 00 01 05 03 00', 'unsupported'],
    ['a key twice', 'A3 01 05 01 05 03 00', 'unsupported'],
    ['bytes behind the map', 'A3 01 05 02 00 03 00 00', 'trailing-bytes'],
    ['a block of two', 'A4 01 05 02 00 03 00 06 81 82 00 00', 'bad-length'],
    ['a sample above 2⁵⁰', 'A5 01 05 02 00 03 00 04 00 06 81 83 00 00 A1 03 1B 0004000000000001', 'out-of-range'],
    ['an empty series', 'A5 01 05 02 00 03 00 04 00 06 81 83 00 01 A1 00 41 00', 'bad-length'],
    ['series of two lengths', 'A5 01 05 02 00 03 00 04 00 06 81 83 00 01 A2 00 42 00 02 01 43 00 02 02', 'bad-length'],
    ['a coverage level of 3', 'A4 01 05 02 00 03 00 0C 03', 'out-of-range'],
    ['a firmware name of 65 letters', `A4 01 05 02 00 03 00 0E 78 41 ${'61'.repeat(65)}`, 'out-of-range'],
    ['a command answer of one', 'A4 01 05 02 00 03 00 0F 81 00', 'bad-length'],
    ['a valve position without name', 'A4 01 05 02 00 03 00 08 05', 'out-of-range'],
  ])('%s is refused', (_what, hex, reason) => {
    expect(read(CBOR, hex)).toMatchObject({ kind: 'malformed', reason })
  })
  test('keys, quantities and event bits of a later profile are passed over', () => {
    const later = 'A5 01 05 02 00 03 00 06 81 83 00 00 A2 03 19 03E8 18 63 01 18 64 82 00 61 78'
    expect(read(CBOR, later)).toMatchObject({ device: 5, readings: [{ quantity: 'pressure_pa', value: 1000 }] })
    expect(read(CBOR, 'A4 01 05 02 00 03 00 07 1A 80000001')).toMatchObject({ events: ['gas_leak'] })
  })
  test('uneven times, two equal times of one quantity, and an age in the future are kept', () => {
    const at = RTU.deviceTime
    const value = (time: number, pressure: number): Reading => ({ quantity: 'pressure_pa', at: time, value: pressure })
    const readings = [
      value(at - 9_000, 1),
      value(at - 4_000, 2),
      value(at - 4_000, 2),
      value(at, 3),
      value(at + 500, 4),
    ]
    expect(decodeReport(CBOR, encodeReport(CBOR, { ...RTU, readings }, archive), archive)).toEqual({ ...RTU, readings })
  })
  test('what does not fit is refused with a code', () => {
    expect(() => encodeReport(CBOR, { ...RTU, device: -1 }, archive)).toThrow(/device number/)
    const readings = [{ quantity: 'pressure_pa', at: RTU.deviceTime, value: 2 ** 51 }] as const
    expect(() => encodeReport(CBOR, { ...RTU, readings }, archive)).toThrow(/does not fit/)
  })
})

describe('the door', () => {
  test('an unknown content format is unsupported on the way in and an error on the way out', () => {
    expect(read(0, '00')).toMatchObject({ kind: 'malformed', reason: 'unsupported' })
    expect(read(-1, '00')).toMatchObject({ reason: 'unsupported' })
    expect(() => encodeReport(0, DAILY, archive)).toThrow(/not spoken/)
  })
  test.each(messages)('%s tells its device before it is decoded', (_name, format, report) => {
    expect(peekDevice(format, encodeReport(format, report, archive))).toBe(report.device)
  })
  test('a preamble is passed over, and what cannot be read is −1', () => {
    expect(peekDevice(CJT188, concatBytes([bytesOf('FE FE FE'), bytesOf(G2)]))).toBe(181702000027)
    for (const hex of ['', 'FE', '68 30', '00', 'FF', 'A1', 'A1 02 00', '68 30 AA AA AA AA AA AA AA']) {
      for (const format of [...FORMATS, 0]) expect(peekDevice(format, bytesOf(hex))).toBe(-1)
    }
  })
  test('the trigger of a CBOR report can be told before it is decoded', () => {
    expect(peekTrigger(CBOR, encodeReport(CBOR, CLOSED, archive))).toBe('answer')
    expect(peekTrigger(CBOR, bytesOf('A0'))).toBeUndefined()
    expect(peekTrigger(CJT188_SM4, encodeReport(CJT188_SM4, DAILY, archive))).toBeUndefined()
  })
})

describe('hostile input', () => {
  test.each(messages)('%s cut at any byte is malformed', (_name, format, report) => {
    for (const cut of truncations(encodeReport(format, report, archive))) {
      // The first frame of two is a whole report by itself.
      const whole = format === CJT188 ? cut.length === 35 : format === CJT188_SM4 && cut.length === 45
      expect(decodeReport(format, cut, archive).kind === 'malformed').toBe(!whole)
    }
  })
  test.each(messages)('%s with any single bit flipped gives a value', (_name, format, report) => {
    for (const flipped of bitFlips(encodeReport(format, report, archive))) {
      const result = decodeReport(format, flipped, archive)
      if (format === CBOR) expect(result.kind).toBeDefined()
      else expect(result.kind).toBe('malformed')
    }
  })
  test.each(FORMATS)(
    'random and damaged payloads of %d give values, and what is accepted can be written again',
    (format) => {
      const good = messages.filter(([, of]) => of === format).map(([, of, report]) => encodeReport(of, report, archive))
      fuzz(good, format, (bytes) => {
        peekDevice(format, bytes)
        const result = decodeReport(format, bytes, archive)
        if (result.kind === 'malformed') {
          if (result.at < 0 || result.at > bytes.length) throw new Error(`offset ${result.at} is outside`)
        } else if (format === CBOR) {
          encodeReport(format, result, archive)
        }
      })
    },
  )
})
