import { createHmac } from 'node:crypto'
import { writeBcd } from '../bytes/bcd.ts'

const LABEL = new TextEncoder().encode('gastwin device key 1')

/**
 * The SM4 key of one device: the first 16 bytes of HMAC-SM3(master key, "gastwin device key 1" ‖ device number as 7 BCD bytes,
 * low byte first). One leaked device key tells nothing about another.
 * @param masterKey at least 16 bytes, kept by the platform only
 * @param device up to 14 decimal digits
 * @returns 16 bytes
 */
export function deviceKey(masterKey: Uint8Array, device: number): Uint8Array {
  const number = new Uint8Array(7)
  writeBcd(number, 0, 7, device)
  return createHmac('sm3', masterKey).update(LABEL).update(number).digest().subarray(0, 16)
}
