import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../bytes/hex.ts'
import { COAP_CODE, COAP_OPTION, COAP_TYPE, codeText } from './codes.ts'
import { encodeEmptyAck, encodeMessage, encodeReply, encodeReset, resetFor } from './encode-message.ts'
import { type CoapMessage, parseMessage } from './message.ts'
import { pathOptions, readBlock, readOptions, textOption, uintOption } from './options.ts'

const bytesOf = (hex: string): Uint8Array => {
  const bytes = fromHex(hex)
  if (!bytes) throw new Error(`not hexadecimal: ${hex}`)
  return bytes
}
const parsed = (hex: string): CoapMessage => {
  const message = parseMessage(bytesOf(hex))
  if (message.kind === 'malformed') throw new Error(message.detail)
  return message
}
const refused = (hex: string): string => {
  const message = parseMessage(bytesOf(hex))
  return message.kind === 'malformed' ? `${message.reason} ${message.at}` : 'accepted'
}

describe('reading', () => {
  test('the request of RFC 7252 figure 16 is read: CON GET, id 0x7D34, Uri-Path temperature', () => {
    const message = parsed('40 01 7D 34 BB 74 65 6D 70 65 72 61 74 75 72 65')
    expect(message).toMatchObject({ type: COAP_TYPE.CON, code: COAP_CODE.GET, messageId: 0x7d34, path: 'temperature' })
    expect(message.token.length).toBe(0)
  })
  test('the answer of RFC 7252 figure 16 is read: ACK 2.05 with payload 22.3 C', () => {
    const message = parsed('60 45 7D 34 FF 32 32 2E 33 20 43')
    expect(codeText(message.code)).toBe('2.05')
    expect(new TextDecoder().decode(message.payload)).toBe('22.3 C')
  })
  test('a report gives path, content format, token and payload as views into the datagram', () => {
    const bytes = bytesOf('42 02 00 01 AA BB B1 72 11 3C FF A0')
    const message = parseMessage(bytes) as CoapMessage
    expect(message).toMatchObject({ path: 'r', contentFormat: 60, badOption: 0, block1: -1, observe: -1 })
    expect(toHex(message.token)).toBe('AABB')
    expect(message.payload.buffer).toBe(bytes.buffer)
    expect(toHex(message.payload)).toBe('A0')
  })
  test('several path segments are joined, and a slash inside one is not two', () => {
    expect(parsed('40 01 00 01 B2 66 77 01 39').path).toBe('fw/9')
    expect(parsed('40 01 00 01 B3 61 2F 62').path).toBe('a%2Fb')
    expect(parsed('40 01 00 01 B3 E9 98 80').path).toBe('阀')
  })
  test('an unknown critical option is named, an unknown elective one is passed over', () => {
    expect(parsed('40 02 00 01 10').badOption).toBe(COAP_OPTION.IF_MATCH)
    expect(parsed('40 02 00 01 20').badOption).toBe(0)
    expect(parsed('40 02 00 01 D0 FE').badOption).toBe(267)
  })
  test('a critical option that may stand once is bad when it comes twice or has an illegal length', () => {
    expect(parsed('40 02 00 01 31 61 01 62').badOption).toBe(COAP_OPTION.URI_HOST)
    expect(parsed('40 02 00 01 30').badOption).toBe(COAP_OPTION.URI_HOST)
    expect(parsed('40 02 00 01 73 01 02 03').badOption).toBe(COAP_OPTION.URI_PORT)
    expect(parsed('40 02 00 01 D1 0E 0E 01 0E').badOption).toBe(COAP_OPTION.BLOCK1)
    expect(parsed('40 02 00 01 D4 0A 00 00 00 01').badOption).toBe(COAP_OPTION.BLOCK2)
  })
  test('host, port, query and accept are understood', () => {
    expect(parsed('40 02 00 01 31 61 42 16 33 41 72 41 78 21 3C').badOption).toBe(0)
  })
  test('the first Content-Format counts and one of three bytes is passed over', () => {
    expect(parsed('40 02 00 01 C1 3C 01 3D').contentFormat).toBe(60)
    expect(parsed('40 02 00 01 C3 01 02 03').contentFormat).toBe(-1)
    expect(parsed('40 02 00 01 C2 FD E9').contentFormat).toBe(65001)
  })
  test('block values are taken apart: number, more, size', () => {
    const message = parsed('40 02 00 01 D1 0E 1E')
    expect(message.block1).toBe(0x1e)
    expect(readBlock(message.block1)).toEqual({ number: 1, more: true, size: 1024 })
    expect(readBlock(0x07).size).toBeUndefined()
  })
  test('Max-Age, Observe and Block2 of an answer are read', () => {
    expect(parsed('60 A3 00 01 D1 01 78')).toMatchObject({ code: COAP_CODE.SERVICE_UNAVAILABLE, maxAge: 120 })
    expect(parsed('60 45 00 01 61 05 D1 04 0A')).toMatchObject({ observe: 5, block2: 0x0a })
  })
})

describe('refusing', () => {
  test.each([
    ['three bytes', '40 01 00', 'truncated 3'],
    ['version 0', '00 01 00 01', 'unsupported 0'],
    ['version 2', '80 01 00 01', 'unsupported 0'],
    ['token length 9', '49 01 00 01 00 00 00 00 00 00 00 00 00', 'bad-length 0'],
    ['a cut token', '44 01 00 01 AA', 'truncated 5'],
    ['reserved code class 1', '40 20 00 01', 'unsupported 1'],
    ['reserved code class 7', '40 E0 00 01', 'unsupported 1'],
    ['an empty message with bytes behind', '40 00 00 01 00', 'trailing-bytes 4'],
    ['a payload marker and nothing', '40 02 00 01 FF', 'truncated 4'],
    ['delta nibble 15', '40 02 00 01 F0', 'bad-length 4'],
    ['length nibble 15', '40 02 00 01 0F', 'bad-length 4'],
    ['an option cut in its value', '40 02 00 01 B2 72', 'truncated 4'],
    ['an option cut in its 1-byte delta', '40 02 00 01 D0', 'truncated 4'],
    ['an option cut in its 2-byte delta', '40 02 00 01 E0 01', 'truncated 4'],
    ['an option cut in its 1-byte length', '40 02 00 01 BD', 'truncated 4'],
    ['an option cut in its 2-byte length', '40 02 00 01 BE 00', 'truncated 4'],
    ['an option number above 65535', '40 02 00 01 E0 FF FF E0 FF FF', 'out-of-range 4'],
  ])('%s is malformed', (_what, hex, reason) => {
    expect(refused(hex)).toBe(reason)
  })
  test('only a malformed confirmable message of version 1 deserves a Reset', () => {
    expect(toHex(resetFor(bytesOf('4F 01 12 34')) ?? new Uint8Array())).toBe('70001234')
    expect(resetFor(bytesOf('5F 01 12 34'))).toBeUndefined()
    expect(resetFor(bytesOf('8F 01 12 34'))).toBeUndefined()
    expect(resetFor(bytesOf('4F 01 12'))).toBeUndefined()
  })
})

describe('writing', () => {
  test('options come out sorted, with one and two byte extensions', () => {
    const message = encodeMessage({
      type: COAP_TYPE.NON,
      code: COAP_CODE.POST,
      messageId: 0xfffe,
      token: bytesOf('01'),
      options: [uintOption(2049, 5), uintOption(COAP_OPTION.CONTENT_FORMAT, 60), ...pathOptions('/r/x')],
      payload: bytesOf('A0'),
    })
    expect(toHex(message)).toBe(`5102FFFE01${'B172'}${'0178'}${'113C'}${'E106E805'}${'FFA0'}`)
  })
  test('an answer to a confirmable request rides on its ACK, to a non-confirmable one it is a message of its own', () => {
    const confirmable = parsed('42 02 00 07 AA BB B1 72 FF 01')
    expect(toHex(encodeReply(confirmable, COAP_CODE.CHANGED, {}, 99))).toBe('62440007AABB')
    const other = parsed('52 02 00 07 AA BB B1 72 FF 01')
    expect(toHex(encodeReply(other, COAP_CODE.CHANGED, {}, 99))).toBe('52440063AABB')
  })
  test('5.03 carries Max-Age, and a block value is echoed', () => {
    const reply = parseMessage(
      encodeReply(
        parsed('40 02 00 07 B1 72 FF 01'),
        COAP_CODE.SERVICE_UNAVAILABLE,
        { maxAge: 300, block1: 0, contentFormat: 60, payload: bytesOf('A0') },
        1,
      ),
    )
    expect(reply).toMatchObject({ code: COAP_CODE.SERVICE_UNAVAILABLE, maxAge: 300, block1: 0, contentFormat: 60 })
  })
  test('empty ACK and Reset are four bytes', () => {
    expect(toHex(encodeEmptyAck(0x1234))).toBe('60001234')
    expect(toHex(encodeReset(0x1234))).toBe('70001234')
  })
})

describe('properties', () => {
  const option = fc
    .record({
      number: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 65535 })),
      length: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(268, 269, 700)),
    })
    .map(({ number, length }) => ({ number, value: new Uint8Array(length).fill(number) }))
  test('every message reads back as written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(COAP_TYPE)),
        fc.constantFrom(...Object.values(COAP_CODE).filter((code) => code !== 0)),
        fc.integer({ min: 0, max: 65535 }),
        fc.uint8Array({ maxLength: 8 }),
        fc.array(option, { maxLength: 6 }),
        fc.uint8Array({ maxLength: 40 }),
        (type, code, messageId, token, options, payload) => {
          const message = parseMessage(encodeMessage({ type, code, messageId, token, options, payload }))
          if (message.kind === 'malformed') throw new Error(message.detail)
          expect({ type: message.type, code: message.code, messageId: message.messageId }).toEqual({
            type,
            code,
            messageId,
          })
          expect([...message.token]).toEqual([...token])
          expect([...message.payload]).toEqual([...payload])
          const sorted = options.toSorted((a, b) => a.number - b.number)
          expect(readOptions(message).map((o) => [o.number, ...o.value])).toEqual(
            sorted.map((o) => [o.number, ...o.value]),
          )
        },
      ),
    )
  })
  test('any bytes give a message or a malformed value, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        if (noise.length > 0) noise[0] = 0x40 | ((noise[0] ?? 0) & 0x3f)
        const message = parseMessage(noise)
        if (message.kind === 'coap') readOptions(message)
        return message.kind === 'coap' || message.at <= noise.length
      }),
      { numRuns: 2000 },
    )
  })
  test('a text option is UTF-8', () => {
    expect(toHex(textOption(COAP_OPTION.URI_QUERY, '阀').value)).toBe('E99880')
  })
})
