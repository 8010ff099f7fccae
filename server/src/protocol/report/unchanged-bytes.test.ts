import { expect, test } from 'vitest'
import { loadProfile } from '../../profiles/load-profile.ts'
import { toHex } from '../bytes/hex.ts'
import published from '../cat1/vectors/published.json' with { type: 'json' }
import { ARCHIVE, DAILY } from '../testing/example-reports.ts'
import { bytesOf } from '../testing/hostile.ts'
import { decodeReport } from './decode-report.ts'
import { encodeReport } from './encode-report.ts'
import { CONTENT_FORMAT } from './lookup.ts'

const { CBOR, CJT188, CJT188_SM4, DLT645, CAT1 } = CONTENT_FORMAT
const electric = {
  ...DAILY,
  readings: [{ quantity: 'active_energy_j' as const, at: DAILY.deviceTime, value: 3.6e8 }],
  events: [],
  status: {},
}
const turned = loadProfile('emulated-turned-units')
const pushed = (published as readonly { readonly hex: string }[])[0]?.hex ?? ''

/** What a socket hands over is a Buffer, whose `slice` shares its bytes. */
test.each([
  ['CBOR', CBOR, encodeReport(CBOR, DAILY, ARCHIVE)],
  ['CJ/T 188', CJT188, encodeReport(CJT188, DAILY, ARCHIVE)],
  ['CJ/T 188 sealed', CJT188_SM4, encodeReport(CJT188_SM4, DAILY, ARCHIVE)],
  ['CJ/T 188 of another maker', CJT188, encodeReport(CJT188, DAILY, { ...ARCHIVE, profileOf: () => turned })],
  ['DL/T 645', DLT645, encodeReport(DLT645, electric, ARCHIVE)],
  ['a push', CAT1, bytesOf(pushed)],
] as const)('%s is read without changing a byte of it, so that the log keeps what came', (name, format, bytes) => {
  const archive = name.includes('another') ? { ...ARCHIVE, profileOf: () => turned } : ARCHIVE
  const came = Buffer.from(bytes)
  const report = decodeReport(format, came, archive)
  expect(toHex(came)).toBe(toHex(bytes))
  expect(report.kind).toBe('meter')
  expect(decodeReport(format, came, archive)).toEqual(report)
})
