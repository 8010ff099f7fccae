import { expect, test } from 'vitest'
import { COURSE_FEATURES } from './course-features.table.ts'
import { courseFeatures } from './course-features.ts'
import type { DayPanel } from './day-panel.ts'
import type { PeerCourse } from './peer-course.ts'

const flat = (days: number): PeerCourse => ({
  factor: new Float64Array(days).fill(1),
  levelCentre: Math.log(2),
  levelSpread: 1,
  dayEdges: new Float32Array(),
  firstWeekday: 0,
})

function featuresOf(values: readonly number[]): Float32Array {
  const panel: DayPanel = { rows: 1, days: values.length, values: Float32Array.from(values), firstWeekday: 0 }
  return courseFeatures(panel, flat(values.length))
}
const wave = (features: Float32Array, kind: 'level' | 'zero', i: number) =>
  features[(COURSE_FEATURES as readonly string[]).indexOf(`${kind}_wave_${i}`)] as number

test('a course that never changes has its level against the peers in the first wave and nothing in the others', () => {
  const features = featuresOf(new Array<number>(30).fill(6))
  expect(wave(features, 'level', 0)).toBeCloseTo(Math.log(3.002), 5)
  for (let i = 1; i < 16; i++) expect(wave(features, 'level', i)).toBeCloseTo(0, 5)
  for (let i = 0; i < 12; i++) expect(wave(features, 'zero', i)).toBe(0)
})

test('a lasting drop stands in the wave of half a period, the same for a course four times as long', () => {
  const drop = (days: number) => Array.from({ length: days }, (_, d) => (d * 2 < days ? 4 : 1))
  const [short, long] = [featuresOf(drop(28)), featuresOf(drop(112))]
  expect(wave(short, 'level', 1)).toBeGreaterThan(0.5)
  for (let i = 0; i < 6; i++) expect(wave(short, 'level', i)).toBeCloseTo(wave(long, 'level', i), 1)
})

test('days of nothing at the end lean the zero waves the other way than days of nothing at the beginning', () => {
  const early = featuresOf(Array.from({ length: 20 }, (_, d) => (d < 5 ? 0 : 3)))
  const late = featuresOf(Array.from({ length: 20 }, (_, d) => (d < 15 ? 3 : 0)))
  expect(wave(early, 'zero', 0)).toBeCloseTo(0.25, 6)
  expect(wave(late, 'zero', 0)).toBeCloseTo(0.25, 6)
  expect(wave(early, 'zero', 1)).toBeGreaterThan(0.1)
  expect(wave(late, 'zero', 1)).toBeCloseTo(-wave(early, 'zero', 1), 6)
})

test('a missing day is as the last one seen, and a course of fewer than three values has no wave', () => {
  const holes = featuresOf([Number.NaN, 3, 3, Number.NaN, 3, 3, Number.NaN])
  expect(wave(holes, 'level', 0)).toBeCloseTo(Math.log(1.502), 5)
  const none = featuresOf([3, 3, ...new Array<number>(8).fill(Number.NaN)])
  for (let i = 0; i < 12; i++) expect([wave(none, 'level', i), wave(none, 'zero', i)]).toEqual([Number.NaN, Number.NaN])
})
