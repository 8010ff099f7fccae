import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto'
import { hmacSm3 } from './sm3.ts'

const IV_BYTES = 16
const MAC_BYTES = 16
const ENCRYPTION = new TextEncoder().encode('gastwin envelope encryption 1')
const INTEGRITY = new TextEncoder().encode('gastwin envelope integrity 1')

/** The two keys that seal under one: what encrypts must not also vouch. */
interface SealingKeys {
  readonly cipher: Uint8Array
  readonly mac: Uint8Array
}

function keysOf(key: Uint8Array): SealingKeys {
  return { cipher: hmacSm3(key, ENCRYPTION).subarray(0, 16), mac: hmacSm3(key, INTEGRITY) }
}

/** Seals and opens values at rest: start vector, SM4-CBC, HMAC-SM3 over both and over what the value is for. */
export class Envelope {
  readonly #keys: SealingKeys

  /** @param key at least 16 bytes */
  constructor(key: Uint8Array) {
    this.#keys = keysOf(key)
  }

  /** @param purpose says what it is and whose: a sealed value moved elsewhere does not open */
  seal(value: Uint8Array, purpose: string): Uint8Array {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('sm4-cbc', this.#keys.cipher, iv)
    const body = Buffer.concat([iv, cipher.update(value), cipher.final()])
    return new Uint8Array(Buffer.concat([body, this.#mac(body, purpose)]))
  }

  /** Mirror of `seal`; undefined when key or purpose is another, or a byte was changed. */
  open(sealed: Uint8Array, purpose: string): Uint8Array | undefined {
    const end = sealed.length - MAC_BYTES
    if (end < 2 * IV_BYTES) return undefined
    const body = sealed.subarray(0, end)
    if (!timingSafeEqual(this.#mac(body, purpose), sealed.subarray(end))) return undefined
    const decipher = createDecipheriv('sm4-cbc', this.#keys.cipher, body.subarray(0, IV_BYTES))
    return new Uint8Array(Buffer.concat([decipher.update(body.subarray(IV_BYTES)), decipher.final()]))
  }

  #mac(body: Uint8Array, purpose: string): Uint8Array {
    return hmacSm3(this.#keys.mac, body, new TextEncoder().encode(purpose)).subarray(0, MAC_BYTES)
  }
}
