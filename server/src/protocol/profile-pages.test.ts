import { readFileSync } from 'node:fs'
import { DEVICE_EVENTS } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { COMMAND_PARAMETERS } from '../contract/parameters.table.ts'
import { toHex } from './bytes/hex.ts'
import { KEY } from './cbor/keys.ts'
import { packSeries } from './cbor/series.ts'
import { encodeValveReply, encodeValveRequest } from './cbor/valve-message.ts'
import type { DeviceAnswer } from './report/answer.ts'
import { encodeAnswer } from './report/answer-codec.ts'
import { encodeReport } from './report/encode-report.ts'
import { QUANTITIES } from './report/words.ts'
import { ARCHIVE as archive, BUNDLE, CLOSED, DAILY, REGISTRATION, RTU } from './testing/example-reports.ts'
import { bytesOf } from './testing/hostile.ts'

const pageOf = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')
const examplesOf = (page: string) =>
  [...page.matchAll(/```hex (\S+)\n([^`]+)```/g)].map(([, name = '', hex = '']) => [name, toHex(bytesOf(hex))] as const)
const CBOR_PAGE = pageOf('CBOR-PROFILE.md')
const CJT188_PAGE = pageOf('CJT188-PROFILE.md')

const answer = (command?: DeviceAnswer['command']): DeviceAnswer => ({
  device: DAILY.device,
  now: DAILY.deviceTime,
  ...(command && { command }),
})
const closing = answer({ kind: 'close', id: 41 })
const valve = { device: CLOSED.device, commandId: 41 }

describe('the CBOR page', () => {
  const expected: Readonly<Record<string, Uint8Array>> = {
    rtu: encodeReport(60, RTU, archive),
    daily: encodeReport(60, DAILY, archive),
    registration: encodeReport(60, REGISTRATION, archive),
    closed: encodeReport(60, CLOSED, archive),
    bundle: encodeReport(60, BUNDLE, archive),
    answer: encodeAnswer(60, answer(), archive),
    'answer-close': encodeAnswer(60, closing, archive),
    'answer-parameter': encodeAnswer(
      60,
      answer({ kind: 'parameter', id: 42, parameter: 'report_spread_s', value: 120 }),
      archive,
    ),
    select: encodeValveRequest({ ...valve, operation: 'select' }),
    selected: encodeValveReply({ ...valve, operation: 'select', accepted: true, position: 'open' }),
    close: encodeValveRequest({ ...valve, operation: 'close' }),
    closing: encodeValveReply({ ...valve, operation: 'close', accepted: true, position: 'moving' }),
  }
  test('shows every example, byte for byte', () => {
    expect(Object.fromEntries(examplesOf(CBOR_PAGE))).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, bytes]) => [name, toHex(bytes)])),
    )
  })
  test('shows the packed series and the sizes as they are', () => {
    expect(toHex(packSeries([30_100, 31_300, 32_500, 32_100]))).toBe('02DA04181807')
    const sizes = [DAILY, RTU, BUNDLE].map((report) => encodeReport(60, report, archive).length)
    expect(CBOR_PAGE).toContain(
      `daily meter report is ${sizes[0]} bytes, an RTU minute ${sizes[1]}, a two-hour bundle of 24 samples of five quantities ${sizes[2]}`,
    )
  })
  test('lists every key, event, quantity and parameter under its number', () => {
    expect(CBOR_PAGE).toContain(`${KEY.OPERATION} operation`)
    for (const number of Object.values(KEY)) {
      if (number !== KEY.OPERATION) expect(CBOR_PAGE).toContain(`\n| ${number} | `)
    }
    DEVICE_EVENTS.forEach((event, bit) => {
      expect(CBOR_PAGE.replaceAll('\n', ' ')).toContain(`${bit} ${event}`)
    })
    QUANTITIES.forEach((quantity, code) => {
      expect(CBOR_PAGE).toContain(`| ${code} | ${quantity}`)
    })
    COMMAND_PARAMETERS.forEach((parameter, code) => {
      expect(CBOR_PAGE).toContain(`${code} ${parameter}`)
    })
  })
})

test('the CJ/T 188 page shows every example, byte for byte', () => {
  expect(Object.fromEntries(examplesOf(CJT188_PAGE))).toEqual({
    report: toHex(encodeReport(65001, DAILY, archive)),
    'report-sealed': toHex(encodeReport(65002, DAILY, archive)),
    'answer-close': toHex(encodeAnswer(65001, closing, archive)),
  })
})
