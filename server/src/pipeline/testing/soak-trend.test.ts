import { expect, test } from 'vitest'
import { type SoakSample, soakTrend } from './soak-trend.ts'

const samples = (heap: (i: number) => number, rss: (i: number) => number): SoakSample[] =>
  Array.from({ length: 60 }, (_, i) => ({
    minute: i / 6,
    rssMb: rss(i),
    heapMb: heap(i),
    loopLagP99Ms: 1,
    logMb: i,
    reports: i,
  }))

test('a saw over a level floor is flat, whatever the first third did', () => {
  const trend = soakTrend(
    samples(
      (i) => (i < 20 ? i * 3 : 60 + (i % 5) * 8),
      () => 200,
    ),
  )
  expect(trend.flat).toBe(true)
  expect(Math.abs(trend.heapFloorMbAMinute)).toBeLessThan(0.5)
})

test('a floor that rises under the saw is not', () => {
  const trend = soakTrend(
    samples(
      (i) => 60 + i + (i % 5) * 8,
      () => 200,
    ),
  )
  expect(trend.flat).toBe(false)
  expect(trend.heapFloorMbAMinute).toBeCloseTo(6, 0)
})

test('memory outside the heap counts too', () => {
  const trend = soakTrend(
    samples(
      () => 60,
      (i) => 200 + 2 * i,
    ),
  )
  expect(trend).toMatchObject({ flat: false, heapFloorGrowth: 0 })
  expect(trend.rssMbAMinute).toBeCloseTo(12)
})

test('too few samples say nothing', () => {
  expect(() =>
    soakTrend(
      samples(
        () => 1,
        () => 1,
      ).slice(0, 10),
    ),
  ).toThrow(RangeError)
})
