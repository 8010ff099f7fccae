import { expect, test } from 'vitest'
import { cellsInView, cutMeterCells } from './meter-cells.ts'

/** Rows of a 200 × 200 square, numbered along rows: runs are flat but compact enough. */
const square = Float32Array.from({ length: 80_000 }, (_, i) =>
  i % 2 === 0 ? (i >> 1) % 200 : Math.floor((i >> 1) / 200),
)

test('cells hold every meter once, in order, and none too many', () => {
  const cells = cutMeterCells(square, 3000)
  let next = 0
  for (const cell of cells) {
    expect(cell.from).toBe(next)
    expect(cell.length).toBeLessThanOrEqual(3000)
    next += cell.length
  }
  expect(next).toBe(40_000)
})

test('only cells that touch the window are drawn', () => {
  const cells = cutMeterCells(square, 2000)
  const seen = cellsInView(cells, [0, 0, 199, 9])
  expect(seen.length).toBeGreaterThan(0)
  expect(seen.length).toBeLessThan(cells.length / 2)
  expect(cellsInView(cells, [500, 500, 600, 600])).toEqual([])
})

test('a window with too many meters draws none of them', () => {
  expect(cellsInView(cutMeterCells(square), [0, 0, 200, 200], 10_000)).toEqual([])
})

test('a run that jumps across the city is cut at the jump', () => {
  const two = new Float32Array(4000)
  for (let i = 0; i < 2000; i++) two.set(i < 1000 ? [i * 1e-6, i * 1e-6] : [1 + i * 1e-6, 1 + i * 1e-6], 2 * i)
  const cells = cutMeterCells(two, 8000, 100)
  expect(Math.max(...cells.map((c) => c.east - c.west))).toBeLessThan(0.1)
})

test('a city without meters has no cells', () => {
  expect(cutMeterCells(new Float32Array(0))).toEqual([])
})
