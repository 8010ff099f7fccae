import { describe, expect, test } from 'vitest'
import { concatBytes } from './bytes/concat.ts'
import { toHex } from './bytes/hex.ts'
import { encodeValveRequest } from './cbor/valve-message.ts'
import derived from './cjt188/vectors/derived.json' with { type: 'json' }
import published from './cjt188/vectors/published.json' with { type: 'json' }
import { COAP_CODE, COAP_OPTION } from './coap/codes.ts'
import { encodeMessage } from './coap/encode-message.ts'
import { pathOptions, uintOption } from './coap/options.ts'
import { explainFrame } from './explain.ts'
import { encodeAnswer } from './report/answer-codec.ts'
import { encodeReport } from './report/encode-report.ts'
import type { Explanation } from './report/explanation.ts'
import { ARCHIVE as archive, BUNDLE, CLOSED, DAILY, REGISTRATION, RTU } from './testing/example-reports.ts'
import { bytesOf, fuzz } from './testing/hostile.ts'

const G2 = '68 30 27 00 00 02 17 18 00 81 16 1F 90 00 42 06 12 00 2C 00 50 11 00 2C 20 54 00 15 03 26 20 00 00 1B 16'
const words = ({ fields }: Explanation): Record<string, string> =>
  Object.fromEntries(fields.map(({ name, meaning }) => [name, meaning]))
const carried = (contentFormat: number, payload: Uint8Array): Uint8Array =>
  encodeMessage({
    type: 0,
    code: COAP_CODE.POST,
    messageId: 7,
    token: bytesOf('AABB'),
    options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, contentFormat)],
    payload,
  })
const queued = { device: DAILY.device, now: DAILY.deviceTime, command: { kind: 'close', id: 41 } } as const
const everything: Uint8Array[] = [
  ...[...published, ...derived].map(({ hex }) => bytesOf(hex)),
  ...[DAILY, BUNDLE, RTU, REGISTRATION, CLOSED].map((report) => encodeReport(60, report, archive)),
  ...[60, 65001, 65002].map((format) => encodeReport(format, DAILY, archive)),
  ...[60, 65001, 65002].map((format) => carried(format, encodeReport(format, DAILY, archive))),
  ...[60, 65001].map((format) => encodeAnswer(format, queued, archive)),
  encodeValveRequest({ operation: 'close', device: 5, commandId: 1 }),
]

describe('explaining', () => {
  test('the fields cover every byte, in order, without gap', () => {
    for (const bytes of everything) {
      const { fields } = explainFrame(bytes)
      expect(fields.map((field) => field.hex).join(' ')).toBe(toHex(bytes, ' '))
      let offset = 0
      for (const field of fields) {
        expect(field.offset).toBe(offset)
        offset += field.length
      }
    }
  })
  test('a gas meter answer in words', () => {
    expect(words(explainFrame(bytesOf(`FE FE ${G2}`), { statusProfile: 'standard' }))).toMatchObject({
      preamble: 'wakes the receiver',
      'meter type': 'gas',
      address: '00181702000027, maker code 0018',
      control: 'read data, answer of the meter',
      identifier: '901F, current data, low byte first',
      register: '1206.42 m³',
      clock: '2026-03-14T16:54:20.000Z',
      'status word': 'valve open',
    })
    expect(words(explainFrame(bytesOf(G2)))['status word']).toMatch(/maker’s/)
  })
  test('an open command is read as such', () => {
    const explained = explainFrame(bytesOf('68 10 69 05 90 05 15 33 78 04 04 A0 17 01 55 50 16'))
    expect(words(explained)['valve command']).toBe('open: gastwin reads it and never sends it')
  })
  test('the extension of a daily report in words', () => {
    expect(words(explainFrame(encodeReport(65001, DAILY, archive)))).toMatchObject({
      trigger: 'timed',
      'report counter': '731',
      events: 'battery_low, small_flow',
      battery: '3.412 V',
      RSRP: '-108.5 dBm',
      SINR: '4.2 dB',
      'coverage level': 'ECL 1',
      cell: 'PCI 311',
      command: 'none',
    })
    const bare = { ...DAILY, sequence: -1, events: [], status: { command: { id: 9, accepted: false } } }
    expect(words(explainFrame(encodeReport(65001, bare, archive)))).toMatchObject({
      'report counter': 'not told',
      events: 'none',
      battery: 'not told',
      command: 'number 9, refused',
    })
  })
  test('a sealed report inside a datagram is opened with a key and only counted without', () => {
    const bytes = carried(65002, encodeReport(65002, DAILY, archive))
    const key = archive.keyOf(DAILY.device) ?? bytesOf('')
    const opened = explainFrame(bytes, { key })
    expect(opened.problem).toBeUndefined()
    expect(explainFrame(encodeReport(65002, DAILY, archive), { key }).problem).toBeUndefined()
    expect(explainFrame(encodeReport(65002, DAILY, archive)).problem).toBeDefined()
    expect(opened.fields.find((field) => field.name === 'data, encrypted')?.meaning).toMatch(/register 1206.42 m³/)
    expect(words(explainFrame(bytes))['data, encrypted']).toMatch(/no key given/)
    expect(explainFrame(bytes, { key: new Uint8Array(16) }).problem).toMatch(/decrypt|unknown|bad/)
  })
  test('a CoAP datagram in words, with what it carries', () => {
    const explained = explainFrame(carried(60, encodeReport(60, CLOSED, archive)))
    expect(explained.format).toBe('CoAP, gastwin CBOR')
    expect(words(explained)).toMatchObject({
      code: '0.02 post',
      'message id': '7',
      'option 11, critical': 'uri path: r',
      'option 12': 'content format: 60',
      kind: 'valve',
      valve: 'closed',
      'answer to a command': '41, yes',
    })
  })
  test('blocks, opaque and unknown options of a datagram', () => {
    const explained = explainFrame(bytesOf('60 45 00 01 42 AA BB D1 06 1E 41 0A E1 01 00 05 FF 00'))
    expect(explained.fields.map((field) => field.meaning).slice(3)).toEqual([
      'etag: AABB',
      'block2: number 1, size 1024, more follow',
      'block1: number 0, size 64, more follow',
      'not known: 05',
      'the payload follows',
      '1 bytes',
    ])
    expect(explainFrame(bytesOf('60 45 00 01 D1 0A 0F')).fields.at(-1)?.meaning).toMatch(/size reserved/)
  })
  test('an acknowledgement with a token of eight bytes begins like a frame and is still a datagram', () => {
    expect(explainFrame(bytesOf('68 44 00 01 01 02 03 04 05 06 07 08')).format).toBe('CoAP')
    expect(explainFrame(bytesOf('68 44 00')).format).toBe('CJ/T 188')
  })
  test('samples of an RTU and of a bundle in SI units', () => {
    expect(words(explainFrame(encodeReport(60, RTU, archive)))).toMatchObject({
      samples: '1 block of equal times',
      pressure_pa: '104213',
      standard_flow_m3_s: '0.182431',
    })
    const explained = words(explainFrame(encodeReport(60, BUNDLE, archive)))
    expect(explained['block']).toBe('every 300 s, the last 0 s before the device time')
    expect(explained['temperature_k']?.split(' ').length).toBe(24)
  })
  test('parameters, errors and identifiers without a form are shown', () => {
    const parameter = { kind: 'parameter', id: 4, parameter: 'report_spread_s', value: 120 } as const
    const answer = encodeAnswer(65001, { device: 5, now: 0, command: parameter }, archive)
    expect(words(explainFrame(answer))).toMatchObject({ command: 'number 4', parameter: '1', value: '120' })
    const abnormal = explainFrame(bytesOf('68 30 27 00 00 02 17 18 00 C1 02 00 02 B5 16'))
    expect(words(abnormal)).toMatchObject({
      control: 'read data, answer of the meter, abnormal',
      status: 'the reason of the maker',
    })
    expect(words(explainFrame(bytesOf('68 30 27 00 00 02 17 18 00 C1 01 02 B4 16')))).not.toHaveProperty('serial')
    expect(words(explainFrame(bytesOf('68 70 AA AA AA AA AA AA AA 1F 00 9D 16')))).toMatchObject({
      'meter type': 'not known',
      address: 'everybody',
      control: 'function not known, request of the master',
    })
  })
  test('what cannot be read says why and keeps its bytes', () => {
    expect(explainFrame(bytesOf('A1 01')).problem).toMatch(/truncated/)
    expect(explainFrame(bytesOf('A0 00')).problem).toMatch(/trailing/)
    expect(explainFrame(bytesOf('4F 01 00 01')).problem).toMatch(/bad-length/)
    expect(explainFrame(bytesOf(`${G2} 00 ${G2}`)).problem).toMatch(/bad-start at byte 35/)
    expect(explainFrame(bytesOf(`${G2} FE`)).fields.at(-1)?.name).toBe('preamble')
    expect(explainFrame(new Uint8Array()).problem).toMatch(/truncated/)
  })
  test('unknown keys and quantities are shown as they are', () => {
    const explained = words(explainFrame(bytesOf('A3 06 81 83 20 00 A1 18 63 07 09 40 18 64 82 81 00 A0')))
    expect(explained).toMatchObject({ 'quantity 99': '7', battery: '', 'key 100': 'not known' })
  })
  test('random and damaged bytes are explained to the last one', () => {
    fuzz(everything, 4711, (bytes) => {
      const { fields } = explainFrame(bytes)
      const length = fields.reduce((sum, field) => sum + field.length, 0)
      if (length !== bytes.length) throw new Error(`${toHex(bytes)}: ${length} of ${bytes.length} bytes explained`)
    })
  })
  test('several frames are explained one after the other', () => {
    const two = concatBytes([bytesOf(G2), bytesOf(G2)])
    expect(
      explainFrame(two)
        .fields.filter((field) => field.name === 'start')
        .map((field) => field.offset),
    ).toEqual([0, 35])
  })
})
