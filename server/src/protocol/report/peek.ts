import type { Trigger } from '@gastwin/twin'
import { readBcd } from '../bytes/bcd.ts'
import { KEY } from '../cbor/keys.ts'
import { CborReader } from '../cbor/reader.ts'
import { peekSealed } from '../sealed/sealed-message.ts'
import { CONTENT_FORMAT } from './lookup.ts'
import { DEVICE_KINDS, TRIGGERS } from './words.ts'

/** Where the address stands behind `68`, and its bytes. */
const ADDRESSES: ReadonlyMap<number, readonly [offset: number, bytes: number]> = new Map([
  [CONTENT_FORMAT.CJT188, [2, 7]],
  [CONTENT_FORMAT.CJT188_SM4, [2, 7]],
  [CONTENT_FORMAT.DLT645, [1, 6]],
  [CONTENT_FORMAT.CAT1, [2, 7]],
])

/** The device number a payload claims, without decoding it; of a sealed one whose seal it claims to be. −1 when it cannot be read. For admission and sharding only. */
export function peekDevice(contentFormat: number, payload: Uint8Array): number {
  if (contentFormat === CONTENT_FORMAT.SEALED) return peekSealed(payload)?.device ?? -1
  if (contentFormat === CONTENT_FORMAT.CBOR) return peekCbor(payload, KEY.DEVICE)
  const place = ADDRESSES.get(contentFormat)
  if (!place) return -1
  const [offset, count] = place
  let at = 0
  while (payload[at] === 0xfe) at++
  return payload[at] === 0x68 && payload.length >= at + offset + count ? readBcd(payload, at + offset, count) : -1
}

/**
 * Why the device speaks, without decoding, so that overload can shed the patient ones first; undefined when it cannot be told
 * cheaply (CJ/T 188: the trigger may be encrypted).
 */
export const peekTrigger = (contentFormat: number, payload: Uint8Array): Trigger | undefined =>
  contentFormat === CONTENT_FORMAT.CBOR ? TRIGGERS[peekCbor(payload, KEY.TRIGGER)] : undefined

/** What a device of the CBOR profile says it is, without decoding; undefined when it cannot be read. */
export const peekKind = (contentFormat: number, payload: Uint8Array): (typeof DEVICE_KINDS)[number] | undefined =>
  contentFormat === CONTENT_FORMAT.CBOR ? DEVICE_KINDS[peekCbor(payload, KEY.KIND)] : undefined

/** Value of an unsigned field that stands at the front of the map. */
function peekCbor(payload: Uint8Array, wanted: number): number {
  const reader = new CborReader(payload)
  const pairs = reader.map()
  for (let i = 0; i < pairs && i < wanted; i++) {
    const key = reader.uint()
    const value = reader.uint()
    if (reader.problem) return -1
    if (key === wanted) return value
  }
  return -1
}
