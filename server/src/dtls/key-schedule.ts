import { createHmac } from 'node:crypto'

/** Keys of one association; for both suites AES-128 with four bytes of each nonce. @source RFC 6655 §3, RFC 5288 §3 */
export interface TrafficKeys {
  readonly clientKey: Buffer
  readonly serverKey: Buffer
  readonly clientIv: Buffer
  readonly serverIv: Buffer
}

const MASTER_BYTES = 48
const VERIFY_BYTES = 12
const KEY_BYTES = 16
const IV_BYTES = 4

/** P_SHA256. @source RFC 5246 §5 */
export function prf(secret: Uint8Array, label: string, seed: readonly Uint8Array[], bytes: number): Buffer {
  const whole = Buffer.concat([Buffer.from(label, 'latin1'), ...seed])
  const hmac = (...parts: readonly Uint8Array[]): Buffer => {
    const mac = createHmac('sha256', secret)
    for (const part of parts) mac.update(part)
    return mac.digest()
  }
  const out: Buffer[] = []
  let a = hmac(whole)
  for (let have = 0; have < bytes; have += a.length) {
    out.push(hmac(a, whole))
    a = hmac(a)
  }
  return Buffer.concat(out).subarray(0, bytes)
}

/** The premaster secret of a pre-shared key alone. @source RFC 4279 §2 */
function premaster(key: Uint8Array): Buffer {
  const out = Buffer.alloc(4 + 2 * key.length)
  out.writeUInt16BE(key.length, 0)
  out.writeUInt16BE(key.length, 2 + key.length)
  out.set(key, 4 + key.length)
  return out
}

export interface MasterSeed {
  readonly clientRandom: Uint8Array
  readonly serverRandom: Uint8Array
  /** Hash of the handshake up to the client key exchange; undefined for clients that know only the older derivation. */
  readonly sessionHash: Uint8Array | undefined
}

/** @source RFC 7627 §4; without a session hash RFC 5246 §8.1 */
export function masterSecret(key: Uint8Array, { clientRandom, serverRandom, sessionHash }: MasterSeed): Buffer {
  return sessionHash === undefined
    ? prf(premaster(key), 'master secret', [clientRandom, serverRandom], MASTER_BYTES)
    : prf(premaster(key), 'extended master secret', [sessionHash], MASTER_BYTES)
}

/** @source RFC 5246 §6.3 */
export function trafficKeys(master: Uint8Array, clientRandom: Uint8Array, serverRandom: Uint8Array): TrafficKeys {
  const block = prf(master, 'key expansion', [serverRandom, clientRandom], 2 * KEY_BYTES + 2 * IV_BYTES)
  return {
    clientKey: block.subarray(0, 16),
    serverKey: block.subarray(16, 32),
    clientIv: block.subarray(32, 36),
    serverIv: block.subarray(36, 40),
  }
}

/** What a Finished message proves. @source RFC 5246 §7.4.9 */
export const verifyData = (master: Uint8Array, side: 'client' | 'server', handshakeHash: Uint8Array): Buffer =>
  prf(master, `${side} finished`, [handshakeHash], VERIFY_BYTES)
