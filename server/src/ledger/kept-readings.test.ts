import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HourlyMeans } from './hourly-means.ts'
import { NearestReadings } from './nearest-readings.ts'
import { TamperBook } from './tamper-book.ts'
import { reportOf } from './testing/lived-town.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('readings nearest to the middle of their slot', () => {
  test('one stands for each day, the same whatever the order in which they come', () => {
    const reading = fc.record({ at: fc.integer({ min: 0, max: 9 * DAY }), row: fc.integer({ min: 0, max: 2 }) })
    fc.assert(
      fc.property(fc.uniqueArray(reading, { selector: ({ at }) => at, maxLength: 40 }), (readings) => {
        const kept = (list: typeof readings) => {
          const store = new NearestReadings(3, DAY, 20, 0)
          for (const { row, at } of list) store.take(row, at, at / 7)
          return [0, 1, 2].map((row) => store.series(row))
        }
        const series = kept(readings)
        expect(kept(readings.toReversed())).toEqual(series)
        series.forEach(({ time, value }, row) => {
          expect([...time]).toEqual([...time].sort((a, b) => a - b))
          expect([...value]).toEqual([...time].map((at) => at / 7))
          const slots = new Set(readings.filter((one) => one.row === row).map(({ at }) => Math.round(at / DAY)))
          expect(time.length).toBe(slots.size)
        })
      }),
    )
  })

  test('old slots are dropped and counted out, and nothing older is taken again', () => {
    const store = new NearestReadings(2, DAY, 3, 0)
    for (let day = 0; day < 5; day++) store.take(0, day * DAY, day)
    expect([...store.series(0).value]).toEqual([2, 3, 4])
    expect([2, 3, 4, 5].map((day) => store.readAfterMiddle(day * DAY))).toEqual([1, 1, 1, 0])
    store.take(1, 4 * DAY - HOUR, 1)
    expect(store.readAfterMiddle(4 * DAY)).toBe(1)
    store.take(1, 4 * DAY + HOUR / 2, 1)
    expect(store.readAfterMiddle(4 * DAY)).toBe(2)
    expect(store.count).toBe(4)
    expect(store.take(1, DAY, 9)).toBe(false)
    expect(store.take(1, 2 * DAY, 9)).toBe(true)
    expect(store.take(1, 2 * DAY, 8)).toBe(false)
    expect(store.take(1, 3 * DAY, Number.NaN)).toBe(false)
    expect(store.count).toBe(5)
  })
})

describe('means by the hour', () => {
  test('a sample belongs to the hour that ends with it, and counts once however often it comes', () => {
    const means = new HourlyMeans(1, 48)
    for (let minute = 1; minute <= 60; minute++) means.take(0, minute * 60_000, minute <= 30 ? 1 : 3)
    expect(means.take(0, HOUR, 99)).toBe(false)
    means.take(0, HOUR + 60_000, 7)
    expect([...means.series(0).time]).toEqual([HOUR, 2 * HOUR])
    expect([...means.series(0).value]).toEqual([2, 7])
    expect(means.count).toBe(2)
  })

  test('hours beyond what is kept are dropped', () => {
    const means = new HourlyMeans(1, 2)
    for (let hour = 1; hour <= 5; hour++) means.take(0, hour * HOUR, hour)
    expect([...means.series(0).value]).toEqual([4, 5])
    expect(means.take(0, HOUR, 1)).toBe(false)
    expect(means.count).toBe(2)
  })
})

describe('the book of tampering', () => {
  const said = (at: number, value: number, more: Parameters<typeof reportOf>[3]) =>
    reportOf(1, 'meter', { quantity: 'index_m3', at, value }, more)
  const take = (book: TamperBook, at: number, value: number, more: Parameters<typeof reportOf>[3]) =>
    book.take(1, said(at, value, more), at, value)

  test('each kind counts once a day, and is forgotten when it is old', () => {
    const book = new TamperBook(10 * DAY)
    for (const at of [DAY, DAY + HOUR, 3 * DAY]) take(book, at, 1, { events: ['magnet', 'cover_open', 'battery_low'] })
    const codes = [...(book.events(4 * DAY).get(1) ?? [])].map(({ code, at }) => `${code} ${at / DAY}`)
    expect(codes.sort()).toEqual(['cover 1', 'cover 3', 'magnet 1', 'magnet 3'])
    expect(book.events(12 * DAY).get(1)?.length).toBe(2)
    expect(book.events(20 * DAY).size).toBe(0)
  })

  test('a register that goes on behind a closed valve is told, one that stands still or opens again is not', () => {
    const book = new TamperBook(10 * DAY)
    take(book, 0, 5, { status: { valve: 'closed' } })
    take(book, DAY, 5.1, { status: { valve: 'closed' } })
    expect(book.events(DAY).size).toBe(0)
    take(book, 2 * DAY, 6, { status: { valve: 'closed' } })
    expect(book.events(2 * DAY).get(1)).toEqual([{ code: 'valve_closed_but_flowing', at: 2 * DAY }])
    const opened = new TamperBook(10 * DAY)
    take(opened, 0, 5, { status: { valve: 'closed' } })
    take(opened, DAY, 6, { status: { valve: 'open' } })
    take(opened, 2 * DAY, 7, { status: { valve: 'closed' } })
    expect(opened.events(2 * DAY).size).toBe(0)
  })
})
