import { ByteCursor } from './byte-cursor.ts'

/** Numbers of extensions that are looked at. @source RFC 7627, RFC 9146, RFC 5746 */
export const EXTENSION = { extendedMasterSecret: 23, connectionId: 54, renegotiation: 0xff01 } as const

/** Signalling value with the meaning of an empty renegotiation_info. @source RFC 5746 §3.3 */
const RENEGOTIATION_SCSV = 0x00ff

/** What a ClientHello asks for. Buffers are views of the message. */
export interface ClientHello {
  readonly version: number
  readonly random: Buffer
  readonly cookie: Buffer
  /** What the cookie vouches for beside the address: version, random, session id, suites and compression methods. */
  readonly parameters: readonly Buffer[]
  readonly suites: readonly number[]
  /** Whether it can do without compression. */
  readonly plainCompression: boolean
  readonly extendedMasterSecret: boolean
  /** Whether it knows of secure renegotiation. */
  readonly renegotiation: boolean
  /** It claims to renegotiate: never right in the first handshake of an association. */
  readonly renegotiating: boolean
  /** The connection id that records to it shall carry, possibly empty; undefined when it wants none of the extension. */
  readonly cid: Buffer | undefined
}

/** Reads the body of a ClientHello; undefined when it is none. @source RFC 6347 §4.2.1, RFC 5246 §7.4.1.2 */
export function readClientHello(body: Buffer): ClientHello | undefined {
  const cursor = new ByteCursor(body)
  const version = cursor.number(2)
  const random = cursor.take(32)
  const sessionId = cursor.vector(1)
  const cookie = cursor.vector(1)
  const suiteBytes = cursor.vector(2)
  const compression = cursor.vector(1)
  const extensions = cursor.left > 0 ? readExtensions(cursor.vector(2)) : new Map<number, Buffer>()
  if (cursor.failed || cursor.left > 0 || extensions === undefined) return undefined
  if (sessionId.length > 32 || suiteBytes.length === 0 || suiteBytes.length % 2 !== 0 || compression.length === 0)
    return undefined
  const suites: number[] = []
  for (let at = 0; at < suiteBytes.length; at += 2) suites.push(suiteBytes.readUInt16BE(at))
  const renegotiation = extensions.get(EXTENSION.renegotiation)
  const cid = extensions.get(EXTENSION.connectionId)
  if (cid !== undefined && cid.length !== 1 + (cid[0] ?? 0)) return undefined
  return {
    ...{ version, random, cookie, suites },
    parameters: [body.subarray(0, 34), sessionId, suiteBytes, compression],
    plainCompression: compression.includes(0),
    extendedMasterSecret: extensions.has(EXTENSION.extendedMasterSecret),
    renegotiation: renegotiation !== undefined || suites.includes(RENEGOTIATION_SCSV),
    renegotiating: renegotiation !== undefined && !renegotiation.equals(Buffer.of(0)),
    cid: cid?.subarray(1),
  }
}

function readExtensions(bytes: Buffer): Map<number, Buffer> | undefined {
  const found = new Map<number, Buffer>()
  const cursor = new ByteCursor(bytes)
  while (cursor.left > 0) {
    const number = cursor.number(2)
    const value = cursor.vector(2)
    // One of a kind. RFC 5246 §7.4.1.4
    if (cursor.failed || found.has(number)) return undefined
    found.set(number, value)
  }
  return found
}

/** A vector with its length in front. */
export function vector(lengthBytes: 1 | 2, bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(lengthBytes + bytes.length)
  out.writeUIntBE(bytes.length, 0, lengthBytes)
  out.set(bytes, lengthBytes)
  return out
}

/** An extension with its number and length. */
export function extension(number: number, value: Uint8Array): Buffer {
  const head = Buffer.allocUnsafe(2)
  head.writeUInt16BE(number)
  return Buffer.concat([head, vector(2, value)])
}
