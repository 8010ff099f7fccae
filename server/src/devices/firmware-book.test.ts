import type { Report } from '@gastwin/twin'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FirmwareBook } from './firmware-book.ts'

const said = (device: number, firmware?: string): Report => ({
  ...{ device, kind: 'meter', trigger: 'timed', deviceTime: 0, sequence: 1, readings: [], events: [] },
  status: { ...(firmware !== undefined && { firmware }) },
})

test('a device runs what it said last, and is remembered with what it ran before', () => {
  const book = new FirmwareBook()
  book.note(said(7), 1_000)
  expect(book.running(7)).toBeUndefined()
  book.note(said(7, '1.0.0'), 2_400)
  book.note(said(7, '1.0.0'), 9_000)
  expect(book.running(7)).toEqual({ version: '1.0.0', since: 2_000, before: null })
  book.note(said(7, '1.1.0'), 12_000)
  book.note(said(8, '1.1.0'), 13_000)
  expect(book.running(7)).toEqual({ version: '1.1.0', since: 12_000, before: '1.0.0' })
  expect(book.counts()).toEqual([{ version: '1.1.0', devices: 2 }])
})

test('comes back from a snapshot as it was, and goes on as it would have', () => {
  const word = fc.record({
    device: fc.integer({ min: 1, max: 99_999_999_999_999 }),
    firmware: fc.constantFrom('1.0.0', '1.1.0', 'x "y"', '2'),
    at: fc.nat(4_000_000_000).map((second) => second * 1000),
  })
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), fc.array(word, { maxLength: 10 }), (words, more) => {
      const book = new FirmwareBook()
      for (const { device, firmware, at } of words) book.note(said(device, firmware), at)
      const again = new FirmwareBook()
      again.load(JSON.parse(JSON.stringify(book.save())))
      for (const { device, firmware, at } of more) for (const one of [book, again]) one.note(said(device, firmware), at)
      for (const { device } of [...words, ...more]) expect(again.running(device)).toEqual(book.running(device))
    }),
  )
})
