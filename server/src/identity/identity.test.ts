// @ts-expect-error the package has no types
import { sm2 as otherSm2 } from 'sm-crypto'
import { describe, expect, test } from 'vitest'
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  issueCertificate,
  keyId,
  refuseCertificate,
} from './certificate.ts'
import { type Contact, proveContact, refuseContact } from './first-contact.ts'
import { sessionKey, transportKey } from './session-key.ts'
import { keyPairOf, newKeyPair, signSm2, verifySm2 } from './sm2.ts'
import { hmacSm3, sm3 } from './sm3.ts'
import vector from './vectors/gbt-32918.json' with { type: 'json' }

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (of: Uint8Array) => Buffer.from(of).toString('hex').toUpperCase()
const text = (of: string) => new TextEncoder().encode(of)
const AT = 1_773_507_260
const YEAR = 365 * 86_400
const authority = newKeyPair()
const meter = newKeyPair()
const platform = newKeyPair()
const claims = (role: Certificate['role'], subject: string, publicKey: Uint8Array, serial: number) =>
  ({ role, subject, publicKey, serial, notBefore: AT - YEAR, notAfter: AT + 10 * YEAR }) as const
const METER = issueCertificate(authority, claims('device', '181702000027', meter.publicKey, 7))
const PLATFORM = issueCertificate(authority, claims('platform', 'north', platform.publicKey, 8))
const now = { at: AT, isRevoked: () => false }

describe('SM2 and SM3', () => {
  test('the published signature verifies, and with another message, key or name does not', () => {
    const signature = bytes(vector.signature)
    const key = bytes(vector.publicKey)
    expect(hex(keyPairOf(bytes(vector.privateKey)).publicKey)).toBe(vector.publicKey)
    expect(verifySm2(text(vector.message), signature, key, vector.userId)).toBe(true)
    expect(verifySm2(text('message digesT'), signature, key)).toBe(false)
    expect(verifySm2(text(vector.message), signature, meter.publicKey)).toBe(false)
    expect(verifySm2(text(vector.message), signature, key, 'ALICE123@YAHOO.COM')).toBe(false)
  })
  test('SM3 of abc is the published one', () => {
    expect(hex(sm3(text('abc')))).toBe(vector.sm3OfAbc)
    expect(hex(sm3(text('a'), text('bc')))).toBe(vector.sm3OfAbc)
    expect(hmacSm3(text('k'), text('m')).length).toBe(32)
  })
  test('a key that is asked for again and again gives the same answers', () => {
    const message = text('again')
    const good = signSm2(message, platform)
    const bad = signSm2(text('else'), platform)
    for (let i = 0; i < 5; i++) {
      expect(verifySm2(message, good, platform.publicKey)).toBe(true)
      expect(verifySm2(message, bad, platform.publicKey)).toBe(false)
      expect(verifySm2(message, good, meter.publicKey)).toBe(false)
    }
  })
  test('a signature of ours holds for an independent implementation, and the other way round', () => {
    const message = text('read by another')
    const pub = otherSm2.getPublicKeyFromPrivateKey(hex(meter.privateKey).toLowerCase())
    const ours = hex(signSm2(message, meter)).toLowerCase()
    expect(otherSm2.doVerifySignature([...message], ours, pub, { hash: true })).toBe(true)
    const theirs = otherSm2.doSignature([...message], hex(meter.privateKey).toLowerCase(), {
      hash: true,
      publicKey: pub,
    })
    expect(verifySm2(message, bytes(theirs), meter.publicKey)).toBe(true)
  })
  test('keys and signatures that cannot be are wrong, not an error', () => {
    const message = text('m')
    const good = signSm2(message, meter)
    for (const signature of [new Uint8Array(0), new Uint8Array(64), new Uint8Array(64).fill(255), good.subarray(1)]) {
      expect(verifySm2(message, signature, meter.publicKey)).toBe(false)
    }
    for (const key of [new Uint8Array(0), new Uint8Array(33), new Uint8Array(33).fill(255)]) {
      expect(verifySm2(message, good, key)).toBe(false)
    }
    expect(() => keyPairOf(new Uint8Array(32))).toThrow()
  })
})

describe('certificates', () => {
  test('read back as issued, and fit one packet (S0-65)', () => {
    expect(decodeCertificate(encodeCertificate(METER))).toEqual(METER)
    expect(encodeCertificate(METER).length).toBeLessThan(200)
    expect(hex(METER.issuer)).toBe(hex(keyId(authority.publicKey)))
  })
  test('hold for their authority, role and time only', () => {
    const check = (
      certificate: Certificate,
      role: Certificate['role'],
      extra: Partial<typeof now> = {},
      key = authority.publicKey,
    ) => refuseCertificate(certificate, key, { ...now, ...extra, role })
    expect(check(METER, 'device')).toBeUndefined()
    expect(check(METER, 'platform')).toBe('role')
    expect(check(METER, 'device', {}, platform.publicKey)).toBe('issuer')
    expect(check(METER, 'device', { at: AT - 2 * YEAR })).toBe('time')
    expect(check(METER, 'device', { at: AT + 11 * YEAR })).toBe('time')
    expect(
      refuseCertificate(METER, authority.publicKey, { role: 'device', at: AT, isRevoked: (serial) => serial === 7 }),
    ).toBe('revoked')
    expect(check({ ...METER, subject: '181702000028' }, 'device')).toBe('signature')
    const own = issueCertificate(meter, { ...METER })
    expect(check({ ...own, issuer: METER.issuer }, 'device')).toBe('signature')
  })
  test('cut, longer or with any byte changed they are none, or do not hold', () => {
    const good = encodeCertificate(METER)
    for (let end = 0; end < good.length; end++) expect(decodeCertificate(good.subarray(0, end))).toBeUndefined()
    expect(decodeCertificate(Uint8Array.of(...good, 0))).toBeUndefined()
    for (let i = 0; i < good.length; i++) {
      const bad = good.slice()
      bad[i] = (bad[i] ?? 0) ^ 0x11
      const read = decodeCertificate(bad)
      if (read) expect(refuseCertificate(read, authority.publicKey, { ...now, role: 'device' })).toBeDefined()
    }
  })
  test('a value without place is refused with a code', () => {
    for (const wrong of [
      { subject: '' },
      { subject: 'x'.repeat(65) },
      { serial: 0 },
      { notBefore: AT + 20 * YEAR },
      { publicKey: new Uint8Array(3) },
    ]) {
      expect(() => issueCertificate(authority, { ...claims('device', '1', meter.publicKey, 1), ...wrong })).toThrow(
        /no place/,
      )
    }
  })
})

describe('first contact', () => {
  const contact: Contact = {
    device: METER,
    deviceNonce: new Uint8Array(16).fill(1),
    platform: PLATFORM,
    platformNonce: new Uint8Array(16).fill(2),
  }
  const refused = (given: Contact, prover: 'platform' | 'device', proof: Uint8Array) =>
    refuseContact(given, prover, proof, authority.publicKey, now)
  test('both sides prove themselves to each other', () => {
    expect(refused(contact, 'platform', proveContact(contact, 'platform', platform))).toBeUndefined()
    expect(refused(contact, 'device', proveContact(contact, 'device', meter))).toBeUndefined()
  })
  test('a proof of another contact, side or key is refused', () => {
    const proof = proveContact(contact, 'device', meter)
    const later = { ...contact, platformNonce: new Uint8Array(16).fill(3) }
    expect(refused(later, 'device', proof)).toBe('proof')
    expect(refused(contact, 'platform', proof)).toBe('proof')
    expect(refused(contact, 'device', proveContact(contact, 'device', platform))).toBe('proof')
    expect(refused({ ...contact, deviceNonce: new Uint8Array(15) }, 'device', proof)).toBe('nonce')
    expect(refuseContact(contact, 'device', proof, authority.publicKey, { ...now, at: 0 })).toBe('time')
  })
})

describe('keys', () => {
  const root = new Uint8Array(16).fill(9)
  const context = {
    device: 181702000027,
    platform: 'north',
    deviceNonce: new Uint8Array(16),
    platformNonce: new Uint8Array(16).fill(1),
  }
  test('one meter, one transport key; both sides get the same session key', () => {
    const diak = transportKey(root, context.device)
    expect(diak.length).toBe(16)
    expect(hex(transportKey(root, context.device + 1))).not.toBe(hex(diak))
    expect(hex(transportKey(root, context.device, Uint8Array.of(1)))).not.toBe(hex(diak))
    expect(hex(sessionKey(diak, context))).toBe(hex(sessionKey(transportKey(root, context.device), { ...context })))
  })
  test('another device, platform or nonce gives another session key', () => {
    const keys = [
      context,
      { ...context, device: 1 },
      { ...context, platform: 'nort' },
      { ...context, deviceNonce: new Uint8Array(16).fill(1) },
      { ...context, platformNonce: new Uint8Array(16) },
    ].map((each) => hex(sessionKey(root, each)))
    expect(new Set(keys).size).toBe(keys.length)
  })
  test('a key or nonce of another length is refused', () => {
    expect(() => transportKey(new Uint8Array(15), 1)).toThrow(/16 bytes/)
    expect(() => sessionKey(root, { ...context, deviceNonce: new Uint8Array(8) })).toThrow(/nonce/)
  })
})
