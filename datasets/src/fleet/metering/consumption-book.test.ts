import type { Meter } from '@gastwin/twin'
import { expect, test } from 'vitest'
import { DAY_MS, Weather } from '../demand/weather.ts'
import { makeConsumer } from './consumer.ts'
import { ConsumptionBook } from './consumption-book.ts'

const SEED = 5
const FIRST = Date.parse('2026-02-10T00:00:00+08:00')
const METER = { id: '181702000027', zone: 'Z01', node: 'n', class: 'residential', size: 'G2.5' } as unknown as Meter

function book() {
  const consumer = makeConsumer(SEED, METER, 0, 0, 104_000, { gain: 1, profile: 7, scale: 1 })
  const weather = new Weather(SEED, 8 * 3_600_000)
  const made = new ConsumptionBook(SEED, [consumer], [], weather)
  made.openDay(FIRST)
  return { consumer, weather, made }
}

test('the register at the begin of days that were lived is what the meter showed then, also after its valve was closed', () => {
  const { consumer, weather, made } = book()
  const shown: number[] = []
  for (let day = 0; day < 6; day++) {
    made.openDay(FIRST + day * DAY_MS)
    shown.push(made.register(consumer, FIRST + day * DAY_MS))
    if (day === 3) made.closeValve(consumer, FIRST + day * DAY_MS + DAY_MS / 2)
  }
  const from = weather.dayNumber(FIRST)
  expect(made.dayBegins(consumer, from, from + 5)).toEqual(shown)
  expect((shown[3] ?? 0) - (shown[0] ?? 0)).toBeGreaterThan(1)
  expect(shown[5]).toBe(shown[4])
})

test('days before the first lived one go on backwards at the household’s use, and days to come are none', () => {
  const { consumer, weather, made } = book()
  const today = weather.dayNumber(FIRST)
  const year = made.dayBegins(consumer, today - 365, today)
  expect(year.length).toBe(366)
  expect(year.at(-1)).toBe(made.register(consumer, FIRST))
  for (const [i, value] of year.entries()) expect(value).toBeGreaterThanOrEqual(year[i - 1] ?? Number.NEGATIVE_INFINITY)
  expect((year.at(-1) ?? 0) - (year[0] ?? 0)).toBeGreaterThan(50)
  expect(() => made.dayBegins(consumer, today, today + 1)).toThrow(RangeError)
})
