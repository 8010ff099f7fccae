import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { COAP_OPTION, type CoapType } from './codes.ts'
import { isKnownOption, readUint } from './options.ts'

/**
 * One datagram. Token and payload are views into the datagram, not copies: they live as long as its buffer.
 * Absent numeric options are −1, so that the common message costs one object and two views.
 */
export interface CoapMessage {
  readonly kind: 'coap'
  readonly type: CoapType
  readonly code: number
  /** 0…65535 */
  readonly messageId: number
  readonly token: Uint8Array
  /** Uri-Path segments joined by `/`, without a leading one; '' when there is none. */
  readonly path: string
  /** −1 when absent. */
  readonly contentFormat: number
  /** Raw Block1 / Block2 / Observe values, −1 when absent; `readBlock` takes the block apart. */
  readonly block1: number
  readonly block2: number
  readonly observe: number
  /** Whether a Uri-Query option is there, for `readOptions` to find. */
  readonly hasQuery: boolean
  /** Max-Age in seconds, −1 when absent (which means 60 to a cache). */
  readonly maxAge: number
  /** Number of the first critical option that is not understood, comes twice or has an illegal length: answer 4.02. 0 when none. */
  readonly badOption: number
  readonly payload: Uint8Array
  readonly bytes: Uint8Array
  /** Offset of the first option, for `readOptions`. */
  readonly optionsAt: number
}

const NOTHING = new Uint8Array(0)
const UTF8 = new TextDecoder()

/**
 * Reads one CoAP message from one datagram.
 *
 * A format error is a `Malformed`; a confirmable one is to be answered with a Reset (`encodeReset`), another one dropped.
 * @source RFC 7252 §3, §3.1, §4.1–4.3, §5.4
 */
export function parseMessage(bytes: Uint8Array): CoapMessage | Malformed {
  const length = bytes.length
  if (length < 4) return malformed('truncated', length, 'a CoAP header has 4 bytes')
  const first = bytes[0] as number
  if (first >> 6 !== 1) return malformed('unsupported', 0, 'CoAP version is not 1')
  const tokenLength = first & 0x0f
  if (tokenLength > 8) return malformed('bad-length', 0, 'token length 9 to 15 is reserved')
  const code = bytes[1] as number
  const codeClass = code >> 5
  if (codeClass === 1 || codeClass > 5) return malformed('unsupported', 1, 'code class is reserved')
  const optionsAt = 4 + tokenLength
  if (optionsAt > length) return malformed('truncated', length, 'the datagram ends inside the token')
  if (code === 0 && length > 4) return malformed('trailing-bytes', 4, 'an empty message ends after its message id')

  let path = ''
  let contentFormat = -1
  let block1 = -1
  let block2 = -1
  let observe = -1
  let maxAge = -1
  let hasQuery = false
  let badOption = 0
  let number = 0
  let at = optionsAt
  let payload: Uint8Array = NOTHING
  while (at < length) {
    const head = bytes[at] as number
    if (head === 0xff) {
      if (at + 1 === length) return malformed('truncated', at, 'a payload marker without payload')
      payload = bytes.subarray(at + 1)
      break
    }
    const start = at
    at++
    let delta = head >> 4
    let size = head & 0x0f
    if (delta === 15 || size === 15) return malformed('bad-length', start, 'option nibble 15 is reserved')
    // Reading past the end yields undefined, which counts as 0; `at` is past the end then and the check below fails.
    if (delta === 13) delta = 13 + byteAt(bytes, at++)
    else if (delta === 14) delta = 269 + ((byteAt(bytes, at++) << 8) | byteAt(bytes, at++))
    if (size === 13) size = 13 + byteAt(bytes, at++)
    else if (size === 14) size = 269 + ((byteAt(bytes, at++) << 8) | byteAt(bytes, at++))
    const end = at + size
    if (end > length) return malformed('truncated', start, 'the datagram ends inside an option')
    number += delta
    if (number > 0xffff) return malformed('out-of-range', start, 'option number above 65535')
    switch (number) {
      case COAP_OPTION.URI_PATH:
        if (size > 255) badOption ||= number
        else path = path === '' ? segment(bytes, at, end) : `${path}/${segment(bytes, at, end)}`
        break
      case COAP_OPTION.URI_QUERY:
        if (size > 255) badOption ||= number
        hasQuery = true
        break
      case COAP_OPTION.CONTENT_FORMAT:
        if (contentFormat < 0 && size <= 2) contentFormat = readUint(bytes, at, end)
        break
      case COAP_OPTION.MAX_AGE:
        if (maxAge < 0 && size <= 4) maxAge = readUint(bytes, at, end)
        break
      case COAP_OPTION.OBSERVE:
        if (observe < 0 && size <= 3) observe = readUint(bytes, at, end)
        break
      case COAP_OPTION.BLOCK1:
        if (block1 >= 0 || size > 3) badOption ||= number
        else block1 = readUint(bytes, at, end)
        break
      case COAP_OPTION.BLOCK2:
        if (block2 >= 0 || size > 3) badOption ||= number
        else block2 = readUint(bytes, at, end)
        break
      default:
        if ((number & 1) === 1 && !isKnownOption(number, size, delta === 0)) badOption ||= number
    }
    at = end
  }
  return {
    kind: 'coap',
    type: ((first >> 4) & 0b11) as CoapType,
    code,
    messageId: ((bytes[2] as number) << 8) | (bytes[3] as number),
    token: tokenLength === 0 ? NOTHING : bytes.subarray(4, optionsAt),
    path,
    contentFormat,
    block1,
    block2,
    observe,
    hasQuery,
    maxAge,
    badOption,
    payload,
    bytes,
    optionsAt,
  }
}

const byteAt = (bytes: Uint8Array, at: number): number => (bytes[at] as number) | 0

/** One path segment; a slash inside a segment is written %2F so that it cannot imitate two segments. */
function segment(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number
    if (byte >= 0x80 || byte === 0x2f) return UTF8.decode(bytes.subarray(from, to)).replaceAll('/', '%2F')
    text += String.fromCharCode(byte)
  }
  return text
}
