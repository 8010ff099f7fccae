import { expect, test } from 'vitest'
import { FLOW, PRESSURE, SLOT_MS, SlotBook } from './slot-book.ts'

test('a transmitter that repeats itself is left out from its first repeated value on, and believed again when it moves', () => {
  const book = new SlotBook(1)
  for (let slot = 0; slot < 50; slot++) book.take(0, PRESSURE, slot * SLOT_MS, 1000 + ((slot * 7) % 11))
  for (let slot = 50; slot < 62; slot++) book.take(0, PRESSURE, slot * SLOT_MS, 1234)
  expect(book.isStuck(0, PRESSURE)).toBe(true)
  expect(book.mean(0, PRESSURE, 52, 62).samples).toBe(0)
  expect(book.mean(0, PRESSURE, 38, 50).samples).toBe(12)
  book.take(0, PRESSURE, 62 * SLOT_MS, 1003)
  expect(book.isStuck(0, PRESSURE)).toBe(false)
})

test('an inlet through which nothing flows is known to let nothing through', () => {
  const book = new SlotBook(1)
  for (let slot = 0; slot < 50; slot++) book.take(0, FLOW, slot * SLOT_MS, 0.1 + ((slot * 7) % 11) / 100)
  for (let slot = 50; slot < 90; slot++) book.take(0, FLOW, slot * SLOT_MS, 0)
  expect(book.isStuck(0, FLOW)).toBe(false)
  expect(book.mean(0, FLOW, 70, 90)).toEqual({ mean: 0, samples: 20 })
})

test('several samples of a slot count as one', () => {
  const book = new SlotBook(2)
  book.take(1, PRESSURE, 10, 100)
  book.take(1, PRESSURE, 60_010, 200)
  book.take(1, PRESSURE, SLOT_MS + 10, 300)
  expect(book.mean(1, PRESSURE, 0, 2)).toEqual({ mean: 225, samples: 2 })
})
