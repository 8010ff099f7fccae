import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MessageCounters } from './message-counters.ts'

describe('counters of sealed messages', () => {
  test('each is taken once, in any order, and none that lies far behind', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 300 }), (counters) => {
        const book = new MessageCounters()
        const taken = new Set<number>()
        let newest = 0
        for (const counter of counters) {
          const isFresh = !taken.has(counter) && counter > newest - 64
          expect(book.take(1, 10, counter)).toBe(isFresh)
          if (isFresh) taken.add(counter)
          newest = Math.max(newest, counter)
        }
      }),
    )
  })
  test('a new session begins anew, and the former one is over', () => {
    const book = new MessageCounters()
    expect([book.take(1, 10, 500), book.take(1, 20, 1), book.take(1, 10, 501)]).toEqual([true, true, false])
    expect([book.take(2, 10, 500), book.take(1, 20, 1)]).toEqual([true, false])
  })
  test('come back from what was saved', () => {
    const book = new MessageCounters()
    for (const counter of [1, 2, 5, 90, 70]) book.take(7, 3, counter)
    const again = new MessageCounters()
    again.load(JSON.parse(JSON.stringify(book.save())))
    for (const counter of [90, 70, 5, 2]) expect(again.take(7, 3, counter)).toBe(false)
    for (const counter of [71, 91]) expect(again.take(7, 3, counter)).toBe(true)
  })
})
