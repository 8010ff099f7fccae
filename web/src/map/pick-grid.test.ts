import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { centreOfRing, gridOfPoints, gridOfSegments, insideRing } from './pick-grid.ts'

const coordinate = fc.integer({ min: -500, max: 500 }).map((n) => n / 1000)

describe('the nearest point', () => {
  test('is the one a plain search finds, or none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(coordinate, coordinate), { maxLength: 80 }),
        coordinate,
        coordinate,
        fc.integer({ min: 1, max: 300 }).map((n) => n / 1000),
        (points, x, y, reach) => {
          const xy = Float32Array.from(points.flat())
          const aspect = 0.85
          const found = gridOfPoints(xy, aspect).nearest(x, y, reach)
          const distance = (i: number) => Math.hypot(((xy[2 * i] ?? 0) - x) * aspect, (xy[2 * i + 1] ?? 0) - y)
          const all = points.map((_, i) => distance(i)).filter((d) => d <= reach)
          if (all.length === 0) expect(found).toBe(-1)
          else expect(distance(found)).toBe(Math.min(...all))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('nothing is found in an empty city', () => {
    expect(gridOfPoints(new Float32Array(0), 1).nearest(0, 0, 1)).toBe(-1)
    expect(gridOfSegments(new Float32Array(0), 1).nearest(0, 0, 1)).toBe(-1)
  })

  test('all points in one place are no trouble', () => {
    expect(gridOfPoints(new Float32Array(200).fill(0.25), 1).nearest(0.25, 0.26, 0.02)).toBeGreaterThanOrEqual(0)
  })
})

describe('the nearest segment', () => {
  test('is measured to its inside, not to its ends', () => {
    const grid = gridOfSegments(Float32Array.from([0, 0, 10, 0, 0, 5, 10, 5]), 1)
    expect(grid.nearest(5, 0.4, 0.5)).toBe(0)
    expect(grid.nearest(5, 4.7, 0.5)).toBe(1)
    expect(grid.nearest(5, 2.5, 0.5)).toBe(-1)
    expect(grid.nearest(10.3, 0, 0.5)).toBe(0)
  })
})

describe('rings', () => {
  const xy = Float32Array.from([0, 0, 4, 0, 4, 2, 2, 2, 2, 4, 0, 4])
  const start = Uint32Array.of(0, 6)

  test('a point in the notch of an L is outside', () => {
    expect(insideRing(xy, start, 0, 1, 3)).toBe(true)
    expect(insideRing(xy, start, 0, 3, 3)).toBe(false)
    expect(insideRing(xy, start, 0, 3, 1)).toBe(true)
  })

  test('the centre of an L is where it would balance', () => {
    const [x, y] = centreOfRing(xy, start, 0)
    expect(x).toBeCloseTo(5 / 3, 6)
    expect(y).toBeCloseTo(5 / 3, 6)
  })
})
