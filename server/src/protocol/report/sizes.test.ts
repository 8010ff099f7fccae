import type { Report } from '@gastwin/twin'
import { expect, test } from 'vitest'
import { ARCHIVE as archive, BUNDLE, CLOSED, DAILY, REGISTRATION, RTU } from '../testing/example-reports.ts'
import { encodeAnswer } from './answer-codec.ts'
import { encodeReport } from './encode-report.ts'
import { CONTENT_FORMAT } from './lookup.ts'

const { CBOR, CJT188, CJT188_SM4, DLT645, CAT1 } = CONTENT_FORMAT
/** S0-64: a plain packet; S0-65: an encrypted one. The bundle of S0-63 packs two hours, and keeps to the larger limit. */
const PLAIN = 200
const ENCRYPTED = 300
const AT = DAILY.deviceTime
const electricity: Report = {
  ...DAILY,
  readings: (
    ['active_energy_j', 'reverse_active_energy_j', 'voltage_a_v', 'current_a_a', 'power_w', 'frequency_hz'] as const
  ).map((quantity) => ({ quantity, at: AT, value: 5 })),
  events: ['battery_low'],
  status: { relay: 'on' },
}
const push: Report = {
  ...DAILY,
  readings: [{ quantity: 'index_m3', at: AT, value: 1206.42 }],
  events: [],
  status: { valve: 'open' },
}
const everything: Report = {
  ...DAILY,
  status: { ...DAILY.status, command: { id: 4_000_000_000, accepted: true } },
  events: ['gas_leak', 'dismantled', 'magnet', 'cover_open', 'battery_low', 'valve_abnormal', 'clock_fault'],
}

test.each([
  ['a daily report, CJ/T 188', CJT188, DAILY, PLAIN],
  ['a daily report with every field, CJ/T 188', CJT188, everything, PLAIN],
  ['a daily report, SM4', CJT188_SM4, DAILY, ENCRYPTED],
  ['a daily report with every field, SM4', CJT188_SM4, everything, ENCRYPTED],
  ['a daily report, CBOR', CBOR, DAILY, PLAIN],
  ['a daily report with every field, CBOR', CBOR, everything, PLAIN],
  ['an RTU minute', CBOR, RTU, PLAIN],
  ['a registration', CBOR, REGISTRATION, PLAIN],
  ['the answer to a command', CBOR, CLOSED, PLAIN],
  ['a two-hour bundle', CBOR, BUNDLE, ENCRYPTED],
  ['an electricity meter with six readings, DL/T 645', DLT645, electricity, PLAIN],
  ['a cellular push', CAT1, push, PLAIN],
] as const)('%s in content format %d keeps to its limit', (_what, format, report, limit) => {
  expect(encodeReport(format, report, archive).length).toBeLessThan(limit)
})

test.each([CBOR, CJT188, CJT188_SM4, DLT645, CAT1])(
  'an answer with a command in content format %d is small too',
  (format) => {
    for (const command of [
      { kind: 'close', id: 65_535 },
      { kind: 'parameter', id: 65_535, parameter: 'report_interval_s', value: 4_294_967_295 },
    ] as const) {
      const bytes = encodeAnswer(format, { device: DAILY.device, now: AT, command }, archive)
      expect(bytes.length).toBeLessThan(format === CJT188_SM4 ? ENCRYPTED : PLAIN)
    }
  },
)
