import { UsageError } from '@gastwin/twin'
import { hmacSm3 } from './sm3.ts'

/** Bytes of an SM4 key. */
const KEY_BYTES = 16
/** Bytes of a nonce of first contact. */
export const NONCE_BYTES = 16
/** As in a certificate. */
const MOST_NAME_BYTES = 64
const TRANSPORT = new TextEncoder().encode('gastwin transport key 1')
const SESSION = new TextEncoder().encode('gastwin session key 1')

/** Who talks to whom, and what both made up for this session. */
export interface SessionContext {
  /** Device number. */
  readonly device: number
  /** Name of the platform as in its certificate. */
  readonly platform: string
  readonly deviceNonce: Uint8Array
  readonly platformNonce: Uint8Array
}

/**
 * A device's transport key (DIAK) from the utility's root key and what is the device's own: one meter, one key (S2-11).
 * @param moduleId of the security module, or empty
 * @returns 16 bytes
 */
export function transportKey(
  rootKey: Uint8Array,
  device: number,
  moduleId: Uint8Array = new Uint8Array(0),
): Uint8Array {
  checkKey(rootKey)
  return hmacSm3(rootKey, TRANSPORT, deviceDigits(device), moduleId).subarray(0, KEY_BYTES)
}

/**
 * The session key by diversification of the transport key with device, platform and both nonces (S2-10). Every field stands with
 * its length before it, so that no two contexts give the same bytes.
 * @returns 16 bytes
 */
export function sessionKey(diak: Uint8Array, context: SessionContext): Uint8Array {
  checkKey(diak)
  const { deviceNonce, platformNonce } = context
  if (deviceNonce.length !== NONCE_BYTES || platformNonce.length !== NONCE_BYTES)
    throw new UsageError('PRT_ENCODE', `a nonce has ${NONCE_BYTES} bytes`)
  const platform = new TextEncoder().encode(context.platform)
  if (platform.length > MOST_NAME_BYTES)
    throw new UsageError('PRT_ENCODE', 'the name of a platform has at most 64 bytes')
  const parts = [deviceDigits(context.device), platform, deviceNonce, platformNonce]
  return hmacSm3(diak, SESSION, ...parts.flatMap((part) => [Uint8Array.of(part.length), part])).subarray(0, KEY_BYTES)
}

const deviceDigits = (device: number): Uint8Array => new TextEncoder().encode(String(device).padStart(14, '0'))

function checkKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new UsageError('PRT_ENCODE', `a key has ${KEY_BYTES} bytes, not ${key.length}`)
}
