import { createCipheriv, createDecipheriv } from 'node:crypto'
import { CONTENT, DTLS_1_2, type DtlsRecord, writeRecord } from './record.ts'

/** Suites that are spoken, the wanted one first. @source RFC 6655 §4, RFC 5487 §2 */
export const SUITES = [
  { number: 0xc0a8, name: 'TLS_PSK_WITH_AES_128_CCM_8', tagBytes: 8, mode: 'aes-128-ccm' },
  { number: 0x00a8, name: 'TLS_PSK_WITH_AES_128_GCM_SHA256', tagBytes: 16, mode: 'aes-128-gcm' },
] as const
export type Suite = (typeof SUITES)[number]

/** Part of the nonce that travels with each record. */
const EXPLICIT_NONCE = 8
const EMPTY = Buffer.alloc(0)
const PLAIN_PROOF = 13
/** Without the connection id. */
const NAMED_PROOF = 23

/** One direction of an association. */
export interface Direction {
  readonly suite: Suite
  readonly key: Uint8Array
  /** Four bytes of the nonce that do not travel. */
  readonly iv: Uint8Array
  /** The receiver's connection id; empty when records travel without. */
  readonly cid: Uint8Array
}

export interface OpenedRecord {
  readonly type: number
  readonly plain: Buffer
}

/** Epoch and sequence number as they enter nonce and proof. */
function numbered(epoch: number, sequence: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeUInt16BE(epoch, 0)
  bytes.writeUIntBE(sequence, 2, 6)
  return bytes
}

/** What is proven beside the content. @source RFC 5246 §6.2.3.3; with a connection id RFC 9146 §5.3 */
function additional(type: number, number: Uint8Array, cid: Uint8Array, plainLength: number): Buffer {
  const named = type === CONTENT.connectionId
  const bytes = Buffer.allocUnsafe(named ? NAMED_PROOF + cid.length : PLAIN_PROOF)
  let at = 0
  if (named) {
    bytes.fill(0xff, 0, 8)
    bytes[8] = type
    bytes[9] = cid.length
    bytes[10] = type
    bytes.writeUInt16BE(DTLS_1_2, 11)
    bytes.set(number, 13)
    bytes.set(cid, 21)
    at = 21 + cid.length
  } else {
    bytes.set(number, 0)
    bytes[8] = type
    bytes.writeUInt16BE(DTLS_1_2, 9)
    at = 11
  }
  bytes.writeUInt16BE(plainLength, at)
  return bytes
}

/** An enciphered record. @param sequence never used before in this epoch and direction */
export function sealRecord(to: Direction, type: number, epoch: number, sequence: number, content: Uint8Array): Buffer {
  const { suite, cid } = to
  const named = cid.length > 0
  const outer = named ? CONTENT.connectionId : type
  const plain = named ? Buffer.concat([content, Buffer.of(type)]) : content
  const number = numbered(epoch, sequence)
  const nonce = Buffer.concat([to.iv, number])
  const proof = additional(outer, number, cid, plain.length)
  const cipher =
    suite.mode === 'aes-128-ccm'
      ? createCipheriv(suite.mode, to.key, nonce, { authTagLength: suite.tagBytes })
      : createCipheriv(suite.mode, to.key, nonce)
  cipher.setAAD(proof, { plaintextLength: plain.length })
  const body = cipher.update(plain)
  cipher.final()
  const fragment = Buffer.concat([number, body, cipher.getAuthTag()])
  return writeRecord(outer, epoch, sequence, fragment, named ? cid : undefined)
}

/** Mirror of `sealRecord`; undefined when the record is not authentic. The tag is compared in constant time by the library. */
export function openRecord(from: Direction, record: DtlsRecord): OpenedRecord | undefined {
  const { suite } = from
  const { fragment, type, epoch, sequence } = record
  const length = fragment.length - EXPLICIT_NONCE - suite.tagBytes
  if (length < 0 || record.version !== DTLS_1_2) return undefined
  const nonce = Buffer.concat([from.iv, fragment.subarray(0, EXPLICIT_NONCE)])
  const proof = additional(type, numbered(epoch, sequence), record.cid ?? EMPTY, length)
  const decipher =
    suite.mode === 'aes-128-ccm'
      ? createDecipheriv(suite.mode, from.key, nonce, { authTagLength: suite.tagBytes })
      : createDecipheriv(suite.mode, from.key, nonce, { authTagLength: suite.tagBytes })
  decipher.setAuthTag(fragment.subarray(fragment.length - suite.tagBytes))
  decipher.setAAD(proof, { plaintextLength: length })
  const plain = decipher.update(fragment.subarray(EXPLICIT_NONCE, EXPLICIT_NONCE + length))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return type === CONTENT.connectionId ? innerContent(plain) : { type, plain }
}

/** Content, its type, and zeros as padding. @source RFC 9146 §4 */
function innerContent(inner: Buffer): OpenedRecord | undefined {
  let end = inner.length - 1
  while (end >= 0 && inner[end] === 0) end--
  return end < 0 ? undefined : { type: inner[end] ?? 0, plain: inner.subarray(0, end) }
}
