import {
  type AnswerToSend,
  COAP_CODE,
  COAP_OPTION,
  type CoapMessage,
  readBlock,
  readOptions,
} from '../protocol/index.ts'

/** A body that is larger than a datagram. */
export interface BlockwiseBody {
  readonly bytes: Uint8Array
  /** Another body has another tag, 1…8 bytes: blocks of two bodies are never put together. */
  readonly etag: Uint8Array
  readonly contentFormat: number
}

/** An answer made without asking anybody. */
export interface StaticAnswer {
  readonly code: number
  readonly answer: AnswerToSend
}

/** Exponents of the block size, 16 << n: what is sent when the client names none, and the most. */
const USUAL_SZX = 5
const MOST_SZX = 6

/**
 * The block that a GET asks for. Nothing is remembered between blocks, so a client may begin at any, change to smaller ones, and go
 * on after either side was restarted.
 * @source RFC 7959 §2.2–2.4, §4; RFC 7252 §5.10.6 (validation)
 */
export function blockAnswer(message: CoapMessage, { bytes, etag, contentFormat }: BlockwiseBody): StaticAnswer {
  const asked = message.block2 < 0 ? { number: 0, size: 16 << USUAL_SZX } : readBlock(message.block2)
  if (asked.size === undefined) return { code: COAP_CODE.BAD_REQUEST, answer: {} }
  // A validation is of the whole body, so it is answered with the first block only.
  if (asked.number === 0 && holdsTag(message, etag)) return { code: COAP_CODE.VALID, answer: { etag } }
  const szx = Math.min(MOST_SZX, Math.log2(asked.size) - 4)
  const size = 16 << szx
  const from = asked.number * size
  if (from >= bytes.length) return { code: COAP_CODE.BAD_REQUEST, answer: {} }
  const isMore = from + size < bytes.length
  return {
    code: COAP_CODE.CONTENT,
    answer: {
      contentFormat,
      etag,
      block2: (asked.number << 4) | (isMore ? 0b1000 : 0) | szx,
      ...(asked.number === 0 && { size2: bytes.length }),
      payload: bytes.subarray(from, from + size),
    },
  }
}

function holdsTag(message: CoapMessage, etag: Uint8Array): boolean {
  return readOptions(message).some(
    ({ number, value }) => number === COAP_OPTION.ETAG && Buffer.from(value).equals(etag),
  )
}
