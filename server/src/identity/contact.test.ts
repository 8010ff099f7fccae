import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { issueCertificate } from './certificate.ts'
import { type ContactMessage, confirmation, decodeContact, encodeContact } from './contact-message.ts'
import { ContactNonces, nonceTime } from './contact-nonce.ts'
import { Envelope } from './envelope.ts'
import { readKeyFile } from './key-file.ts'
import { keyringFacts, keyringFile, openRootKey, rotateMasterKey } from './keyring.ts'
import { newKeyPair } from './sm2.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'gastwin-keys-'))
afterAll(() => rmSync(dir, { recursive: true }))

const authority = newKeyPair()
const device = newKeyPair()
const certificate = issueCertificate(authority, {
  ...{ role: 'device', serial: 7, subject: '181702000027', publicKey: device.publicKey },
  ...{ notBefore: 1, notAfter: 2 ** 31 },
})
const nonce = new Uint8Array(16).fill(3)
const proof = new Uint8Array(64).fill(5)

describe('messages of a first contact', () => {
  const messages: readonly ContactMessage[] = [
    { kind: 'hello', nonce, certificate },
    { kind: 'challenge', nonce, proof, certificate },
    { kind: 'proof', deviceNonce: nonce, platformNonce: nonce, proof, certificate },
    { kind: 'confirmed', now: 1_773_507_260_123, mac: confirmation(nonce, 1_773_507_260_123) },
  ]
  test.each(messages.map((message) => [message.kind, message] as const))('%s reads back as written', (_, message) => {
    expect(decodeContact(encodeContact(message))).toEqual(message)
  })
  test('each fits an encrypted packet (S0-65), and cut or longer is none', () => {
    for (const message of messages) {
      const bytes = encodeContact(message)
      expect(bytes.length).toBeLessThan(280)
      for (let end = 0; end < bytes.length; end++) expect(decodeContact(bytes.subarray(0, end))).toBeUndefined()
      expect(decodeContact(Uint8Array.of(...bytes, 0))).toBeUndefined()
    }
    expect(decodeContact(Uint8Array.of(9, 1, 2))).toBeUndefined()
  })
})

describe('a nonce of the platform', () => {
  const nonces = new ContactNonces(new Uint8Array(32).fill(1), 60_000)
  const subject = { from: '10.0.0.1:5683', device: '181702000027', deviceNonce: nonce }
  const issued = nonces.issue(subject, 1_000_000)
  test('is good for its source, device and time only, and nothing was remembered', () => {
    expect(nonceTime(issued)).toBe(1_000_000)
    expect(nonces.isGood(issued, subject, 1_060_000)).toBe(true)
    expect(nonces.isGood(issued, subject, 1_060_001)).toBe(false)
    expect(nonces.isGood(issued, subject, 999_999)).toBe(false)
    expect(nonces.isGood(issued, { ...subject, from: '10.0.0.1:5684' }, 1_000_001)).toBe(false)
    expect(nonces.isGood(issued, { ...subject, device: '1' }, 1_000_001)).toBe(false)
    expect(nonces.isGood(issued, { ...subject, deviceNonce: new Uint8Array(16) }, 1_000_001)).toBe(false)
    const other = new ContactNonces(new Uint8Array(32).fill(2), 60_000)
    expect(other.isGood(issued, subject, 1_000_001)).toBe(false)
  })
})

describe('an envelope', () => {
  const envelope = new Envelope(new Uint8Array(16).fill(8))
  const secret = new Uint8Array(16).fill(9)
  const sealed = envelope.seal(secret, 'session 1 2')
  test('opens with its key and for its purpose only, and hides what is in it', () => {
    expect(envelope.open(sealed, 'session 1 2')).toEqual(secret)
    expect(envelope.open(sealed, 'session 1 3')).toBeUndefined()
    expect(new Envelope(new Uint8Array(16)).open(sealed, 'session 1 2')).toBeUndefined()
    expect(Buffer.from(sealed).includes(Buffer.from(secret.subarray(0, 4)))).toBe(false)
    expect(Buffer.from(envelope.seal(secret, 'session 1 2')).equals(sealed)).toBe(false)
  })
  test('with any byte changed, or cut, does not open', () => {
    for (let i = 0; i < sealed.length; i++) {
      const bad = sealed.slice()
      bad[i] = (bad[i] ?? 0) ^ 1
      expect(envelope.open(bad, 'session 1 2')).toBeUndefined()
      expect(envelope.open(sealed.subarray(0, i), 'session 1 2')).toBeUndefined()
    }
  })
})

describe('the keyring', () => {
  const file = keyringFile(path.join(dir, 'data'))
  const [first, second] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)]
  test('takes the first master key as root, and keeps the root when the master key changes', () => {
    expect(openRootKey(file, first, undefined)).toEqual(first)
    expect(keyringFacts(file)).toBeUndefined()
    expect(openRootKey(file, first, 5)).toEqual(first)
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(rotateMasterKey(file, first, second, 9)).toEqual({ made_at: 5, rotated_at: 9, rotations: 1 })
    expect(openRootKey(file, second, 10)).toEqual(first)
    expect(() => openRootKey(file, first, 10)).toThrow(/does not open/)
    expect(() => rotateMasterKey(file, first, second, 9)).toThrow(/does not open/)
  })
  test('without a master key there is no root, and a damaged file is told', () => {
    expect(openRootKey(file, new Uint8Array(0), 1)).toHaveLength(0)
    const bad = path.join(dir, 'bad.json')
    writeFileSync(bad, '{"format":"else"}')
    expect(() => openRootKey(bad, first, 1)).toThrow(/is no gastwin-keyring/)
    writeFileSync(bad, '{')
    expect(() => openRootKey(bad, first, 1)).toThrow(/cannot be read/)
    expect(() => rotateMasterKey(path.join(dir, 'none.json'), first, second, 1)).toThrow(/no keyring/)
  })
})

describe('a key file', () => {
  const file = path.join(dir, 'master.key')
  test('is read when only its owner may', () => {
    writeFileSync(file, `${'AB'.repeat(16)}\n`, { mode: 0o600 })
    expect(readKeyFile(file, 16)).toEqual(new Uint8Array(16).fill(0xab))
  })
  test('that others may read, of another length, or missing is refused', () => {
    const open = path.join(dir, 'open.key')
    writeFileSync(open, 'AB'.repeat(16), { mode: 0o644 })
    expect(() => readKeyFile(open, 16)).toThrow(/chmod 600/)
    expect(() => readKeyFile(file, 32)).toThrow(/64 hexadecimal/)
    expect(() => readKeyFile(path.join(dir, 'no.key'), 16)).toThrow(/cannot be read/)
  })
})
