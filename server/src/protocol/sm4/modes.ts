import { createCipheriv, createDecipheriv } from 'node:crypto'

/** How the last block is filled: PKCS#7 (n bytes of value n), or one byte 80 and then 00. */
export type Sm4Padding = 'pkcs7' | '80-00'

const BLOCK = 16

/**
 * SM4 in CBC mode over a padded message.
 * @param key 16 bytes
 * @param iv 16 bytes
 * @source GB/T 32907-2016 (SM4), GB/T 17964 (CBC)
 */
export function encryptCbc(key: Uint8Array, iv: Uint8Array, padding: Sm4Padding, plain: Uint8Array): Uint8Array {
  const fill = BLOCK - (plain.length % BLOCK)
  const padded = new Uint8Array(plain.length + fill)
  padded.set(plain)
  if (padding === 'pkcs7') padded.fill(fill, plain.length)
  else padded[plain.length] = 0x80
  const cipher = createCipheriv('sm4-cbc', key, iv)
  cipher.setAutoPadding(false)
  return cipher.update(padded)
}

/**
 * Mirror of `encryptCbc`. CBC has no integrity: undefined only says that the length or the padding is impossible.
 */
export function decryptCbc(
  key: Uint8Array,
  iv: Uint8Array,
  padding: Sm4Padding,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length === 0 || sealed.length % BLOCK !== 0) return undefined
  const decipher = createDecipheriv('sm4-cbc', key, iv)
  decipher.setAutoPadding(false)
  const padded = decipher.update(sealed)
  const length = padding === 'pkcs7' ? lengthBeforePkcs7(padded) : lengthBefore8000(padded)
  return length < 0 ? undefined : padded.subarray(0, length)
}

function lengthBeforePkcs7(padded: Uint8Array): number {
  const fill = padded[padded.length - 1] ?? 0
  if (fill < 1 || fill > BLOCK) return -1
  const length = padded.length - fill
  for (let i = length; i < padded.length; i++) if (padded[i] !== fill) return -1
  return length
}

function lengthBefore8000(padded: Uint8Array): number {
  let at = padded.length - 1
  while (padded[at] === 0 && at > padded.length - BLOCK) at--
  return padded[at] === 0x80 ? at : -1
}
