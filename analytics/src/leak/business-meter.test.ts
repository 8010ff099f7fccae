import { expect, test } from 'vitest'
import { BusinessMeter, QUARTER_MS, type TimeOfDay } from './business-meter.ts'

const PER_DAY = 96
const timeOfDay: TimeOfDay = (quarter) => ({
  quarter: quarter % PER_DAY,
  weekday: (Math.floor(quarter / PER_DAY) % 5) + 1,
})

/** A shop that burns 2 m³ a quarter from 8 to 18 h and a flame of 0.1 m³ at night; `level` by day. */
function shop(days: number, level: (day: number) => number, untilQuarter = 0): BusinessMeter {
  const meter = new BusinessMeter(timeOfDay, 0, 0)
  let index = 0
  for (let q = 0; q < days * PER_DAY + untilQuarter; q++) {
    const ofDay = q % PER_DAY
    index += (ofDay >= 32 && ofDay < 72 ? 2 : 0.1) * level(Math.floor(q / PER_DAY))
    meter.take((q + 1) * QUARTER_MS, index, 1)
  }
  return meter
}

test('counts a register by the quarters between two readings', () => {
  const meter = new BusinessMeter(timeOfDay, 0, 10)
  meter.take(4 * QUARTER_MS, 14, 1.5)
  expect([0, 1, 2, 3].map((q) => meter.counted(q))).toEqual([1.5, 1.5, 1.5, 1.5])
  expect(meter.known).toBe(4)
})

test('expects of a day what its first quarters say of it', () => {
  const meter = shop(10, (day) => (day === 10 ? 1.3 : 1), 40)
  const { use, lasting } = meter.expected(10 * PER_DAY + 50)
  expect(use).toBeGreaterThan(2.4)
  expect(Math.sqrt(lasting)).toBeLessThan(0.3)
})

test('does not carry the level of the trade into the night, nor behind midnight', () => {
  const busy = shop(10, (day) => (day === 9 ? 2 : 1))
  expect(busy.expected(10 * PER_DAY + 2).use).toBeLessThan(0.2)
  // Of the day to come it knows the usual, and says how little that is.
  const { use, lasting } = busy.expected(10 * PER_DAY + 40)
  expect(use).toBeGreaterThan(1.8)
  expect(use).toBeLessThan(3.2)
  expect(Math.sqrt(lasting) / use).toBeGreaterThan(0.25)
})
