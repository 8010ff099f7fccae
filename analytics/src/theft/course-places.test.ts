import { expect, test } from 'vitest'
import { type CourseFeature, FEATURE_COLUMN } from './course-features.table.ts'
import { courseFeatures, FEATURES } from './course-features.ts'
import type { DayPanel } from './day-panel.ts'
import { commonCourse } from './peer-course.ts'
import { edgesBelow, edgesUpTo, SCALE_EDGES, TAIL_SHARES } from './tail-shares.ts'

const DAYS = 12
/** Customer i uses i + 1 every day, twice that on the last: a town in which every day has the same order. */
const rows = 1000
const town: DayPanel = {
  rows,
  days: DAYS,
  values: Float32Array.from(
    { length: rows * DAYS },
    (_, i) => (Math.floor(i / DAYS) + 1) * (i % DAYS === DAYS - 1 ? 2 : 1),
  ),
  firstWeekday: 0,
}
const peers = commonCourse(town)
const of = (features: Float32Array, name: CourseFeature, row = 0): number =>
  features[row * FEATURES + (FEATURE_COLUMN[name] as number)] as number

test('a customer’s place is the share of its peers that use less on the same day, whatever the day does to all', () => {
  const features = courseFeatures(town, peers)
  for (const row of [20, 250, 500, 900]) {
    expect(of(features, 'place_mean', row)).toBeCloseTo(row / rows, 1)
    expect(of(features, 'place_scatter', row)).toBeCloseTo(0, 6)
    expect(of(features, 'place_first_half_less_second', row)).toBeCloseTo(0, 6)
  }
})

test('who falls behind the peers has a lower place after than before; a missing day changes nothing', () => {
  const course = Array.from({ length: DAYS }, (_, d) => (d < 6 ? 800 : 100))
  const one = (values: number[]): Float32Array =>
    courseFeatures({ rows: 1, days: DAYS, values: Float32Array.from(values), firstWeekday: 0 }, peers)
  const fallen = one(course)
  expect(of(fallen, 'place_first_half_less_second')).toBeGreaterThan(0.6)
  expect(of(fallen, 'place_highest')).toBeCloseTo(0.8, 1)
  expect(of(fallen, 'place_lowest')).toBeLessThan(0.12)
  const same = Array.from({ length: DAYS }, () => 700)
  const holes = same.map((use, d) => (d === 2 || d === 5 ? Number.NaN : use))
  for (const name of ['place_mean', 'use_median', 'use_least', 'use_scatter'] as const)
    expect(of(one(holes), name)).toBeCloseTo(of(one(same), name), 1)
})

test('days in use are measured without the days of nothing, and a course of nothing is below every other', () => {
  const one = (values: number[]): Float32Array =>
    courseFeatures({ rows: 1, days: DAYS, values: Float32Array.from(values), firstWeekday: 0 }, peers)
  const often = one(Array.from({ length: DAYS }, (_, d) => (d % 2 === 0 ? 500 : 0)))
  const always = one(Array.from({ length: DAYS }, () => 500))
  for (const name of ['use_median', 'use_least', 'use_most', 'use_q10', 'use_q90'] as const)
    expect(of(often, name)).toBeCloseTo(of(always, name), 6)
  expect(of(often, 'use_scatter')).toBe(0)
  expect(of(often, 'use_deviation')).toBeCloseTo(of(always, 'use_deviation'), 6)
  expect(of(one(Array.from({ length: DAYS }, () => 0)), 'use_median')).toBeLessThan(
    of(one([1, 1, 1, ...Array(9).fill(0)]), 'use_median'),
  )
})

test('shares of the edges rise, and lie twice as dense at both ends as even ones', () => {
  for (let i = 1; i < SCALE_EDGES; i++) expect(TAIL_SHARES[i]).toBeGreaterThan(TAIL_SHARES[i - 1] as number)
  expect(1 - (TAIL_SHARES[SCALE_EDGES - 1] as number)).toBeLessThan(0.55 / (SCALE_EDGES + 1))
  expect(TAIL_SHARES[0]).toBeLessThan(0.55 / (SCALE_EDGES + 1))
})

test('edges below a value are counted as one by one, with and without those at it', () => {
  const edges = Float32Array.from({ length: SCALE_EDGES }, (_, i) => Math.floor(i / 3))
  for (let value = -1; value < 23; value += 0.5) {
    expect(edgesBelow(edges, 0, value)).toBe(edges.filter((edge) => edge < value).length)
    expect(edgesUpTo(edges, 0, value)).toBe(edges.filter((edge) => edge <= value).length)
  }
})
