import { describe, expect, test } from 'vitest'
import { inventCourses } from '../../../datasets/src/theft-scenarios/invent-courses.ts'
import type { DayPanel } from './day-panel.ts'
import { sizeDrop } from './explain-suspicion.ts'
import { commonCourse } from './peer-course.ts'

describe('the size of a drop', () => {
  const honest = inventCourses({ customers: 300, days: 60, thieves: 0, seed: 21 })

  test('is dated and holds the truth about as often as its interval says', () => {
    let clear = 0
    let held = 0
    let dated = 0
    for (let i = 0; i < 150; i++) {
      const values = honest.shown.slice()
      const start = 25 + (i % 20)
      for (let d = start; d < 60; d++) values[i * 60 + d] = (values[i * 60 + d] as number) * 0.25
      const panel: DayPanel = { rows: 300, days: 60, values, firstWeekday: 4 }
      const { since_day, lost_per_day } = sizeDrop(panel, commonCourse(panel), i)
      if (since_day === null || lost_per_day === null) continue
      let lost = 0
      let seen = 0
      for (let d = since_day; d < 60; d++) {
        const at = i * 60 + d
        if (Number.isNaN(values[at] as number)) continue
        lost += (honest.shown[at] as number) - (values[at] as number)
        seen += 1
      }
      clear += 1
      if (Math.abs(since_day - start) <= 2) dated += 1
      if (lost / seen >= lost_per_day.p05 && lost / seen <= lost_per_day.p95) held += 1
    }
    expect(clear).toBeGreaterThan(100)
    expect(dated / clear).toBeGreaterThan(0.6)
    expect(held / clear).toBeGreaterThan(0.75)
  })
})
