import { timingSafeEqual } from 'node:crypto'
import { NONCE_BYTES } from './session-key.ts'
import { hmacSm3 } from './sm3.ts'

const CLOCK_BYTES = 6
const LABEL = new TextEncoder().encode('gastwin platform nonce 1')

/** What a nonce of the platform is bound to. */
export interface NonceSubject {
  /** Source address and port. */
  readonly from: string
  readonly device: string
  readonly deviceNonce: Uint8Array
}

/**
 * The platform's nonces: the time, and a keyed digest of time, source, device and the device's nonce. Nothing is remembered
 * between the two exchanges, so a flood of first exchanges takes no memory; only who receives at its source can go on.
 */
export class ContactNonces {
  readonly #secret: Uint8Array
  readonly #lifeMs: number

  /** @param secret at least 16 bytes that nobody else knows @param lifeMs how long a nonce is good for */
  constructor(secret: Uint8Array, lifeMs: number) {
    this.#secret = secret
    this.#lifeMs = lifeMs
  }

  /** @param wall Unix ms of the wall */
  issue(subject: NonceSubject, wall: number): Uint8Array {
    const nonce = Buffer.alloc(NONCE_BYTES)
    nonce.writeUIntBE(Math.floor(wall), 0, CLOCK_BYTES)
    nonce.set(this.#digest(subject, nonce.subarray(0, CLOCK_BYTES)), CLOCK_BYTES)
    return new Uint8Array(nonce)
  }

  /** Whether the nonce was issued to this subject and is not too old. */
  isGood(nonce: Uint8Array, subject: NonceSubject, wall: number): boolean {
    if (nonce.length !== NONCE_BYTES) return false
    const issued = nonceTime(nonce)
    if (issued > wall || issued < wall - this.#lifeMs) return false
    return timingSafeEqual(nonce.subarray(CLOCK_BYTES), this.#digest(subject, nonce.subarray(0, CLOCK_BYTES)))
  }

  #digest({ from, device, deviceNonce }: NonceSubject, clock: Uint8Array): Uint8Array {
    const words = new TextEncoder().encode(`${from} ${device}`)
    const all = hmacSm3(this.#secret, LABEL, clock, deviceNonce, words)
    return all.subarray(0, NONCE_BYTES - CLOCK_BYTES)
  }
}

/** When a nonce of the platform was issued, Unix ms of the wall. */
export const nonceTime = (nonce: Uint8Array): number => Buffer.from(nonce).readUIntBE(0, CLOCK_BYTES)
