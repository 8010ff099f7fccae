import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  type CoapMessage,
  type CoapOption,
  encodeMessage,
  encodeReply,
  parseMessage,
  readBlock,
  uintOption,
} from '../protocol/index.ts'
import { type BlockwiseBody, blockAnswer } from './block-answer.ts'

const body = (length: number): BlockwiseBody => ({
  bytes: Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff),
  etag: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  contentFormat: 42,
})
const parsed = (bytes: Uint8Array): CoapMessage => {
  const message = parseMessage(bytes)
  if (message.kind === 'malformed') throw new Error(message.detail)
  return message
}
/** What a client reads of the answer, by way of the wire. */
function asked(of: BlockwiseBody, ...options: CoapOption[]): CoapMessage {
  const get = parsed(encodeMessage({ type: COAP_TYPE.CON, code: COAP_CODE.GET, messageId: 9, options }))
  const { code, answer } = blockAnswer(get, of)
  return parsed(encodeReply(get, code, answer, 1))
}
const block = (number: number, szx: number): CoapOption => uintOption(COAP_OPTION.BLOCK2, (number << 4) | szx)

describe('a body in blocks', () => {
  test('is put together from blocks of any size, whichever block is fetched first', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 6 }),
        fc.boolean(),
        (length, szx, back) => {
          const whole = body(length)
          const got = new Uint8Array(length)
          const count = Math.ceil(length / (16 << szx))
          const numbers = Array.from({ length: count }, (_, i) => (back ? count - 1 - i : i))
          for (const number of numbers) {
            const answer = asked(whole, block(number, szx))
            expect(answer.code).toBe(COAP_CODE.CONTENT)
            expect(readBlock(answer.block2)).toEqual({ number, more: number < count - 1, size: 16 << szx })
            got.set(answer.payload, number * (16 << szx))
          }
          expect(Buffer.from(got).equals(whole.bytes)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })
  test('begins with blocks of 512 bytes when the client names no size, and says how long it is', () => {
    const answer = asked(body(2000))
    expect(readBlock(answer.block2)).toEqual({ number: 0, more: true, size: 512 })
    expect(answer.payload.length).toBe(512)
    expect(answer.contentFormat).toBe(42)
  })
  test('goes on in smaller blocks from the same byte', () => {
    const whole = body(2000)
    expect(asked(whole, block(8, 2)).payload).toEqual(asked(whole, block(1, 5)).payload.subarray(0, 64))
  })
  test('a client that holds it already is told so without it', () => {
    const whole = body(2000)
    const answer = asked(whole, { number: COAP_OPTION.ETAG, value: whole.etag })
    expect([answer.code, answer.payload.length]).toEqual([COAP_CODE.VALID, 0])
    expect(asked(whole, { number: COAP_OPTION.ETAG, value: Uint8Array.of(9) }).code).toBe(COAP_CODE.CONTENT)
  })
  test('a block behind its end and the reserved size are refused', () => {
    expect(asked(body(1024), block(2, 5)).code).toBe(COAP_CODE.BAD_REQUEST)
    expect(asked(body(1024), block(0, 7)).code).toBe(COAP_CODE.BAD_REQUEST)
    expect(asked(body(1024), block(0xf_ffff, 6)).code).toBe(COAP_CODE.BAD_REQUEST)
  })
})
