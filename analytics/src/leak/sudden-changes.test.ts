import { expect, test } from 'vitest'
import { FLOW, PRESSURE, SLOT_MS, SlotBook } from './slot-book.ts'
import { SuddenChanges } from './sudden-changes.ts'

test('only what comes before its time is sudden, against the last that came in time, and not for long', () => {
  const book = new SlotBook(1)
  const sudden = new SuddenChanges()
  const say = (at: number, value: number): void => {
    const before = book.take(0, FLOW, at, value)
    if (!Number.isNaN(before)) sudden.take(0, at, before, value)
  }
  for (let slot = 0; slot < 10; slot++) say(slot * SLOT_MS, slot)
  expect(sudden.of(0, 9 * SLOT_MS)).toBeNaN()
  say(9 * SLOT_MS + 38_000, 50)
  expect(sudden.of(0, 9 * SLOT_MS + 38_000)).toBe(41)
  say(9 * SLOT_MS + 48_000, 60)
  expect(sudden.of(0, 9 * SLOT_MS + 48_000)).toBe(51)
  expect(sudden.of(0, 10 * SLOT_MS)).toBeNaN()
})

test('a picture of a moment holds what was said since, and nothing else', () => {
  const book = new SlotBook(3)
  book.take(0, PRESSURE, 0, 100)
  book.take(0, PRESSURE, 60_000, 20)
  book.take(0, PRESSURE, 30_000, 90)
  book.take(1, PRESSURE, 0, 77)
  const picture = book.newestSince(15_000)
  expect(picture.mean(0, PRESSURE, 0, 1)).toEqual({ mean: 20, samples: 1 })
  expect(picture.mean(1, PRESSURE, 0, 1).samples).toBe(0)
  expect(picture.mean(2, PRESSURE, 0, 1).samples).toBe(0)
})

test('what is missing for a while lies on the line between its neighbours; what is missing for long is not known', () => {
  const book = new SlotBook(1)
  for (const slot of [0, 1, 2, 6, 7, 8, 9, 10, 11]) book.take(0, FLOW, slot * SLOT_MS, slot)
  expect(book.mean(0, FLOW, 0, 12).mean).not.toBeCloseTo(5.5, 9)
  expect(book.filledMean(0, FLOW, 0, 12)).toBeCloseTo(5.5, 9)
  // Two slots at the end take the last value, three do not.
  expect(book.filledMean(0, FLOW, 2, 14)).toBeCloseTo((2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11 + 11 + 11) / 12, 9)
  expect(book.filledMean(0, FLOW, 3, 15)).toBeNaN()
  book.take(0, FLOW, 30 * SLOT_MS, 30)
  expect(book.filledMean(0, FLOW, 12, 24)).toBeNaN()
})

test('an inlet that is read once an hour is known for the whole hour', () => {
  const book = new SlotBook(1)
  for (let slot = 0; slot <= 36; slot += 12) book.take(0, FLOW, slot * SLOT_MS, 5 + slot)
  expect(book.filledMean(0, FLOW, 36, 48)).toBe(41)
})
