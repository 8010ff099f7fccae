import { createECDH, ECDH } from 'node:crypto'
import { sm2 } from 'sm-crypto-v2'

/** Bytes of a private key, a compressed public key and a signature (r, then s). */
export const PRIVATE_KEY_BYTES = 32
export const PUBLIC_KEY_BYTES = 33
export const SIGNATURE_BYTES = 64
/** The signer's name that goes into every SM2 signature where no other was agreed. @source GM/T 0009-2012 */
const DEFAULT_USER = '1234567812345678'
const CURVE = 'SM2'

/** A key pair on the SM2 curve. */
export interface Sm2KeyPair {
  readonly privateKey: Uint8Array
  /** Compressed. */
  readonly publicKey: Uint8Array
}

/** A fresh key pair from the system's random source. */
export function newKeyPair(): Sm2KeyPair {
  const ecdh = createECDH(CURVE)
  ecdh.generateKeys()
  return pairOf(ecdh)
}

/** The pair of a private key of 32 bytes. @throws Error when it is no scalar of the curve */
export function keyPairOf(privateKey: Uint8Array): Sm2KeyPair {
  const ecdh = createECDH(CURVE)
  ecdh.setPrivateKey(privateKey)
  return pairOf(ecdh)
}

function pairOf(ecdh: ECDH): Sm2KeyPair {
  const privateKey = new Uint8Array(PRIVATE_KEY_BYTES)
  const scalar = ecdh.getPrivateKey()
  privateKey.set(scalar, PRIVATE_KEY_BYTES - scalar.length)
  return { privateKey, publicKey: new Uint8Array(ecdh.getPublicKey(null, 'compressed')) }
}

/**
 * An SM2 signature: r and s, 32 bytes each.
 * `crypto.sign` of Node makes plain ECDSA on this curve, which is no SM2 signature.
 * @source GB/T 32918.2-2016
 */
export function signSm2(message: Uint8Array, { privateKey, publicKey }: Sm2KeyPair, userId = DEFAULT_USER): Uint8Array {
  const options = { hash: true, publicKey: uncompressed(publicKey) ?? '', userId }
  return fromHexDigits(sm2.doSignature(message, hexOf(privateKey), options))
}

/** Whether the signature is right. Keys and signatures that cannot be are wrong, not an error. */
export function verifySm2(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
  userId = DEFAULT_USER,
): boolean {
  const point = uncompressed(publicKey)
  if (point === undefined || signature.length !== SIGNATURE_BYTES) return false
  try {
    return sm2.doVerifySignature(message, hexOf(signature), preparedPoint(point) ?? point, { hash: true, userId })
  } catch {
    // The library throws for r or s outside of the field.
    return false
  }
}

type PreparedPoint = ReturnType<typeof sm2.precomputePublicKey>

/** Keys that were asked for once, and multiples of those that were asked for again: the authority's is, a device's hardly ever. */
const askedOnce = new Set<string>()
const prepared = new Map<string, PreparedPoint>()
const MOST_ASKED = 256
const MOST_PREPARED = 4

/** A key with its multiples, by which a check takes a sixth of the time; undefined for one that is asked for the first time. */
function preparedPoint(point: string): PreparedPoint | undefined {
  const known = prepared.get(point)
  if (known !== undefined) return known
  if (!askedOnce.has(point)) {
    if (askedOnce.size >= MOST_ASKED) askedOnce.clear()
    askedOnce.add(point)
    return undefined
  }
  if (prepared.size >= MOST_PREPARED) prepared.clear()
  const made = sm2.precomputePublicKey(point)
  prepared.set(point, made)
  return made
}

function uncompressed(publicKey: Uint8Array): string | undefined {
  if (publicKey.length !== PUBLIC_KEY_BYTES) return undefined
  try {
    const point = ECDH.convertKey(publicKey, CURVE, undefined, 'hex', 'uncompressed')
    return typeof point === 'string' ? point : undefined
  } catch {
    return undefined
  }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const fromHexDigits = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
