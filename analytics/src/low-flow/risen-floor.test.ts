import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../models/seeded-random.ts'
import { risenFloor, townCourse } from './risen-floor.ts'

const DAYS = 36
const cold = Float64Array.from({ length: DAYS }, (_, day) => 0.2 * Math.sin(day / 5))
const flat = new Float64Array(DAYS)

/** A home of so many m³ a day, read in steps of 0.1, with a change on day 18. */
function home(seed: number, change: (use: number, day: number) => number, level = 1, spread = 0.25): Float64Array {
  const random = seededRandom(seed)
  return Float64Array.from({ length: DAYS }, (_, day) => {
    const use = Math.max(0.1, level * (1 + (cold[day] as number)) + spread * random.normal())
    return Math.round(10 * (day < 18 ? use : change(use, day))) / 10
  })
}

describe('a home that uses more since some day', () => {
  test('with a constant flow is told with its day and its size', () => {
    const found = Array.from({ length: 40 }, (_, seed) =>
      risenFloor(
        home(seed, (use) => use + 0.8),
        cold,
      ),
    )
    const told = found.filter((one) => one !== undefined)
    expect(told.length).toBeGreaterThan(30)
    for (const { day, chance } of told) {
      expect(Math.abs(day - 18)).toBeLessThanOrEqual(3)
      expect(chance).toBeGreaterThan(0.4)
      expect(chance).toBeLessThan(0.8)
    }
    const within = told.filter(({ m3PerDay: { p05, p95 } }) => p05 <= 0.8 && p95 >= 0.8).length
    expect(within / told.length).toBeGreaterThan(0.8)
  })

  test('because it is colder, or because somebody is back, is not', () => {
    for (let seed = 0; seed < 40; seed++) {
      expect(
        risenFloor(
          home(seed, (use) => use, 8, 0.6),
          cold,
        ),
      ).toBeUndefined()
      const away = home(seed, (use) => use).map((use, day) => (day < 10 ? 0 : use))
      expect(risenFloor(away, cold)).toBeUndefined()
    }
  })

  test('now and then only, its quiet days as before, is not', () => {
    const told = Array.from({ length: 40 }, (_, seed) =>
      risenFloor(
        home(seed, (use, day) => (day % 3 === 0 ? use : use + 1.2)),
        cold,
      ),
    ).filter((one) => one !== undefined)
    expect(told.length).toBeLessThan(4)
  })

  test('nothing is told of few days, of days without use, or of nothing', () => {
    expect(risenFloor(new Float64Array(DAYS).fill(Number.NaN), flat)).toBeUndefined()
    expect(risenFloor(new Float64Array(DAYS), flat)).toBeUndefined()
    expect(risenFloor(new Float64Array(DAYS).fill(1), flat)).toBeUndefined()
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(Number.NaN), fc.double({ min: 0, max: 20, noNaN: true })), { maxLength: 40 }),
        (use) => {
          const found = risenFloor(use, new Float64Array(use.length))
          if (found === undefined) return
          expect(found.m3PerDay.p05).toBeLessThanOrEqual(found.m3PerDay.p50)
          expect(found.chance).toBeLessThanOrEqual(0.8)
        },
      ),
    )
  })
})

test("a town's course is what its homes do together, whoever was read", () => {
  const course = townCourse(
    [
      [1, 2, Number.NaN],
      [3, Number.NaN, Number.NaN],
    ],
    3,
  )
  expect([...course]).toEqual([0, 0, 0])
  expect([
    ...townCourse(
      [
        [1, 3],
        [1, 3],
      ],
      2,
    ),
  ]).toEqual([-0.5, 0.5])
})
