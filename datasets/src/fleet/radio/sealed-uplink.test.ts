import { CONTENT_FORMAT, openMessage, sealMessage } from '@gastwin/server/protocol'
import { describe, expect, test } from 'vitest'
import { ORDER_LIFE_MS, SealedUplink } from './sealed-uplink.ts'

const { CBOR, SEALED } = CONTENT_FORMAT
const DEVICE = 94_000_000_000_001
const KEY = new Uint8Array(16).fill(5)
const NOW = 1_773_507_260_000
const words = Uint8Array.of(0xa0)
const from = (kind: 'answer' | 'order', counter: number, key = KEY, device = DEVICE) => ({
  contentFormat: SEALED,
  payload: sealMessage(key, { kind, device, counter, contentFormat: CBOR }, words),
})

describe('a device under a session', () => {
  test('says each message under a counter of its own, also the same words again', () => {
    const uplink = new SealedUplink(DEVICE, KEY)
    const said = [0, 1].map(() => uplink.seal({ contentFormat: CBOR, payload: words }))
    expect(said.map(({ counter }) => counter)).toEqual([1, 2])
    for (const { counter, payload } of said)
      expect(openMessage(KEY, payload)).toMatchObject({ kind: 'message', device: DEVICE, counter, contentFormat: CBOR })
  })
  test('believes no acknowledgement but that of its own message', () => {
    const uplink = new SealedUplink(DEVICE, KEY)
    expect(uplink.answer(7, from('answer', 7))).toMatchObject({ contentFormat: CBOR })
    const wrong = [
      ...[
        from('answer', 6),
        from('order', 7),
        from('answer', 7, new Uint8Array(16)),
        from('answer', 7, KEY, DEVICE + 1),
      ],
      { contentFormat: CBOR, payload: words },
      uplink.seal({ contentFormat: CBOR, payload: words }),
    ]
    for (const answer of wrong) expect(uplink.answer(7, { contentFormat: SEALED, ...answer })).toBeUndefined()
  })
  test('takes each order once, in rising order, near its own clock, and proves that it did', () => {
    const uplink = new SealedUplink(DEVICE, KEY)
    const order = from('order', NOW)
    const taken = uplink.order(order, NOW + 1_000)
    expect([...(taken?.order.payload ?? [])]).toEqual([...words])
    const reply = taken?.reply({ contentFormat: CBOR, payload: words })
    expect(openMessage(KEY, reply?.payload ?? words)).toMatchObject({
      contentFormat: CBOR,
      kind: 'taken',
      device: DEVICE,
      counter: NOW,
    })
    expect(uplink.order(order, NOW + 2_000)).toBeUndefined()
    expect(uplink.order(from('order', NOW - 1), NOW)).toBeUndefined()
    expect(uplink.order(from('order', NOW + 1), NOW + ORDER_LIFE_MS + 2)).toBeUndefined()
    expect(uplink.order(from('order', NOW + ORDER_LIFE_MS + 1), NOW)).toBeUndefined()
    expect(uplink.order(from('order', NOW + 1), NOW + ORDER_LIFE_MS)).toBeDefined()
  })
  test('proves to the platform alone which order was the newest, so that one whose clock was set back can go on', () => {
    const uplink = new SealedUplink(DEVICE, KEY)
    const anytime = Number.POSITIVE_INFINITY
    expect(uplink.order(from('order', NOW), 0, anytime)).toBeDefined()
    expect(uplink.order(from('order', 5), 0, anytime)).toBeUndefined()
    const refusal = uplink.refusal(from('order', 5))?.refusal.payload ?? words
    expect(openMessage(KEY, refusal)).toMatchObject({ kind: 'taken', counter: NOW, contentFormat: -1 })
    expect(uplink.refusal(from('order', 5, new Uint8Array(16)))).toBeUndefined()
    expect(uplink.order(from('order', NOW + 1), 0, anytime)).toBeDefined()
  })
  test('obeys nobody without the key, nothing in clear, and no message of its own that is played back', () => {
    const uplink = new SealedUplink(DEVICE, KEY)
    const own = uplink.seal({ contentFormat: CBOR, payload: words })
    for (const order of [
      ...[from('order', NOW, new Uint8Array(16)), from('answer', NOW), from('order', NOW, KEY, DEVICE + 1)],
      { contentFormat: CBOR, payload: from('order', NOW).payload },
      { contentFormat: CBOR, payload: words },
      { contentFormat: SEALED, payload: own.payload },
    ])
      expect(uplink.order(order, NOW)).toBeUndefined()
  })
})
