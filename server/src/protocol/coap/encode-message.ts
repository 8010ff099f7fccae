import { COAP_OPTION, COAP_TYPE, type CoapType } from './codes.ts'
import type { CoapMessage } from './message.ts'
import { type CoapOption, uintOption } from './options.ts'

/** What is to be sent. Options may come in any order; those of one number keep theirs. */
export interface MessageToSend {
  readonly type: CoapType
  readonly code: number
  readonly messageId: number
  /** 0…8 bytes */
  readonly token?: Uint8Array
  readonly options?: readonly CoapOption[]
  readonly payload?: Uint8Array
}

const NO_OPTIONS: readonly CoapOption[] = []
const NOTHING = new Uint8Array(0)

/** Encodes one message. @source RFC 7252 §3 */
export function encodeMessage(message: MessageToSend): Uint8Array {
  const token = message.token ?? NOTHING
  const payload = message.payload ?? NOTHING
  const options = inOrder(message.options ?? NO_OPTIONS)
  let room = 4 + token.length + (payload.length > 0 ? 1 + payload.length : 0)
  for (const option of options) room += 5 + option.value.length
  const bytes = Buffer.allocUnsafe(room)
  bytes[0] = 0x40 | (message.type << 4) | token.length
  bytes[1] = message.code
  bytes[2] = message.messageId >> 8
  bytes[3] = message.messageId
  bytes.set(token, 4)
  let at = 4 + token.length
  let previous = 0
  for (const { number, value } of options) {
    const delta = number - previous
    previous = number
    const head = at++
    const deltaNibble = nibble(delta)
    at = writeExtension(bytes, at, delta)
    bytes[head] = (deltaNibble << 4) | nibble(value.length)
    at = writeExtension(bytes, at, value.length)
    bytes.set(value, at)
    at += value.length
  }
  if (payload.length > 0) {
    bytes[at++] = 0xff
    bytes.set(payload, at)
    at += payload.length
  }
  return at === room ? bytes : bytes.subarray(0, at)
}

/** What an answer says besides its code. */
export interface AnswerToSend {
  readonly contentFormat?: number
  readonly payload?: Uint8Array
  /** Seconds; on 5.03 it tells the device when to come again. */
  readonly maxAge?: number
  /** Block1 value to echo. */
  readonly block1?: number
  /** Which block of a larger body the payload is, as a raw option value. */
  readonly block2?: number
  readonly etag?: Uint8Array
  /** Bytes of the whole body. */
  readonly size2?: number
}

/**
 * The answer to a request: piggy-backed on the ACK of a confirmable one (same message id), or as a non-confirmable message of
 * its own with `ownMessageId`. The token is echoed.
 * @source RFC 7252 §5.2.1, §5.2.3
 */
export function encodeReply(
  request: CoapMessage,
  code: number,
  answer: AnswerToSend,
  ownMessageId: number,
): Uint8Array {
  const confirmable = request.type === COAP_TYPE.CON
  const options: CoapOption[] = []
  if (answer.contentFormat !== undefined) options.push(uintOption(COAP_OPTION.CONTENT_FORMAT, answer.contentFormat))
  if (answer.maxAge !== undefined) options.push(uintOption(COAP_OPTION.MAX_AGE, answer.maxAge))
  if (answer.etag !== undefined) options.push({ number: COAP_OPTION.ETAG, value: answer.etag })
  if (answer.block2 !== undefined) options.push(uintOption(COAP_OPTION.BLOCK2, answer.block2))
  if (answer.size2 !== undefined) options.push(uintOption(COAP_OPTION.SIZE2, answer.size2))
  if (answer.block1 !== undefined) options.push(uintOption(COAP_OPTION.BLOCK1, answer.block1))
  return encodeMessage({
    type: confirmable ? COAP_TYPE.ACK : COAP_TYPE.NON,
    code,
    messageId: confirmable ? request.messageId : ownMessageId,
    token: request.token,
    options,
    payload: answer.payload ?? NOTHING,
  })
}

/** An empty acknowledgement: the answer comes later, separately. @source RFC 7252 §5.2.2 */
export const encodeEmptyAck = (messageId: number): Uint8Array =>
  encodeMessage({ type: COAP_TYPE.ACK, code: 0, messageId })

/** A Reset: the message with this id could not be processed. @source RFC 7252 §4.2 */
export const encodeReset = (messageId: number): Uint8Array => encodeMessage({ type: COAP_TYPE.RST, code: 0, messageId })

/**
 * The Reset that a malformed confirmable datagram deserves, undefined when it is to be dropped in silence: not version 1, not
 * confirmable, or too short to have a message id.
 */
export function resetFor(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 4 || (bytes[0] ?? 0) >> 4 !== 0b0100) return undefined
  return encodeReset(((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0))
}

function inOrder(options: readonly CoapOption[]): readonly CoapOption[] {
  for (let i = 1; i < options.length; i++) {
    if ((options[i]?.number ?? 0) < (options[i - 1]?.number ?? 0))
      return options.toSorted((a, b) => a.number - b.number)
  }
  return options
}

const nibble = (value: number): number => (value < 13 ? value : value < 269 ? 13 : 14)

function writeExtension(bytes: Uint8Array, at: number, value: number): number {
  if (value < 13) return at
  if (value < 269) {
    bytes[at] = value - 13
    return at + 1
  }
  bytes[at] = (value - 269) >> 8
  bytes[at + 1] = value - 269
  return at + 2
}
