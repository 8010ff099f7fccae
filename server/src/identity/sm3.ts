import { createHash, createHmac } from 'node:crypto'

/** SM3 of the parts one after the other, 32 bytes. @source GB/T 32905-2016 */
export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sm3')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

/** HMAC with SM3, 32 bytes. */
export function hmacSm3(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac('sm3', key)
  for (const part of parts) hmac.update(part)
  return new Uint8Array(hmac.digest())
}
