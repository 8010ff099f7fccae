import { expect, test } from 'vitest'
import type { MapGeometry } from './geometry.ts'
import { endsOfPipe, pipeLengths } from './pipe-shape.ts'

const DEGREE = 111_320
/** Two pipes near the equator: one of two segments towards the north-east, one closed on itself. */
const geometry = {
  meta: { origin: [0, 0], pipe_ids: ['A', 'B'] },
  pipeNumber: new Map([
    ['A', 0],
    ['B', 1],
  ]),
  pipes: {
    segments: Float32Array.of(0, 0, 0.003, 0, 0.003, 0, 0.003, 0.004, 0, 0, 0.001, 0, 0.001, 0, 0, 0),
    segmentPipe: Uint32Array.of(0, 0, 1, 1),
  },
} as unknown as MapGeometry

test('lengths add up over the segments of a pipe', () => {
  const [a, b] = pipeLengths(geometry)
  expect(a).toBeCloseTo(0.007 * DEGREE, 0)
  expect(b).toBeCloseTo(0.002 * DEGREE, 0)
})

test('ends are named by the compass, and by order when the pipe closes on itself or is not on the map', () => {
  expect(endsOfPipe('A', geometry)).toEqual({ from: 'sw', to: 'ne' })
  expect(endsOfPipe('B', geometry)).toEqual({ from: 'first', to: 'last' })
  expect(endsOfPipe('C', geometry)).toEqual({ from: 'first', to: 'last' })
})
