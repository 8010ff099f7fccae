import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../bytes/hex.ts'
import { explainPayload } from '../explain.ts'
import { CONTENT_FORMAT } from '../report/lookup.ts'
import { peekDevice } from '../report/peek.ts'
import { openMessage, peekSealed, SEAL_BYTES, SEALED_KINDS, sealMessage } from './sealed-message.ts'

const KEY = fromHex('00112233445566778899aabbccddeeff') ?? new Uint8Array()
const header = { kind: 'message', device: 94_000_000_000_001, counter: 7, contentFormat: CONTENT_FORMAT.CBOR } as const
const anyHeader = fc.record({
  kind: fc.constantFrom(...SEALED_KINDS),
  device: fc.integer({ min: 0, max: 99_999_999_999_999 }),
  counter: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  contentFormat: fc.constantFrom(-1, 60, 65_001, 65_003),
})

describe('a sealed message', () => {
  test('opens as it was sealed, whatever it holds, and is never longer than it says', () => {
    fc.assert(
      fc.property(anyHeader, fc.uint8Array({ maxLength: 300 }), (head, payload) => {
        const sealed = sealMessage(KEY, head, payload)
        expect(sealed.length - payload.length).toBeLessThanOrEqual(SEAL_BYTES)
        expect(peekSealed(sealed)).toEqual(head)
        expect(openMessage(KEY, sealed)).toEqual({ ...head, payload: Buffer.from(payload) })
        expect(peekDevice(CONTENT_FORMAT.SEALED, sealed)).toBe(head.device)
      }),
    )
  })
  test('does not open when any byte was changed, cut off or added, or under another key', () => {
    const sealed = sealMessage(KEY, header, Uint8Array.of(1, 2, 3))
    for (let at = 0; at < sealed.length; at++)
      for (const bit of [1, 0x80]) {
        const changed = sealed.slice()
        changed[at] = (changed[at] ?? 0) ^ bit
        expect(openMessage(KEY, changed)).toBeUndefined()
      }
    for (let length = 0; length < sealed.length; length++)
      expect(openMessage(KEY, sealed.subarray(0, length))).toBeUndefined()
    expect(openMessage(KEY, Buffer.concat([sealed, new Uint8Array(16)]))).toBeUndefined()
    expect(openMessage(new Uint8Array(16), sealed)).toBeUndefined()
  })
  test('shows nothing of what it holds, and the same words under another counter look different', () => {
    const words = new Uint8Array(32).fill(0x41)
    const [one, two] = [7, 8].map((counter) => sealMessage(KEY, { ...header, counter }, words))
    expect(Buffer.from(one ?? []).includes(Buffer.from(words.subarray(0, 4)))).toBe(false)
    expect(toHex((one ?? words).subarray(18, 34))).not.toBe(toHex((two ?? words).subarray(18, 34)))
  })
  test('cannot carry a number or a counter that is too large', () => {
    for (const wrong of [{ device: 2 ** 48 }, { counter: -1 }, { counter: 0.5 }])
      expect(() => sealMessage(KEY, { ...header, ...wrong }, new Uint8Array())).toThrow(/six bytes/)
  })
})

describe('the page of the profile', () => {
  const page = readFileSync(new URL('../../../../docs/CONCENTRATOR-PROFILE.md', import.meta.url), 'utf8')
  const example = (name: string): string =>
    (page.split(`\`\`\`hex ${name}\n`)[1] ?? '').split('```')[0]?.replaceAll(/\s/g, '') ?? ''
  const orderAt = 1_773_507_260_000
  test.each([
    ['sealed_message', 'first', { ...header, counter: 1 }],
    ['sealed_answer', 'addresses', { ...header, kind: 'answer', counter: 1 }],
    ['sealed_order', 'pass_on', { ...header, kind: 'order', counter: orderAt }],
    ['sealed_taken', '', { ...header, kind: 'taken', counter: orderAt, contentFormat: -1 }],
  ] as const)('shows %s as it is on the wire', (name, inside, head) => {
    const payload = fromHex(inside === '' ? '' : example(inside)) ?? new Uint8Array()
    expect(toHex(sealMessage(KEY, head, payload))).toBe(example(name))
    expect(openMessage(KEY, fromHex(example(name)) ?? new Uint8Array())).toMatchObject(head)
  })
})

describe('a sealed message, explained', () => {
  const value =
    fromHex(
      '68 30 27 00 00 02 17 18 00 81 16 1F 90 00 42 06 12 00 2C 00 50 11 00 2C 20 54 00 15 03 26 20 00 00 1B 16'.replaceAll(
        ' ',
        '',
      ),
    ) ?? new Uint8Array()
  const sealed = sealMessage(KEY, { ...header, contentFormat: CONTENT_FORMAT.CJT188 }, value)

  test('shows its header, and what is inside to who has the key', () => {
    const known = explainPayload(CONTENT_FORMAT.SEALED, sealed, {
      keyOf: (device) => (device === header.device ? KEY : undefined),
    })
    const field = (name: string) => known?.fields.find((one) => one.name === name)?.meaning
    expect([field('kind'), field('concentrator'), field('counter'), field('integrity')]).toEqual([
      'message',
      String(header.device),
      '7',
      'holds',
    ])
    expect(field('cipher text')).toContain('1206.42')
    expect(known?.fields.reduce((sum, { length }) => sum + length, 0)).toBe(sealed.length)
  })
  test('shows nothing of it to others, and is not one when it was cut', () => {
    const unknown = explainPayload(CONTENT_FORMAT.SEALED, sealed, {})
    expect(unknown?.fields.find(({ name }) => name === 'cipher text')?.meaning).toBe('no key opens it')
    expect(explainPayload(CONTENT_FORMAT.SEALED, sealed.subarray(1), {})?.problem).toContain('no sealed message')
  })
})
