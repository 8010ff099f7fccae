import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../datasets/src/seeded-random.ts'
import { SPAN_H, spanRise } from './span-rise.ts'
import { followingOf, type SpanTown, TownParts } from './span-town.ts'
import { StepHours } from './step-hours.ts'

const HOUR = 3_600_000
const DAYS = 62

/** Cold of each day, which the town's flow follows; the last two days are colder by so much. */
function coldOf(colder: number): number[] {
  const random = new SeededRandom(3, 77)
  return Array.from({ length: DAYS }, (_, day) => 1 + random.next() + (day >= DAYS - 2 ? colder : 0))
}

function townOf(cold: readonly number[]): SpanTown {
  const at = (days: number) => (cold[DAYS - 1 - days] ?? Number.NaN) + (cold[DAYS - 2 - days] ?? Number.NaN)
  return { now: at(0), daysBefore: at, standing: 0, risen: 0 }
}

/** @param heat share of the use that follows the cold */
function homeOf(cold: readonly number[], heat: number): { hours: StepHours; end: number } {
  const hours = new StepHours(DAYS * 24)
  const random = new SeededRandom(5, 78)
  let [shown, volume, end] = [0, 0, 0]
  for (let hour = 0; hour < DAYS * 24; hour++) {
    const used = hour % 24 >= 7 && hour % 24 < 22 && random.chance(0.2) ? 1 : 0
    volume += used + heat * (cold[Math.floor(hour / 24)] ?? 0)
    const steps = Math.floor(volume)
    end = hours.add(hour * HOUR, (hour + 1) * HOUR, steps - shown)
    shown = steps
  }
  return { hours, end }
}

const COMPARED = { length: SPAN_H, apart: 2, days: 60 }

describe('a home and its town', () => {
  test('a heated home follows, one that only cooks does not, and the weather explains the rise of the first', () => {
    const cold = coldOf(1)
    const heated = homeOf(cold, 0.3)
    const cooking = homeOf(cold, 0)
    expect(followingOf(heated.hours, townOf(cold), { end: heated.end, ...COMPARED })).toMatchObject({ follows: true })
    const plain = followingOf(cooking.hours, townOf(cold), { end: cooking.end, ...COMPARED })
    expect(plain).toMatchObject({ follows: false, explained: 0 })
    const explained = followingOf(heated.hours, townOf(cold), { end: heated.end, ...COMPARED })?.explained ?? 0
    expect(explained).toBeGreaterThan(0.2)
    expect(explained).toBeLessThan(0.6)
  })

  test('weather that none of the spans has seen is said to be so', () => {
    const [usual, extreme] = [coldOf(0), coldOf(3)]
    const one = homeOf(usual, 0.3)
    expect(followingOf(one.hours, townOf(usual), { end: one.end, ...COMPARED })?.unseen).toBe(false)
    expect(followingOf(one.hours, townOf(extreme), { end: one.end, ...COMPARED })?.unseen).toBe(true)
  })

  test('of one rise less is told alone than beside a town that goes on as usual, least in weather not seen before, nothing when all homes rose', () => {
    const usual = coldOf(0)
    const rising = Array.from({ length: DAYS }, (_, day) => (day >= DAYS - 2 ? 1 : 0))
    const { hours, end } = homeOf(rising, 0.5)
    const strength = (town?: SpanTown) => spanRise(hours, end, town)?.strength ?? 0
    expect(strength()).toBeGreaterThan(0)
    expect(strength(townOf(usual))).toBeCloseTo(strength() + 0.6, 9)
    expect(strength(townOf(coldOf(3)))).toBeLessThan(strength())
    expect(strength({ ...townOf(usual), standing: 1 })).toBe(0)
  })

  test('a constant flow that the weather may explain is not told of a heated home', () => {
    const cold = coldOf(2)
    const { hours, end } = homeOf(cold, 0.3)
    const mild = townOf(coldOf(0))
    expect(followingOf(hours, mild, { end, ...COMPARED })?.explained).toBeLessThan(0.2)
    expect(spanRise(hours, end, townOf(cold))).toBeUndefined()
  })
})

test('the parts of a day that were heard make the spans of the days before; what was not heard is not known', () => {
  const town = new TownParts()
  const part = (k: number) => ({
    ...{ part: 0 as const, totalM3: 0, floorM3H: 0, peakM3H: 0 },
    from: (8 * k - 2) * HOUR,
    to: (8 * k + 6) * HOUR,
  })
  expect(town.now).toBeNaN()
  for (let k = 0; k < 30; k++)
    if (k < 12 || k > 14) town.hear(part(k), { flow: k, standing: k < 25 ? 0 : 1, risen: 0 }, 0)
  expect(town.now).toBe(27)
  expect(town.daysBefore(1)).toBe(24)
  expect(town.daysBefore(5)).toBeNaN()
  expect(town.daysBefore(6)).toBe(9)
  expect(town.daysBefore(70)).toBeNaN()
  expect(town.standing).toBe(1)
})
