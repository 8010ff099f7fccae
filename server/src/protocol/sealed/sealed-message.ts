import { createHmac, timingSafeEqual } from 'node:crypto'
import { UsageError } from '@gastwin/twin'
import { encryptBlock, roundKeysOf } from '../sm4/block-cipher.ts'
import { cbcOpener, encryptCbc } from '../sm4/modes.ts'

/** What travels sealed, in its wire order: append only. One kind can never be taken for another. */
export const SEALED_KINDS = ['message', 'answer', 'order', 'taken'] as const

/** The part of a sealed message that can be read without the key; it is vouched for by the seal all the same. */
export interface SealedHeader {
  /** `message` and `taken` come from the device, `answer` and `order` from the platform. */
  readonly kind: (typeof SEALED_KINDS)[number]
  /** Number of the device whose session seals. */
  readonly device: number
  /** Of a message, rising; of an answer that of its message; of an order the platform's clock in Unix ms; of `taken` that of its order. */
  readonly counter: number
  /** Content-Format of what is inside, −1 for none. */
  readonly contentFormat: number
}

export interface OpenedMessage extends SealedHeader {
  readonly payload: Uint8Array
}

const MARK = Uint8Array.of(0x47, 0x53)
const VERSION = 1
const KIND_AT = 3
const DEVICE_AT = 4
const COUNTER_AT = 10
const FORMAT_AT = 16
const HEADER_BYTES = 18
const BLOCK_BYTES = 16
const MAC_BYTES = 16
const KEY_BYTES = 16
const NO_FORMAT = 0xffff
/** Largest device number and counter: six bytes. */
const MOST = 2 ** 48 - 1
const ENCRYPTION = new TextEncoder().encode('gastwin sealed message encryption 1')
const INTEGRITY = new TextEncoder().encode('gastwin sealed message integrity 1')

/** What a seal adds to a payload at most, bytes. */
export const SEAL_BYTES = HEADER_BYTES + BLOCK_BYTES + MAC_BYTES

/**
 * Header, SM4-CBC of the payload, and HMAC-SM3 over both (docs/CONCENTRATOR-PROFILE.md §2).
 * @param sessionKey 16 bytes
 * @throws UsageError PRT_ENCODE for a number or counter that does not fit six bytes
 */
export function sealMessage(sessionKey: Uint8Array, header: SealedHeader, payload: Uint8Array): Uint8Array {
  const { device, counter, contentFormat } = header
  for (const number of [device, counter])
    if (!Number.isInteger(number) || number < 0 || number > MOST)
      throw new UsageError('PRT_ENCODE', `${number} does not fit six bytes`)
  const head = Buffer.alloc(HEADER_BYTES)
  head.set(MARK)
  head[2] = VERSION
  head[KIND_AT] = 1 + SEALED_KINDS.indexOf(header.kind)
  head.writeUIntBE(device, DEVICE_AT, 6)
  head.writeUIntBE(counter, COUNTER_AT, 6)
  head.writeUInt16BE(contentFormat < 0 ? NO_FORMAT : contentFormat, FORMAT_AT)
  const key = encryptionKey(sessionKey)
  const body = Buffer.concat([head, encryptCbc(key, startVector(key, head), 'pkcs7', payload)])
  return new Uint8Array(Buffer.concat([body, macOf(sessionKey, body)]))
}

/** The header of what claims to be sealed; undefined when the bytes cannot be that. Nothing is proven by it. */
export function peekSealed(bytes: Uint8Array): SealedHeader | undefined {
  const cipherBytes = bytes.length - HEADER_BYTES - MAC_BYTES
  const kind = SEALED_KINDS[(bytes[KIND_AT] ?? 0) - 1]
  const isOurs = bytes[0] === MARK[0] && bytes[1] === MARK[1] && bytes[2] === VERSION
  if (!isOurs || kind === undefined || cipherBytes < BLOCK_BYTES || cipherBytes % BLOCK_BYTES !== 0) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const contentFormat = view.readUInt16BE(FORMAT_AT)
  return {
    kind,
    device: view.readUIntBE(DEVICE_AT, 6),
    counter: view.readUIntBE(COUNTER_AT, 6),
    contentFormat: contentFormat === NO_FORMAT ? -1 : contentFormat,
  }
}

/** Mirror of `sealMessage`; undefined when another key sealed it, or a byte was changed. */
export function openMessage(sessionKey: Uint8Array, bytes: Uint8Array): OpenedMessage | undefined {
  const header = peekSealed(bytes)
  if (header === undefined) return undefined
  const end = bytes.length - MAC_BYTES
  if (!timingSafeEqual(macOf(sessionKey, bytes.subarray(0, end)), bytes.subarray(end))) return undefined
  const key = encryptionKey(sessionKey)
  const payload = cbcOpener(key)(startVector(key, bytes), 'pkcs7', bytes.subarray(HEADER_BYTES, end))
  return payload && { ...header, payload }
}

/** What encrypts must not also vouch. */
const encryptionKey = (sessionKey: Uint8Array): Uint8Array =>
  createHmac('sm3', sessionKey).update(ENCRYPTION).digest().subarray(0, KEY_BYTES)

function macOf(sessionKey: Uint8Array, body: Uint8Array): Uint8Array {
  const key = createHmac('sm3', sessionKey).update(INTEGRITY).digest()
  return createHmac('sm3', key).update(body).digest().subarray(0, MAC_BYTES)
}

/** No two headers of a session are the same, and without the key nobody foresees what becomes of one. */
function startVector(key: Uint8Array, head: Uint8Array): Uint8Array {
  const block = new Uint8Array(head.subarray(HEADER_BYTES - BLOCK_BYTES, HEADER_BYTES))
  encryptBlock(roundKeysOf(key), block, 0)
  return block
}
