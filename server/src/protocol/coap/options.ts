import { COAP_OPTION } from './codes.ts'

/** One option as it stands on the wire. */
export interface CoapOption {
  readonly number: number
  readonly value: Uint8Array
}

/** Big-endian unsigned integer of 0…4 bytes. @source RFC 7252 §3.2 */
export function readUint(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) value = value * 256 + (bytes[i] ?? 0)
  return value
}

/** Shortest big-endian form of an unsigned integer below 2³², 0 as no bytes. @source RFC 7252 §3.2 */
export function uintOption(number: number, value: number): CoapOption {
  const length = value === 0 ? 0 : value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 0x100_0000 ? 3 : 4
  const bytes = new Uint8Array(length)
  for (let i = length - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256
  return { number, value: bytes }
}

/** A text option such as one Uri-Path segment. */
export const textOption = (number: number, text: string): CoapOption => ({
  number,
  value: new TextEncoder().encode(text),
})

/** A path `a/b` as Uri-Path options. */
export const pathOptions = (path: string): CoapOption[] =>
  path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => textOption(COAP_OPTION.URI_PATH, part))

/**
 * Whether a server of ours understands a critical option in this length and repetition. If-Match, If-None-Match and the proxy
 * options are not: a report is neither conditional nor forwarded.
 * @source RFC 7252 §5.4.1, §5.4.3, §5.4.5
 */
export function isKnownOption(number: number, size: number, repeated: boolean): boolean {
  switch (number) {
    case COAP_OPTION.URI_HOST:
      return size >= 1 && size <= 255 && !repeated
    case COAP_OPTION.URI_PORT:
    case COAP_OPTION.ACCEPT:
      return size <= 2 && !repeated
    default:
      return false
  }
}

/** All options of a message in wire order, as views. For tools; the parser has already taken the common ones. */
export function readOptions(message: { readonly bytes: Uint8Array; readonly optionsAt: number }): CoapOption[] {
  const { bytes } = message
  const options: CoapOption[] = []
  let number = 0
  let at = message.optionsAt
  while (at < bytes.length && bytes[at] !== 0xff) {
    const head = bytes[at++] as number
    let delta = head >> 4
    let size = head & 0x0f
    if (delta === 13) delta = 13 + readUint(bytes, at, ++at)
    else if (delta === 14) {
      delta = 269 + readUint(bytes, at, at + 2)
      at += 2
    }
    if (size === 13) size = 13 + readUint(bytes, at, ++at)
    else if (size === 14) {
      size = 269 + readUint(bytes, at, at + 2)
      at += 2
    }
    number += delta
    options.push({ number, value: bytes.subarray(at, at + size) })
    at += size
  }
  return options
}

/** A Block1 or Block2 value taken apart. `size` is undefined for the reserved exponent 7. @source RFC 7959 §2.2 */
export interface Block {
  readonly number: number
  readonly more: boolean
  readonly size: number | undefined
}

/**
 * Takes a raw block value apart. A report is one datagram: an endpoint accepts Block1 only as the single block number 0
 * without `more`, and answers 4.13 to every other.
 */
export const readBlock = (value: number): Block => ({
  number: value >>> 4,
  more: (value & 0b1000) !== 0,
  size: (value & 0b111) === 7 ? undefined : 16 << (value & 0b111),
})
