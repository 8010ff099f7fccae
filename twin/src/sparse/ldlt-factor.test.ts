import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LdltFactor } from './ldlt-factor.ts'
import { minimumDegreeOrder } from './minimum-degree-order.ts'
import { analyseSymmetric } from './symbolic-factor.ts'

interface Laplacian {
  readonly size: number
  readonly first: Int32Array
  readonly second: Int32Array
  readonly weight: Float64Array
  readonly shift: Float64Array
}

function multiply(m: Laplacian, x: ArrayLike<number>): Float64Array {
  const y = Float64Array.from({ length: m.size }, (_, i) => (m.shift[i] ?? 0) * (x[i] ?? 0))
  m.weight.forEach((w, k) => {
    const a = m.first[k] ?? 0
    const b = m.second[k] ?? 0
    const flow = w * ((x[a] ?? 0) - (x[b] ?? 0))
    y[a] = (y[a] ?? 0) + flow
    y[b] = (y[b] ?? 0) - flow
  })
  return y
}

function assemble(m: Laplacian, factor: LdltFactor, slot: Int32Array): void {
  factor.offDiagonal.fill(0)
  factor.diagonal.set(m.shift)
  m.weight.forEach((w, k) => {
    const s = slot[k] ?? -1
    if (s < 0) return
    factor.offDiagonal[s] = (factor.offDiagonal[s] ?? 0) - w
    for (const end of [m.first[k] ?? 0, m.second[k] ?? 0]) factor.diagonal[end] = (factor.diagonal[end] ?? 0) + w
  })
}

const laplacians: fc.Arbitrary<Laplacian> = fc
  .record({
    size: fc.integer({ min: 1, max: 60 }),
    seed: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.double({ min: 1e-3, max: 1e3, noNaN: true })), { maxLength: 150 }),
  })
  .map(({ size, seed }) => ({
    size,
    first: Int32Array.from(seed, ([a]) => a % size),
    second: Int32Array.from(seed, ([, b]) => b % size),
    weight: Float64Array.from(seed, ([, , w]) => w),
    shift: Float64Array.from({ length: size }, (_, i) => 0.1 + (i % 7)),
  }))

function grid(side: number): Laplacian {
  const first: number[] = []
  const second: number[] = []
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const i = y * side + x
      if (x + 1 < side) {
        first.push(i)
        second.push(i + 1)
      }
      if (y + 1 < side) {
        first.push(i)
        second.push(i + side)
      }
    }
  return {
    size: side * side,
    first: Int32Array.from(first),
    second: Int32Array.from(second),
    weight: Float64Array.from(first, (_, k) => 1 + (k % 5)),
    shift: new Float64Array(side * side).fill(0.01),
  }
}

describe('sparse LDLᵀ', () => {
  test('solves random connected and unconnected patterns with repeated pairs, self-pairs and isolated rows', () => {
    fc.assert(
      fc.property(laplacians, (m) => {
        const symbolic = analyseSymmetric(m.size, m.first, m.second)
        const factor = new LdltFactor(symbolic)
        assemble(m, factor, symbolic.slot)
        expect(factor.factorise()).toBe(-1)
        const wanted = Float64Array.from({ length: m.size }, (_, i) => Math.sin(i + 1))
        const x = multiply(m, wanted)
        factor.solve(x)
        for (let i = 0; i < m.size; i++) expect(x[i]).toBeCloseTo(wanted[i] ?? 0, 8)
      }),
      { seed: 11, numRuns: 200 },
    )
  })

  test('refactorises other values of the same structure and solves several right-hand sides in one call', () => {
    const m = grid(12)
    const symbolic = analyseSymmetric(m.size, m.first, m.second)
    const factor = new LdltFactor(symbolic)
    assemble(m, factor, symbolic.slot)
    factor.factorise()
    const stiffer = { ...m, weight: m.weight.map((w) => w * 3) }
    assemble(stiffer, factor, symbolic.slot)
    expect(factor.factorise()).toBe(-1)
    const wanted = Float64Array.from({ length: 2 * m.size }, (_, i) => Math.cos(i))
    const rhs = new Float64Array(2 * m.size)
    rhs.set(multiply(stiffer, wanted.subarray(0, m.size)))
    rhs.set(multiply(stiffer, wanted.subarray(m.size)), m.size)
    factor.solve(rhs, 2)
    for (let i = 0; i < rhs.length; i++) expect(rhs[i]).toBeCloseTo(wanted[i] ?? 0, 9)
  })

  test('four right-hand sides solved together are those solved alone', () => {
    const m = grid(15)
    const symbolic = analyseSymmetric(m.size, m.first, m.second)
    const factor = new LdltFactor(symbolic)
    assemble(m, factor, symbolic.slot)
    factor.factorise()
    const together = Float64Array.from({ length: 4 * m.size }, (_, i) => (i % 7 === 0 ? Math.sin(i) : 0))
    const alone = [0, 1, 2, 3].map((c) => Float64Array.from({ length: m.size }, (_, i) => together[4 * i + c] ?? 0))
    factor.solveFour(together)
    alone.forEach((rhs, c) => {
      factor.solve(rhs)
      rhs.forEach((value, i) => {
        expect(together[4 * i + c]).toBeCloseTo(value, 10)
      })
    })
  })

  test('names the row of a pivot that is not positive, and works again with good values afterwards', () => {
    const m = grid(4)
    const symbolic = analyseSymmetric(m.size, m.first, m.second)
    const factor = new LdltFactor(symbolic)
    assemble(m, factor, symbolic.slot)
    factor.diagonal[5] = -1
    expect(factor.factorise()).toBeGreaterThanOrEqual(0)
    assemble(m, factor, symbolic.slot)
    expect(factor.factorise()).toBe(-1)
    const x = multiply(m, new Float64Array(16).fill(1))
    factor.solve(x)
    for (const value of x) expect(value).toBeCloseTo(1, 10)
  })

  test('the order is a permutation and leaves a tree without fill', () => {
    const size = 200
    const first = Int32Array.from({ length: size - 1 }, (_, k) => k + 1)
    const second = Int32Array.from({ length: size - 1 }, (_, k) => (k * 7) % (k + 1))
    const symbolic = analyseSymmetric(size, first, second)
    expect(symbolic.fill).toBe(size - 1)
    expect([...symbolic.position].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i))
  })

  test('fill of a square grid stays far below that of the natural order', () => {
    const side = 40
    const m = grid(side)
    const { fill } = analyseSymmetric(m.size, m.first, m.second)
    const natural = side * side * side
    expect(fill).toBeLessThan(natural / 2.5)
  })

  test('a pattern without pairs is eliminated in any order', () => {
    expect([...minimumDegreeOrder(3, new Int32Array(4), new Int32Array(0))].sort()).toEqual([0, 1, 2])
  })
})
