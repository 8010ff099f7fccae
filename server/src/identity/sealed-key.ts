import { createCipheriv, createDecipheriv, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { hmacSm3 } from './sm3.ts'

const SALT_BYTES = 16
const MAC_BYTES = 32
const IV_BYTES = 16
const KEY_BYTES = 16
/** Work of guessing one passphrase: 32 MiB and about a tenth of a second. */
const WORK = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const

function keysOf(passphrase: string, salt: Uint8Array): { cipher: Uint8Array; mac: Uint8Array } {
  const both = scryptSync(passphrase.normalize('NFC'), salt, KEY_BYTES + MAC_BYTES, WORK)
  return { cipher: both.subarray(0, KEY_BYTES), mac: both.subarray(KEY_BYTES) }
}

/** A secret under a passphrase: salt, start vector, SM4-CBC cipher text, HMAC-SM3 of all before. */
export function sealSecret(secret: Uint8Array, passphrase: string): Uint8Array {
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(IV_BYTES)
  const keys = keysOf(passphrase, salt)
  const cipher = createCipheriv('sm4-cbc', keys.cipher, iv)
  const body = Buffer.concat([salt, iv, cipher.update(secret), cipher.final()])
  return new Uint8Array(Buffer.concat([body, hmacSm3(keys.mac, body)]))
}

/** Mirror of `sealSecret`; undefined when the passphrase is wrong or a byte was changed. */
export function openSecret(sealed: Uint8Array, passphrase: string): Uint8Array | undefined {
  const end = sealed.length - MAC_BYTES
  if (end < SALT_BYTES + 2 * IV_BYTES) return undefined
  const body = sealed.subarray(0, end)
  const keys = keysOf(passphrase, body.subarray(0, SALT_BYTES))
  if (!timingSafeEqual(hmacSm3(keys.mac, body), sealed.subarray(end))) return undefined
  const iv = body.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES)
  const decipher = createDecipheriv('sm4-cbc', keys.cipher, iv)
  return new Uint8Array(Buffer.concat([decipher.update(body.subarray(SALT_BYTES + IV_BYTES)), decipher.final()]))
}
