import { describe, expect, test } from 'vitest'
import cjt2018 from '../../../profiles/cjt188-2018.json' with { type: 'json' }
import gastwinMeter from '../../../profiles/gastwin-meter.json' with { type: 'json' }
import jyHeat from '../../../profiles/jy-heat.json' with { type: 'json' }
import { concatBytes } from '../bytes/concat.ts'
import { toHex } from '../bytes/hex.ts'
import { explainFrame } from '../explain.ts'
import { checkProfile } from '../profile/check-profile.ts'
import type { VendorProfile } from '../profile/vendor-profile.ts'
import type { RecordLayout } from '../record/field.ts'
import { shownValue } from '../record/si-value.ts'
import { type FieldContent, makeRecord, writeRecord } from '../record/write-record.ts'
import { decodeReport } from '../report/decode-report.ts'
import { CONTENT_FORMAT } from '../report/lookup.ts'
import { ARCHIVE as archive } from '../testing/example-reports.ts'
import { bytesOf, FUZZ_RUNS, randomSource } from '../testing/hostile.ts'
import type { WritableField } from './data-field.ts'
import { decodeDataField } from './decode.ts'
import { encodeDataField } from './encode.ts'
import { joinFollowUps } from './follow-up.ts'
import { encodeFrame, type FoundFrame, readFrame } from './frame.ts'
import { layoutsOf } from './layouts.table.ts'

const METER = 181702000027
const AT = Date.parse('2026-03-15T00:54:20+08:00')
const profileOf = (json: unknown): VendorProfile => {
  const profile = checkProfile(json)
  if ('mistakes' in profile) throw new Error(JSON.stringify(profile.mistakes))
  return profile
}
const JY = profileOf(jyHeat)
const H2R =
  '68 20 32 41 31 40 00 00 00 81 2E 90 1F 01 08 02 00 00 00 08 02 00 00 00 17 00 00 00 00 35 00 00 00 00 2C 34 10 00 00 35 25 00 66 25 00 00 00 00 53 00 12 10 07 15 20 00 00 31 16'
const frame = (type: number, control: number, data: Uint8Array): FoundFrame => {
  const found = readFrame(encodeFrame({ type, address: METER, control, data }), 0)
  if (found.kind === 'malformed') throw new Error(found.detail)
  return found
}
const recordFrame = (
  type: number,
  di: number,
  contents: Readonly<Record<string, FieldContent>>,
  layout = 0,
  control = 0x81,
) => {
  const family = type >> 4 === 2 ? 'heat' : type >> 4 === 1 ? 'water' : 'gas'
  const spec: RecordLayout = layoutsOf(di, family)[layout] ?? []
  return frame(
    type,
    control,
    concatBytes([Uint8Array.of(di >> 8, di & 0xff, 0), writeRecord(makeRecord(spec, contents))]),
  )
}
const shown = (found: FoundFrame, profile?: VendorProfile) => {
  const field = decodeDataField(found, profile)
  if (field.kind !== 'record') throw new Error(field.kind)
  expect(toHex(encodeDataField(field as WritableField))).toBe(toHex(found.data))
  return Object.fromEntries(field.values.map((value) => [value.spec.name, shownValue(value)]))
}
const report = (profile: VendorProfile | undefined, ...frames: readonly FoundFrame[]) =>
  decodeReport(
    CONTENT_FORMAT.CJT188,
    concatBytes(frames.map((f) => encodeFrame(f))),
    profile ? { ...archive, profileOf: () => profile } : archive,
  )

describe('heat meters', () => {
  const contents = {
    heat: 123.45,
    power: 2.5,
    flow: 0.5,
    'total volume': 10.34,
    'supply temperature': 45.5,
    clock: AT,
    'status word': 0,
  }
  test.each([0, 1, 2, 3])(
    '901F in form %d is told by its length and gives energy, power, flow and temperatures in SI',
    (layout) => {
      const heat = report(undefined, recordFrame(0x20, 0x901f, { ...contents, 'return temperature': 35.25 }, layout))
      if (heat.kind === 'malformed') throw new Error(heat.detail)
      expect(heat).toMatchObject({ deviceTime: AT, trigger: 'timed', status: { valve: 'open' } })
      const found = Object.fromEntries(heat.readings.map(({ quantity, value }) => [quantity, value]))
      expect(found['heat_energy_j']).toBe(444_420_000)
      expect(found['power_w']).toBe(2500)
      expect(found['flow_m3_s']).toBeCloseTo(0.5 / 3600, 12)
      expect(found['index_m3']).toBe(10.34)
      expect(found['temperature_k']).toBeCloseTo(318.65, 9)
      expect(found['return_temperature_k']).toBeCloseTo(308.4, 9)
    },
  )
  test('the published answer of a maker with units before values is read with its profile', () => {
    const h2r = readFrame(bytesOf(H2R), 0) as FoundFrame
    expect(shown(h2r, JY)).toMatchObject({
      heat: 0.02,
      'heat at the settlement day': 0.02,
      power: 0,
      flow: 0,
      'total volume': 10.34,
      'supply temperature': 25.35,
      'return temperature': 25.66,
      'working hours': 0,
      clock: Date.parse('2015-07-10T12:00:53+08:00'),
    })
    expect(report(JY, h2r)).toMatchObject({
      readings: expect.arrayContaining([expect.objectContaining({ quantity: 'heat_energy_j', value: 72_000_000 })]),
    })
  })
  test('without the profile its values have no known unit: nothing is guessed', () => {
    const h2r = readFrame(bytesOf(H2R), 0) as FoundFrame
    const plain = report(undefined, h2r)
    if (plain.kind === 'malformed') throw new Error(plain.detail)
    expect(plain.readings.map(({ quantity }) => quantity)).not.toContain('heat_energy_j')
  })
  test('911F adds cooling', () => {
    const both = report(undefined, recordFrame(0x22, 0x911f, { ...contents, cooling: 1, 'return temperature': 7 }))
    expect(both).toMatchObject({
      readings: expect.arrayContaining([{ quantity: 'cooling_energy_j', at: AT, value: 3_600_000 }]),
    })
  })
})

describe('records of volume meters', () => {
  test('a timed freeze is a register at its own time', () => {
    const days = [1, 2].map((back) =>
      recordFrame(0x30, 0xd300 + back, {
        'freeze time': AT - back * 86_400_000,
        'total volume': 1200 - back,
        flow: 0.1,
        temperature: 15,
      }),
    )
    const read = report(undefined, ...days)
    if (read.kind === 'malformed') throw new Error(read.detail)
    expect(read.readings.filter(({ quantity }) => quantity === 'index_m3')).toEqual([
      { quantity: 'index_m3', at: AT - 172_800_000, value: 1198 },
      { quantity: 'index_m3', at: AT - 86_400_000, value: 1199 },
    ])
    expect(read.deviceTime).toBeNaN()
  })
  test('a freeze whose time cannot be read is no register of this moment', () => {
    expect(report(undefined, recordFrame(0x30, 0xd300, { 'total volume': 7 }))).toMatchObject({ reason: 'bad-bcd' })
  })
  test('months back are shown and make no reading, because the frame does not say when they were kept', () => {
    const month = recordFrame(0x30, 0xd120, { 'register at the settlement day': 1150 })
    expect(shown(month)).toEqual({ 'register at the settlement day': 1150 })
    expect(report(undefined, month)).toMatchObject({ readings: [] })
    expect(shown(recordFrame(0x20, 0xd2ff, { 'heat at the settlement day': 3 }))).toMatchObject({
      'heat at the settlement day': 3,
    })
  })
  test('the same record twice is refused', () => {
    const month = recordFrame(0x30, 0xd120, { 'register at the settlement day': 1150 })
    expect(report(undefined, month, month)).toMatchObject({ reason: 'unsupported' })
  })
})

describe('settings', () => {
  test.each([
    [
      'a price table of three tiers',
      0x8102,
      { 'price 1': 3.07, 'volume 1': 310, 'price 2': 3.77, 'volume 2': 520, 'price 3': 4.62 },
      0,
      0x81,
    ],
    [
      'a price table with its day',
      0xa010,
      { 'price 1': 3.07, 'volume 1': 310, 'price 2': 3.77, 'volume 2': 520, 'price 3': 4.62, 'valid from day': 1 },
      1,
      0x04,
    ],
    ['the settlement day', 0xa011, { day: 20 }, 0, 0x04],
    ['the reading day', 0x8104, { day: 1 }, 0, 0x81],
    ['a purchase', 0xa013, { 'purchase number': 7, 'this purchase': 200.5 }, 0, 0x04],
    [
      'what was bought',
      0x8105,
      { 'purchase number': 7, 'this purchase': 200, 'all purchases': 900, 'money left': 250.75, 'status word': 0 },
      0,
      0x81,
    ],
    ['a new address', 0xa018, { address: METER + 1 }, 0, 0x15],
    ['the base reading', 0xa016, { 'base reading': 0.5 }, 0, 0x16],
  ])('%s is written and read back', (_what, di, contents, layout, control) => {
    expect(shown(recordFrame(0x30, di, contents, layout, control))).toEqual(contents)
  })
  test('keys are bytes and never a number', () => {
    const key = recordFrame(0x30, 0xa107, { 'key version': Uint8Array.of(2), key: new Uint8Array(16) }, 0, 0x04)
    expect(shown(key)).toEqual({ 'key version': Number.NaN, key: Number.NaN })
  })
  test('the answer to a write is a status, of one byte or two', () => {
    for (const hex of ['A0 11 00 00', 'A0 11 00 01 00', 'A0 18 00 00']) {
      const control = hex.startsWith('A0 18') ? 0x95 : 0x84
      expect(Object.keys(shown(frame(0x30, control, bytesOf(hex))))[0]).toMatch(/^status/)
    }
  })
  test('what has no public form stays bytes, and a profile lays it out', () => {
    const alarm = frame(0x30, 0x84 & 0x7f, bytesOf('05 A1 00 00 05 00 00 2C'))
    expect(decodeDataField(alarm)).toMatchObject({ kind: 'other', di: 0xa105 })
    expect(shown(alarm, profileOf(gastwinMeter))).toEqual({ 'alarm volume left': 5 })
  })
  test('a profile’s own identifier is known in its meters only; it holds four tiers of price', () => {
    const tiers = frame(0x30, 0x81, bytesOf(`07 81 00 ${'07 03 00 10 03 00'.repeat(3)} 00 05 00 01`))
    expect(decodeDataField(tiers)).toMatchObject({ reason: 'unknown-identifier' })
    expect(shown(tiers, profileOf(gastwinMeter))).toMatchObject({ 'price 4': 5, 'volume 3': 310 })
  })
  test('a pair of bytes that means something both ways is read in the maker’s order', () => {
    const both = frame(0x30, 0x81, bytesOf('D3 D2 00'))
    expect(decodeDataField(both)).toMatchObject({ di: 0xd3d2, order: 'high-first' })
    expect(decodeDataField(both, profileOf(cjt2018))).toMatchObject({ di: 0xd2d3, order: 'low-first' })
  })
})

describe('long answers of 2018', () => {
  const part = (control: number, hex: string) => frame(0x30, control, bytesOf(hex))
  const first = part(0xa1, '00 D3 05 20 54 00 15 03 26 20')
  const second = part(0xa1, '00 D3 06 42 06 12 00 2C 00 01 00 00 35')
  const last = part(0x81, '00 D3 07 00 15 00 00 01 00')
  test('their parts become one answer, where the profile says that D5 means it', () => {
    expect(report(profileOf(cjt2018), first, second, last)).toMatchObject({
      readings: expect.arrayContaining([{ quantity: 'index_m3', at: AT, value: 1206.42 }]),
    })
    expect(report(undefined, first, second, last).kind).toBe('malformed')
  })
  test.each([
    ['a part is missing', [first, last], /order/],
    ['the end is missing', [first, second], /last part/],
    ['another answer comes between', [first, part(0x81, '90 1F 06')], /another/],
  ])('%s: malformed', (_what, frames, detail) => {
    const joined = joinFollowUps(frames)
    expect('kind' in joined && joined.detail).toMatch(detail)
  })
})

describe('explaining with a profile', () => {
  test('names and values are the maker’s', () => {
    const words = Object.fromEntries(explainFrame(bytesOf(H2R), { profile: JY }).fields.map((f) => [f.name, f.meaning]))
    expect(words).toMatchObject({
      heat: '0.02 MWh',
      flow: '0 m³/h',
      'supply temperature': '25.35 °C',
      'total volume': '10.34 m³',
    })
    expect(explainFrame(bytesOf(H2R)).fields.find(({ name }) => name === 'heat')?.meaning).toMatch(/unit not known/)
  })
  test('a frame of another protocol is a problem', () => {
    expect(
      explainFrame(bytesOf('68 25 04 03 02 01 00 68 91 08 33 33 34 33 75 39 45 33 8B 16'), { profile: JY }).problem,
    ).toBeDefined()
  })
})

describe('hostile payloads', () => {
  test('whatever is taken apart is written back to the same bytes, for every type, identifier and profile', () => {
    const random = randomSource(2018)
    const identifiers = [
      0x901f, 0x911f, 0x8102, 0x8105, 0xa010, 0xa014, 0xa018, 0xa103, 0xa104, 0xd125, 0xd2ff, 0xd301, 0xd4aa,
    ]
    const lengths = [0, 1, 2, 4, 5, 9, 15, 16, 17, 19, 23, 38, 40, 41, 42, 43, 54]
    const profiles = [undefined, JY, profileOf(cjt2018), profileOf(gastwinMeter)]
    let records = 0
    for (let run = 0; run < FUZZ_RUNS; run++) {
      const di = identifiers[random() % identifiers.length] ?? 0
      const payload = Uint8Array.from({ length: lengths[random() % lengths.length] ?? 0 }, () =>
        run % 2 === 0 ? random() & 0xff : ((random() % 10) << 4) | (random() % 10),
      )
      const data = Uint8Array.of(di & 0xff, di >> 8, run & 0xff, ...payload)
      const type = [0x10, 0x20, 0x22, 0x30, 0x40, 0x70][random() % 6] ?? 0
      const control = [0x81, 0x84, 0x04, 0x95, 0x16][random() % 5] ?? 0
      const field = decodeDataField(
        { kind: 'frame', type, address: METER, control, data, at: 0, end: data.length + 13 },
        profiles[random() % profiles.length],
      )
      if (field.kind !== 'record') continue
      records++
      if (toHex(encodeDataField(field)) !== toHex(data)) throw new Error(`${toHex(data)} is not written back`)
    }
    expect(records).toBeGreaterThan(0)
  })
})
