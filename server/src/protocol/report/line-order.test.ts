import { describe, expect, test } from 'vitest'
import gastwinMeter from '../../../profiles/gastwin-meter.json' with { type: 'json' }
import { toHex } from '../bytes/hex.ts'
import { decodeDataField as decodeCjt188 } from '../cjt188/decode.ts'
import { encodeDataField } from '../cjt188/encode.ts'
import { encodeFrame as encodeCjt188Frame } from '../cjt188/frame.ts'
import { scanFrames as scanCjt188 } from '../cjt188/scan.ts'
import { decodeDataField as decodeDlt645 } from '../dlt645/decode.ts'
import { encodeFrame as encodeDlt645Frame } from '../dlt645/frame.ts'
import { scanFrames as scanDlt645 } from '../dlt645/scan.ts'
import { checkProfile } from '../profile/check-profile.ts'
import type { VendorProfile } from '../profile/vendor-profile.ts'
import type { LineMeterAddress, LineOrder } from './line-order.ts'
import { encodeLineOrder, readLineAnswer } from './line-order-codec.ts'

const NOW = Date.parse('2026-03-15T12:34:56+08:00')
const GAS: LineMeterAddress = { number: 181_702_000_027, medium: 'gas', protocol: 'cjt188', profile: undefined }
const POWER: LineMeterAddress = { number: 102_030_425, medium: 'electricity', protocol: 'dlt645', profile: undefined }
const authority = { password: Uint8Array.of(2, 0x56, 0x34, 0x12), operator: Uint8Array.of(1, 0, 0, 0) }
const TERMS = { command: 1, now: NOW, until: NOW + 3_600_000, authority }
const frames = (order: LineOrder, meter = GAS, terms = TERMS): Uint8Array => {
  const made = encodeLineOrder(order, meter, terms)
  if ('why' in made) throw new Error(made.why)
  return made
}
const why = (order: LineOrder, meter = GAS, terms: Parameters<typeof encodeLineOrder>[2] = TERMS) => {
  const made = encodeLineOrder(order, meter, terms)
  return 'why' in made ? made.why : undefined
}
const fieldsOf = (bytes: Uint8Array) =>
  [...scanCjt188(bytes)].map((found) => (found.kind === 'malformed' ? found : decodeCjt188(found)))

describe('orders for a meter on a line', () => {
  test('closing a gas meter is the published frame', () => {
    expect(toHex(frames({ kind: 'close' }))).toBe('6830270000021718000404A01701994916')
  })

  test('prices by steps, days, clock and register as it stands are in the words of CJ/T 188', () => {
    const tiers = [
      { yuan: 2.63, toM3: 300 },
      { yuan: 3.16, toM3: 480 },
      { yuan: 4.02, toM3: null },
    ]
    const [price] = fieldsOf(frames({ kind: 'price', prices: { tiers, fromDay: 12 } }))
    const named = price?.kind === 'record' ? price.values.map(({ spec, raw }) => [spec.name, raw]) : []
    expect(Object.fromEntries(named)).toMatchObject({ 'volume 1': 300, 'volume 2': 480, 'valid from day': 12 })
    expect(named.map(([, raw]) => raw)).toEqual([263, 300, 316, 480, 402, 12])
    expect(fieldsOf(frames({ kind: 'clock' }))).toMatchObject([{ kind: 'clock', time: NOW }])
    expect(fieldsOf(frames({ kind: 'parameter', parameter: 'settlement_day', value: 7 }))).toMatchObject([
      { di: 0xa011, values: [{ raw: 7 }] },
    ])
    expect(fieldsOf(frames({ kind: 'read' }))).toMatchObject([{ di: 0x901f, serial: 1 }])
  })

  test('what a protocol has no form for is said, with the reason; a fourth price and a set time go in the form of a maker who has ours', () => {
    const tiers = [1, 2, 3, 4].map((n) => ({ yuan: n, toM3: n < 4 ? n * 100 : null }))
    const plain = checkProfile({ ...gastwinMeter, extension: false }) as VendorProfile
    const four = { kind: 'price', prices: { tiers, fromDay: null } } as const
    expect(why(four, { ...GAS, profile: plain })).toContain('room for 3 prices')
    expect(fieldsOf(frames(four))).toMatchObject([{ kind: 'prices', prices: four.prices }])
    const later = { tiers: tiers.slice(2), fromDay: null, fromAt: NOW + 86_400_000 }
    expect(fieldsOf(frames({ kind: 'price', prices: later }))).toMatchObject([{ kind: 'prices', prices: later }])
    expect(why({ kind: 'permit' })).toContain('only a relay')
    expect(why({ kind: 'parameter', parameter: 'report_base_s', value: 60 })).toContain('speak for themselves')
    expect(why({ kind: 'close' }, POWER, { ...TERMS, authority: undefined })).toContain('no password')
  })

  test('the button of a gas meter is permitted in the form of a maker who has ours, and of no other', () => {
    const permit = { kind: 'permit_button', windowS: 600 } as const
    expect(fieldsOf(frames(permit))).toMatchObject([{ kind: 'parameter', di: 0xb012, parameter: 17, value: 600 }])
    const plain = checkProfile({ ...gastwinMeter, extension: false }) as VendorProfile
    expect(why(permit, { ...GAS, profile: plain })).toContain('the maker has none of its own')
    expect(why(permit, { ...GAS, medium: 'water' })).toContain('only gas meters')
    expect(why(permit, POWER)).toContain('no button')
  })

  test('a relay is tripped, or its closing on site permitted, under password and time; there is no closing by order', () => {
    const [trip] = [...scanDlt645(frames({ kind: 'close' }, POWER))]
    if (trip === undefined || trip.kind === 'malformed') throw new Error('no frame')
    const field = decodeDlt645(trip, '2007')
    const values = field.kind === 'data' ? field.values : []
    expect(values.find(({ spec }) => spec.name === 'operation')?.bytes).toEqual(Uint8Array.of(0x1a))
    expect(values.find(({ spec }) => spec.name === 'time')?.raw).toBe(Math.floor(TERMS.until / 1000) * 1000)
    const [permit] = [...scanDlt645(frames({ kind: 'permit' }, POWER))]
    expect(permit?.kind === 'frame' && permit.data[8]).toBe(0x1b)
    expect([...scanDlt645(frames({ kind: 'clock' }, POWER))].map((f) => f.kind === 'frame' && f.control)).toEqual([
      0x14, 0x14,
    ])
    expect([...scanDlt645(frames({ kind: 'read' }, POWER))]).toHaveLength(4)
  })

  test('the meter took it, refused it, or somebody else answered', () => {
    const answer = (address: number, control: number, data: Uint8Array) =>
      encodeCjt188Frame({ type: 0x30, address, control, data })
    const word = encodeDataField({ kind: 'valve-answer', di: 0xa017, order: 'high-first', serial: 1, statusWord: 1 })
    expect(readLineAnswer(GAS, answer(GAS.number, 0x84, word))).toBe('taken')
    expect(readLineAnswer(GAS, answer(GAS.number, 0xc4, Uint8Array.of(1, 2)))).toBe('refused')
    expect(readLineAnswer(GAS, answer(5, 0x84, word))).toMatchObject({ kind: 'malformed', reason: 'out-of-range' })
    expect(readLineAnswer(GAS, new Uint8Array())).toMatchObject({ kind: 'malformed' })
    const relay = (control: number, data: Uint8Array) => encodeDlt645Frame({ address: POWER.number, control, data })
    expect(readLineAnswer(POWER, relay(0x9c, new Uint8Array()))).toBe('taken')
    expect(readLineAnswer(POWER, relay(0xdc, Uint8Array.of(4)))).toBe('refused')
  })
})
