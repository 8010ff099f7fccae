import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { issueCertificate } from './certificate.ts'
import { decodeSignedFirmware, refuseImage, refuseSigned, signFirmware } from './firmware-package.ts'
import { newKeyPair } from './sm2.ts'

const authority = newKeyPair()
const maker = newKeyPair()
const AT = 1_780_000_000
const certificateOf = (subject: string, role: 'firmware' | 'device' = 'firmware') =>
  issueCertificate(authority, {
    ...{ role, serial: 7, subject, notBefore: AT - 10, notAfter: AT + 1000, publicKey: maker.publicKey },
  })
const image = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) & 0xff)
const claims = { maker: 'acme', model: 'nb-1', version: '1.2.0', security: 3, minBatteryMv: 3100 }
const expected = { at: AT, isRevoked: () => false }
const refusal = (bytes: Uint8Array, more: Partial<typeof expected> = {}, key = authority.publicKey) => {
  const read = decodeSignedFirmware(bytes)
  return read === undefined ? 'unreadable' : refuseSigned(read, key, { ...expected, ...more })
}
const package_ = signFirmware(image, claims, certificateOf('acme'), maker)

describe('a signed manifest', () => {
  test('says what the image is, and holds for the maker whose certificate signed it', () => {
    expect(decodeSignedFirmware(package_)?.manifest).toMatchObject({ ...claims, size: 3000 })
    expect(refusal(package_)).toBeUndefined()
    expect(package_.length).toBeLessThan(350)
  })
  test('holds for every maker when the utility signed it, and for no other maker', () => {
    expect(refusal(signFirmware(image, claims, certificateOf('*'), maker))).toBeUndefined()
    expect(refusal(signFirmware(image, claims, certificateOf('other'), maker))).toBe('maker')
  })
  test('is refused from a stranger, a device’s key, a revoked or an old certificate, and under another key', () => {
    expect(refusal(package_, {}, newKeyPair().publicKey)).toBe('certificate_issuer')
    expect(refusal(signFirmware(image, claims, certificateOf('acme', 'device'), maker))).toBe('certificate_role')
    expect(refusal(package_, { isRevoked: (serial: number) => serial === 7 } as never)).toBe('certificate_revoked')
    expect(refusal(package_, { at: AT + 2000 })).toBe('certificate_time')
    expect(refusal(signFirmware(image, claims, certificateOf('acme'), newKeyPair()))).toBe('signature')
  })
  test('is refused or unreadable with any bit of it turned, and cut anywhere', () => {
    fc.assert(
      fc.property(fc.nat(package_.length * 8 - 1), (bit) => {
        const turned = package_.slice()
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(refusal(turned)).toBeDefined()
      }),
      { numRuns: 60 },
    )
    for (let length = 0; length < package_.length; length++)
      expect(decodeSignedFirmware(package_.subarray(0, length))).toBeUndefined()
  })
  test('belongs to its image alone', () => {
    const manifest = decodeSignedFirmware(package_)?.manifest
    if (manifest === undefined) throw new Error('unreadable')
    expect(refuseImage(manifest, image)).toBeUndefined()
    expect(refuseImage(manifest, image.subarray(1))).toBe('size')
    const turned = image.slice()
    turned[2999] = (turned[2999] ?? 0) ^ 1
    expect(refuseImage(manifest, turned)).toBe('digest')
  })
  test('has no place for a name of more than 32 characters, an empty image, or a name with a space', () => {
    const signed =
      (more: Partial<typeof claims>, bytes = image) =>
      () =>
        signFirmware(bytes, { ...claims, ...more }, certificateOf('acme'), maker)
    expect(signed({ version: 'x'.repeat(33) })).toThrow(/manifest/)
    expect(signed({ model: 'nb 1' })).toThrow(/manifest/)
    expect(signed({}, new Uint8Array(0))).toThrow(/manifest/)
  })
})
