import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SecantMemory } from './secant-memory.ts'

/** A matrix that its diagonal resembles, not symmetric. */
interface Case {
  readonly matrix: readonly (readonly number[])[]
  readonly wanted: readonly number[]
}

function product(matrix: Case['matrix'], x: ArrayLike<number>): number[] {
  return matrix.map((row) => row.reduce((sum, a, j) => sum + a * (x[j] ?? 0), 0))
}

/** Passes of x += step(M⁻¹ (b − A x)) until x is right to 1e-9, with M the diagonal of A divided by `scale`. */
function passes({ matrix, wanted }: Case, scale: number, memory: SecantMemory | undefined): number {
  const b = product(matrix, wanted)
  const x = new Float64Array(wanted.length)
  memory?.begin()
  for (let pass = 1; pass <= 200; pass++) {
    const image = product(matrix, x)
    const step = Float64Array.from(b, (value, i) => (scale * (value - (image[i] ?? 0))) / (matrix[i]?.[i] ?? 1))
    memory?.improve(step)
    for (let i = 0; i < x.length; i++) x[i] = (x[i] ?? 0) + (step[i] ?? 0)
    if (x.every((value, i) => Math.abs(value - (wanted[i] ?? 0)) < 1e-9)) return pass
  }
  return 201
}

const size = 6
const cases: fc.Arbitrary<Case> = fc
  .record({
    entries: fc.array(fc.double({ min: -0.08, max: 0.08, noNaN: true }), {
      minLength: size * size,
      maxLength: size * size,
    }),
    wanted: fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: size, maxLength: size }),
  })
  .map(({ entries, wanted }) => ({
    matrix: wanted.map((_, i) => wanted.map((_, j) => (i === j ? 2 : (entries[i * size + j] ?? 0)))),
    wanted,
  }))

describe('secant memory', () => {
  test('ends within as many passes as there are unknowns and two, whatever the matrix', () => {
    fc.assert(
      fc.property(cases, (given) => {
        expect(passes(given, 0.5, new SecantMemory(size, size))).toBeLessThanOrEqual(size + 2)
      }),
      { seed: 5, numRuns: 200 },
    )
  })

  test('a factor that is wrong by one number costs two passes instead of dozens', () => {
    const wanted = [3, -1, 4, 1, -5, 9]
    const matrix = wanted.map((_, i) => wanted.map((_, j) => (i === j ? 2 : 0)))
    expect(passes({ matrix, wanted }, 0.5, undefined)).toBeGreaterThan(20)
    expect(passes({ matrix, wanted }, 0.5, new SecantMemory(size, 2))).toBe(2)
  })

  test('what one right-hand side taught serves the next, until it is forgotten', () => {
    const memory = new SecantMemory(size, 2)
    const matrix = [0, 1, 2, 3, 4, 5].map((i) => [0, 1, 2, 3, 4, 5].map((j) => (i === j ? 2 : 0)))
    passes({ matrix, wanted: [1, 2, 3, 4, 5, 6] }, 0.5, memory)
    expect(passes({ matrix, wanted: [2, 4, 6, 8, 10, 12] }, 0.5, memory)).toBe(1)
    memory.forget()
    expect(passes({ matrix, wanted: [1, 2, 3, 4, 5, 6] }, 0.5, memory)).toBe(2)
  })
})
