import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
// @ts-expect-error sm-crypto ships no types
import smCrypto from 'sm-crypto'
import { describe, expect, test } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { bytesOf } from '../testing/hostile.ts'
import { encryptBlock as slowBlock } from '../testing/readable-sm4.ts'
import { decryptBlock, encryptBlock, roundKeysOf } from './block-cipher.ts'
import { deviceKey } from './keys.ts'
import { cbcOpener, encryptCbc } from './modes.ts'
import vectors from './vectors/gbt-32907.json' with { type: 'json' }

const KEY = bytesOf('0123456789ABCDEFFEDCBA9876543210')
const ZERO = new Uint8Array(16)

describe('the cipher', () => {
  test.each(vectors)('GB/T 32907, $name', ({ key, plain, rounds, cipher }) => {
    const keys = roundKeysOf(bytesOf(key))
    const block = bytesOf(plain)
    for (let round = 0; round < rounds; round++) encryptBlock(keys, block, 0)
    expect(toHex(block)).toBe(cipher)
    for (let round = 0; round < rounds; round++) decryptBlock(keys, block, block, 0)
    expect(toHex(block)).toBe(toHex(bytesOf(plain)))
  })
  test('a slow SM4 written from the standard gives the vector too', () => {
    expect(toHex(slowBlock(KEY, KEY))).toBe('681EDF34D206965E86B3E94F536E4246')
  })
  test('ours, node:crypto, sm-crypto and the slow SM4 agree on CBC', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 1, maxLength: 70 }),
        (key, iv, plain) => {
          const sealed = toHex(encryptCbc(key, iv, 'pkcs7', plain))
          const options = { mode: 'cbc', iv: toHex(iv), padding: 'pkcs#7' }
          const engine = createCipheriv('sm4-cbc', key, iv)
          expect(toHex(Buffer.concat([engine.update(plain), engine.final()]))).toBe(sealed)
          expect(smCrypto.sm4.encrypt([...plain], toHex(key), options).toUpperCase()).toBe(sealed)
          const first = slowBlock(
            key,
            Uint8Array.from(iv, (byte, i) => byte ^ (plain[i] ?? 16 - (plain.length % 16))),
          )
          expect(sealed.slice(0, 32)).toBe(toHex(first))
        },
      ),
    )
  })
})

describe('padding', () => {
  test.each(['pkcs7', '80-00'] as const)('%s: every length is opened as it was sealed', (padding) => {
    for (let length = 0; length <= 48; length++) {
      const plain = new Uint8Array(length).fill(length)
      const sealed = encryptCbc(KEY, ZERO, padding, plain)
      expect(sealed.length).toBe(16 * (Math.floor(length / 16) + 1))
      expect(toHex(cbcOpener(KEY)(ZERO, padding, sealed) ?? bytesOf('FF'))).toBe(toHex(plain))
    }
  })
  test('one opener opens many messages', () => {
    const open = cbcOpener(KEY)
    for (const text of ['00', '0102030405060708090A0B0C0D0E0F10', 'FF']) {
      const iv = bytesOf('000102030405060708090A0B0C0D0E0F')
      const plain = bytesOf(text)
      expect(toHex(open(iv, 'pkcs7', encryptCbc(KEY, iv, 'pkcs7', plain)) ?? bytesOf(''))).toBe(text)
    }
  })
  test('no length but a multiple of 16 can be opened', () => {
    for (const length of [0, 1, 15, 17, 31]) {
      expect(cbcOpener(KEY)(ZERO, 'pkcs7', new Uint8Array(length))).toBeUndefined()
    }
  })
  test('an impossible padding is refused: too long, not uniform, no 80', () => {
    const sealRaw = (lastBlock: string) => {
      const engine = createCipheriv('sm4-cbc', KEY, ZERO)
      engine.setAutoPadding(false)
      return engine.update(bytesOf(lastBlock))
    }
    for (const block of [`${'00'.repeat(15)}11`, `${'00'.repeat(15)}00`, `${'00'.repeat(13)}030203`]) {
      expect(cbcOpener(KEY)(ZERO, 'pkcs7', sealRaw(block))).toBeUndefined()
    }
    for (const block of ['00'.repeat(16), `${'00'.repeat(15)}11`]) {
      expect(cbcOpener(KEY)(ZERO, '80-00', sealRaw(block))).toBeUndefined()
    }
  })
})

describe('device keys', () => {
  test('are 16 bytes, the same every time, and different for every device and master key', () => {
    const key = deviceKey(KEY, 181702000027)
    expect(key.length).toBe(16)
    expect(toHex(deviceKey(KEY, 181702000027))).toBe(toHex(key))
    expect(toHex(deviceKey(KEY, 181702000028))).not.toBe(toHex(key))
    expect(toHex(deviceKey(ZERO, 181702000027))).not.toBe(toHex(key))
  })
  test('follow the documented derivation, checked with another HMAC-SM3', () => {
    const label = [...new TextEncoder().encode('gastwin device key 1'), ...bytesOf('27000002171800')]
    const hmac: string = smCrypto.sm3(label, { mode: 'hmac', key: toHex(KEY) })
    expect(toHex(deviceKey(KEY, 181702000027))).toBe(hmac.slice(0, 32).toUpperCase())
  })
})
