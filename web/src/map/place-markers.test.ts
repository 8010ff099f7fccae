import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keepApart, type MarkerPoint, placeMarkers } from './place-markers.ts'

const point = (id: string, priority: number, x: number, y: number, unacked = true): MarkerPoint => ({
  id,
  priority,
  unacked,
  x,
  y,
  distance: 1200,
})

describe('alarms on the map', () => {
  test('one covers another: the more important one is drawn and counts the other', () => {
    const { markers } = placeMarkers([point('b', 4, 100, 100), point('a', 1, 105, 104)], 800, 600)
    expect(markers).toEqual([{ id: 'a', x: 105, y: 104, others: 1 }])
  })

  test('a priority 1 out of view gets an arrow on the rim that points at it', () => {
    const { markers, arrows } = placeMarkers([point('a', 1, 5000, 300)], 800, 600)
    expect(markers).toEqual([])
    expect(arrows[0]).toMatchObject({ id: 'a', x: 738, y: 300, distance: 1200 })
    expect(arrows[0]?.angle).toBeCloseTo(0, 9)
  })

  test('out of view, priority 2 counts until acknowledged, 3 and 4 never', () => {
    const { arrows } = placeMarkers(
      [point('a', 2, -50, 300), point('b', 2, 300, -50, false), point('c', 3, 900, 900), point('d', 4, 900, -90)],
      800,
      600,
    )
    expect(arrows.map((a) => a.id)).toEqual(['a'])
  })

  test('every priority 1 is a symbol, an arrow, or counted in one', () => {
    const any = fc.array(
      fc.record({ x: fc.integer({ min: -2000, max: 3000 }), y: fc.integer({ min: -2000, max: 3000 }) }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(any, (places) => {
        const { markers, arrows } = placeMarkers(
          places.map(({ x, y }, i) => point(String(i), 1, x, y)),
          800,
          600,
        )
        const shown = [...markers, ...arrows].reduce((sum, m) => sum + 1 + m.others, 0)
        expect(shown).toBe(places.length)
        for (const { x, y } of arrows) {
          expect(x).toBeGreaterThanOrEqual(61.9)
          expect(x).toBeLessThanOrEqual(738.1)
          expect(y).toBeGreaterThanOrEqual(23.9)
          expect(y).toBeLessThanOrEqual(576.1)
        }
      }),
      { numRuns: 200 },
    )
  })
})

test('labels never touch, the earlier ones win, and their number is limited', () => {
  const box = (x: number, y: number) => ({ x, y, width: 40, height: 16 })
  expect(keepApart([box(0, 0), box(30, 0), box(60, 0), box(0, 20)], 9)).toEqual([box(0, 0), box(60, 0), box(0, 20)])
  expect(keepApart([box(0, 0), box(100, 0)], 1)).toEqual([box(0, 0)])
  expect(keepApart([box(0, 0)], 9, [box(10, 5)])).toEqual([])
})

test('a label that may move steps aside before it is left out', () => {
  const label = { x: 0, y: 0, width: 40, height: 16, shifts: [10, 30] }
  expect(keepApart([label], 1, [{ x: 0, y: 0, width: 30, height: 30 }])[0]?.y).toBe(30)
})
