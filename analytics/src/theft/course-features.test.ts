import { describe, expect, test } from 'vitest'
import { inventCourses } from '../../../datasets/src/theft-scenarios/invent-courses.ts'
import { seededRandom } from '../models/seeded-random.ts'
import { ATTACKS, applyAttack } from './attacks.ts'
import { FEATURE_COLUMN } from './course-features.table.ts'
import { courseFeatures, FEATURES } from './course-features.ts'
import { courseSteps } from './course-steps.ts'
import { courseHashes, type DayPanel } from './day-panel.ts'
import { caseNumbers, foldsOf } from './folds.ts'
import { commonCourse } from './peer-course.ts'

const town = inventCourses({ customers: 200, days: 35, thieves: 0, seed: 8 })
const panel: DayPanel = { rows: 200, days: 35, values: town.shown, firstWeekday: 4 }
const flat = {
  factor: new Float64Array(10).fill(1),
  levelCentre: 0,
  levelSpread: 1,
  firstWeekday: 0,
  dayEdges: new Float32Array(),
}
const row = (...values: number[]): DayPanel => ({
  rows: 1,
  days: values.length,
  values: Float32Array.from(values),
  firstWeekday: 0,
})

describe('features of a course', () => {
  test('do not depend on the unit of the meter', () => {
    const litres = { ...panel, values: panel.values.map((value) => value * 1000) }
    const [a, b] = [panel, litres].map((p) => courseFeatures(p, commonCourse(p)))
    for (let i = 0; i < (a?.length ?? 0); i++) expect(b?.[i]).toBeCloseTo(a?.[i] as number, 2)
  })

  test('find a drop, its place and its depth', () => {
    const f = courseFeatures(row(4, 4, 4, 4, 4, 1, 1, 1, 1, 1), flat)
    expect(f[FEATURE_COLUMN.drop_place]).toBeCloseTo(0.5)
    expect(f[FEATURE_COLUMN.drop_depth]).toBeCloseTo(Math.log(0.45 / 1.65), 4)
    expect(f[FEATURE_COLUMN.rise_statistic]).toBe(0)
  })

  test('tell single zeros from a standing meter', () => {
    const alone = courseFeatures(row(2, 0, 2, 2, 0, 2, 2, 0, 2, 2), flat)
    const standing = courseFeatures(row(2, 2, 2, 2, 2, 2, 2, 0, 0, 0), flat)
    expect(alone[FEATURE_COLUMN.zeros_alone]).toBeCloseTo(0.3)
    expect(standing[FEATURE_COLUMN.zeros_alone]).toBe(0)
    expect(standing[FEATURE_COLUMN.zero_at_end]).toBeCloseTo(0.3)
    expect(alone[FEATURE_COLUMN.zero_share]).toBe(standing[FEATURE_COLUMN.zero_share])
  })

  test('hardly move when days go missing at random, and the network sees no hole', () => {
    const full = courseFeatures(row(...Array.from({ length: 10 }, () => 3)), flat)
    const holes = row(3, Number.NaN, 3, 3, Number.NaN, 3, 3, 3, Number.NaN, 3)
    const some = courseFeatures(holes, flat)
    for (let c = 0; c < FEATURES; c++) expect(some[c]).toBeCloseTo(full[c] as number, 0)
    expect(courseSteps(holes, flat, [0])).toEqual(courseSteps(row(...Array.from({ length: 10 }, () => 3)), flat, [0]))
  })
})

describe('attacks', () => {
  test.each(ATTACKS)('%s lowers what the meter shows and keeps missing days missing', (attack) => {
    let lowered = 0
    for (let i = 0; i < 60; i++) {
      const random = seededRandom(i)
      const course = panel.values.slice(i * 35, (i + 1) * 35)
      const before = course.slice()
      applyAttack(attack, course, panel.values.slice((i + 1) * 35, (i + 2) * 35), random)
      let sum = 0
      for (let d = 0; d < 35; d++) {
        expect(Number.isNaN(course[d] as number)).toBe(Number.isNaN(before[d] as number))
        if (!Number.isNaN(course[d] as number)) sum += (before[d] as number) - (course[d] as number)
        if (attack !== 'm12_lower_user' && !Number.isNaN(course[d] as number))
          expect(course[d]).toBeLessThanOrEqual(before[d] as number)
      }
      if (sum > 0) lowered += 1
    }
    expect(lowered).toBeGreaterThan(20)
  })
})

test('customers with the same course share a fold; courses of zeros go by their id', () => {
  const twins: DayPanel = { rows: 6, days: 7, values: new Float32Array(42), firstWeekday: 0 }
  twins.values.fill(2, 0, 14)
  const cases = caseNumbers(twins, ['a', 'b', 'c', 'd', 'e', 'f'])
  expect(cases[0]).toBe(cases[1])
  expect(new Set(cases.subarray(2)).size).toBe(4)
  expect(courseHashes(twins)[2]).toBe(courseHashes(twins)[3])
  for (const seed of [1, 2, 3]) {
    const fold = foldsOf(cases, 5, seed)
    expect(fold[0]).toBe(fold[1])
  }
})
