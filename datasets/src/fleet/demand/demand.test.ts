import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BOILER, BUSINESS, STOVE, WATER_HEATER } from '../../city/meters.ts'
import { businessFlow, SLOTS_PER_DAY } from './business-load.ts'
import { CalendarDraft, DrawCalendar } from './draw-calendar.ts'
import { drawHomeDay } from './home-draws.ts'
import { Weather } from './weather.ts'

const weather = new Weather(1, 8 * 3_600_000)
const JANUARY = weather.dayNumber(Date.parse('2026-01-15T12:00:00+08:00'))
const JULY = weather.dayNumber(Date.parse('2026-07-15T12:00:00+08:00'))

function dayVolume(key: number, profile: number, day: number): number {
  let sum = 0
  drawHomeDay(1, { key, profile, scale: 1 }, day, weather, (_, length, flow) => {
    sum += length * flow
  })
  return sum
}
const mean = (profile: number, day: number): number =>
  Array.from({ length: 400 }, (_, key) => dayVolume(key, profile, day + (key % 7))).reduce((a, b) => a + b) / 400

describe('weather', () => {
  test('has cold winters, warm summers, cold nights, and the same answer each time', () => {
    const at = (text: string): number => weather.air(Date.parse(text))
    expect(at('2026-01-15T04:00:00+08:00')).toBeLessThan(at('2026-07-15T04:00:00+08:00') - 12)
    for (let day = JANUARY; day < JANUARY + 365; day++) {
      const start = weather.dayStart(day)
      expect(weather.air(start + 4 * 3_600_000)).toBeLessThan(weather.air(start + 15 * 3_600_000) + 6)
      expect(weather.air(start)).toBeGreaterThan(250)
      expect(weather.air(start)).toBeLessThan(312)
    }
    expect(new Weather(1, 8 * 3_600_000).air(1.76e12)).toBe(weather.air(1.76e12))
  })
})

describe('a home', () => {
  test('burns what homes of its kind burn', () => {
    expect(mean(STOVE, JULY)).toBeGreaterThan(0.2)
    expect(mean(STOVE, JULY)).toBeLessThan(0.9)
    expect(mean(STOVE | WATER_HEATER, JULY)).toBeGreaterThan(mean(STOVE, JULY) + 0.2)
    expect(mean(STOVE | WATER_HEATER | BOILER, JANUARY)).toBeGreaterThan(4)
    expect(mean(STOVE | WATER_HEATER | BOILER, JULY)).toBeLessThan(2.5)
  })
  test('draws within its day, the same for the same day', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 20_000, max: 21_000 }),
        fc.constantFrom(1, 3, 7),
        (key, day, profile) => {
          const draws: number[][] = []
          const again: number[][] = []
          const home = { key, profile, scale: 1.3 }
          drawHomeDay(3, home, day, weather, (...d) => draws.push(d))
          drawHomeDay(3, home, day, weather, (...d) => again.push(d))
          expect(again).toEqual(draws)
          for (const [start = -1, length = -1, flow = -1] of draws) {
            expect(start).toBeGreaterThanOrEqual(0)
            expect(length).toBeGreaterThan(0)
            expect(start + length).toBeLessThanOrEqual(86_400)
            expect(flow * 3600).toBeLessThan(4.5)
            expect(flow).toBeGreaterThan(0)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

test('a canteen rests at night and on weekends, a shift works hardly', () => {
  const total = (profile: number, day: number, from = 0, to = SLOTS_PER_DAY): number => {
    let sum = 0
    for (let slot = from; slot < to; slot++)
      sum += businessFlow(1, { key: 4, profile, busyFlow: 1 }, day, slot, weather)
    return sum
  }
  const wednesday = Math.floor((JULY + 3) / 7) * 7 - 3 + 2
  expect(total(BUSINESS.canteen, wednesday, 0, 48)).toBe(0)
  expect(total(BUSINESS.canteen, wednesday + 3)).toBeLessThan(0.7 * total(BUSINESS.canteen, wednesday))
  expect(total(BUSINESS.shift_works, wednesday, 0, 48)).toBeGreaterThan(20)
})

test('the calendar gives back exactly the volume of its draws, however the day is cut into steps', () => {
  const draw = fc.record({
    node: fc.nat(3),
    from: fc.integer({ min: 0, max: 86_000 }),
    length: fc.integer({ min: 1, max: 400 }),
    flow: fc.integer({ min: 1, max: 50 }),
  })
  fc.assert(
    fc.property(
      fc.array(draw, { maxLength: 40 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 86_399 }), { maxLength: 12 }),
      (draws, cuts) => {
        const draft = new CalendarDraft()
        const expected = [0, 0, 0, 0]
        for (const d of draws) {
          draft.add(d.node, d.from, d.from + d.length, d.flow)
          expected[d.node] = (expected[d.node] ?? 0) + d.length * d.flow
        }
        const calendar = DrawCalendar.sorted(draft)
        const slope = new Float64Array(4)
        const sums = [0, 0, 0, 0]
        let at = 0
        for (const until of [...cuts.sort((a, b) => a - b), 86_400]) {
          const volume = slope.map((s) => s * (until - at))
          calendar.advance(until, slope, volume)
          volume.forEach((v, n) => {
            sums[n] = (sums[n] ?? 0) + v
          })
          at = until
        }
        sums.forEach((s, n) => {
          expect(s).toBeCloseTo(expected[n] ?? 0, 6)
        })
        expect([...slope].every((s) => Math.abs(s) < 1e-9)).toBe(true)
      },
    ),
    { numRuns: 80 },
  )
})
