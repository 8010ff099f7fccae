import { decryptBlock, encryptBlock, roundKeysOf } from './block-cipher.ts'

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
  const padded = Buffer.allocUnsafe(plain.length + fill)
  padded.set(plain)
  padded.fill(padding === 'pkcs7' ? fill : 0, plain.length)
  if (padding === '80-00') padded[plain.length] = 0x80
  const keys = roundKeysOf(key)
  for (let at = 0; at < padded.length; at += BLOCK) {
    const chain = at === 0 ? iv : padded
    const from = at === 0 ? 0 : at - BLOCK
    for (let i = 0; i < BLOCK; i++) padded[at + i] = (padded[at + i] as number) ^ (chain[from + i] as number)
    encryptBlock(keys, padded, at)
  }
  return padded
}

/** Opens messages sealed by `encryptCbc` with one key. Undefined when length or padding is impossible; CBC proves no more. */
export type CbcOpener = (iv: Uint8Array, padding: Sm4Padding, sealed: Uint8Array) => Uint8Array | undefined

/**
 * Mirror of `encryptCbc` for several messages with one key.
 * @param key 16 bytes
 */
export function cbcOpener(key: Uint8Array): CbcOpener {
  const keys = roundKeysOf(key)
  return (iv, padding, sealed) => {
    if (sealed.length === 0 || sealed.length % BLOCK !== 0) return undefined
    // From the pool: a view of a small array of its own would cost it a buffer outside the heap.
    const padded = Buffer.allocUnsafe(sealed.length)
    for (let at = 0; at < padded.length; at += BLOCK) decryptBlock(keys, sealed, padded, at)
    for (let i = 0; i < BLOCK; i++) padded[i] = (padded[i] as number) ^ (iv[i] as number)
    for (let i = BLOCK; i < padded.length; i++) padded[i] = (padded[i] as number) ^ (sealed[i - BLOCK] as number)
    const length = padding === 'pkcs7' ? lengthBeforePkcs7(padded) : lengthBefore8000(padded)
    return length < 0 ? undefined : padded.subarray(0, length)
  }
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
