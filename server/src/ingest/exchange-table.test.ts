import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExchangeTable } from './exchange-table.ts'
import { writeSourceKey } from './source-key.ts'

const key = (messageId: number, port = 5683, address = '10.1.2.3') => {
  const words = new Uint32Array(5)
  writeSourceKey(words, address, port, messageId)
  return words
}
const table = (capacity = 8, answerBytes = 1024) =>
  new ExchangeTable({ capacity, answerBytes, seed: 3, lifetimeMs: 1000 })

test('a message is known while in work and keeps its answer afterwards', () => {
  const exchanges = table()
  expect(exchanges.find(key(1), 0)).toBe(-1)
  const first = exchanges.begin(key(1), 0)
  expect(exchanges.find(key(1), 1)).toBe(first)
  expect(exchanges.isInWork(first)).toBe(true)
  exchanges.finish(first, Uint8Array.of(1, 2, 3))
  expect(exchanges.isInWork(first)).toBe(false)
  expect([...(exchanges.answerOf(exchanges.find(key(1), 2)) ?? [])]).toEqual([1, 2, 3])
})

test('message id, port and address all tell exchanges apart', () => {
  const exchanges = table()
  exchanges.begin(key(1), 0)
  expect(exchanges.find(key(2), 0)).toBe(-1)
  expect(exchanges.find(key(1, 5684), 0)).toBe(-1)
  expect(exchanges.find(key(1, 5683, '10.1.2.4'), 0)).toBe(-1)
  expect(exchanges.find(key(1, 5683, '::a01:203'), 0)).toBe(-1)
})

test('an exchange is forgotten after its lifetime, or when newer ones need the room', () => {
  const exchanges = table(4)
  exchanges.begin(key(0), 0)
  expect(exchanges.find(key(0), 999)).toBe(0)
  expect(exchanges.find(key(0), 1000)).toBe(-1)
  for (let id = 1; id <= 5; id++) exchanges.begin(key(id), 1000)
  expect(exchanges.find(key(1), 1000)).toBe(-1)
  expect([2, 3, 4, 5].map((id) => exchanges.find(key(id), 1000))).toEqual([2, 3, 4, 5])
  expect(exchanges.size).toBe(4)
})

test('an exchange that is forgotten on purpose counts as fresh, and a late answer to it is dropped', () => {
  const exchanges = table()
  const first = exchanges.begin(key(1), 0)
  exchanges.forget(first)
  expect(exchanges.find(key(1), 0)).toBe(-1)
  const second = exchanges.begin(key(1), 0)
  exchanges.finish(first, Uint8Array.of(9))
  expect(exchanges.isInWork(second)).toBe(true)
  exchanges.forget(first)
  expect(exchanges.find(key(1), 0)).toBe(second)
})

test('the number of exchanges in work falls with each answer, each drop, and each that is forgotten unanswered', () => {
  const exchanges = table(4)
  for (let id = 0; id < 4; id++) exchanges.begin(key(id), id)
  exchanges.finish(3, Uint8Array.of(1))
  exchanges.forget(2)
  expect(exchanges.inWork).toBe(2)
  exchanges.begin(key(9), 5)
  expect(exchanges.inWork).toBe(2)
  exchanges.find(key(0), 1_001)
  expect(exchanges.inWork).toBe(1)
})

test('an answer overwritten by newer ones takes its exchange with it', () => {
  const exchanges = table(8, 64)
  for (let id = 0; id < 8; id++) exchanges.finish(exchanges.begin(key(id), 0), new Uint8Array(14).fill(id))
  expect(exchanges.find(key(0), 0)).toBe(-1)
  expect([...(exchanges.answerOf(exchanges.find(key(7), 0)) ?? [])]).toEqual(new Array(14).fill(7))
})

test('an answer too long to keep leaves the exchange known without answer', () => {
  const exchanges = table(8, 64)
  exchanges.finish(exchanges.begin(key(1), 0), new Uint8Array(40))
  expect(exchanges.answerOf(exchanges.find(key(1), 0))).toBeUndefined()
})

test('agrees with a plain map over long random histories', () => {
  type Known = { exchange: number; at: number; answer: number | undefined }
  const step = fc.record({
    id: fc.integer({ min: 0, max: 40 }),
    wait: fc.integer({ min: 0, max: 60 }),
    act: fc.constantFrom('ask', 'ask', 'ask', 'finish', 'forget'),
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 400 }), (steps) => {
      const exchanges = table(16, 100_000)
      let ring: (readonly [number, Known])[] = []
      let now = 0
      for (const { id, wait, act } of steps) {
        now += wait
        ring = ring.filter(([, k]) => k.at > now - 1000)
        const known = ring.findLast(([i, k]) => i === id && k.exchange >= 0)?.[1]
        const found = exchanges.find(key(id), now)
        expect(found).toBe(known?.exchange ?? -1)
        if (found >= 0) expect(exchanges.answerOf(found)?.[0]).toBe(known?.answer)
        if (act === 'ask' && !known) {
          if (ring.length === 16) ring.shift()
          ring.push([id, { exchange: exchanges.begin(key(id), now), at: now, answer: undefined }])
        } else if (act === 'finish' && known && known.answer === undefined) {
          known.answer = id
          exchanges.finish(known.exchange, Uint8Array.of(id, 1))
        } else if (act === 'forget' && known) {
          exchanges.forget(known.exchange)
          known.exchange = -1
        }
      }
    }),
    { numRuns: 200, seed: 4 },
  )
})
