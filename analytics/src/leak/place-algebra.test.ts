import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addCombinations, substitute, subtractProducts } from './place-algebra.ts'

const shapes = fc.record({
  places: fc.integer({ min: 1, max: 9 }),
  size: fc.integer({ min: 1, max: 9 }),
  parameters: fc.integer({ min: 1, max: 7 }),
})
const numbers = (length: number, seed: number) =>
  Float64Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) + seed) * 3)

test('places solved four together satisfy L γ = e, whatever their number', () => {
  fc.assert(
    fc.property(shapes, ({ places, size }) => {
      const factor = numbers(size * size, 1)
      for (let i = 0; i < size; i++) factor[i * size + i] = 2 + i
      const wanted = numbers(places * size, 2)
      const effects = new Float64Array(places * size)
      for (let p = 0; p < places; p++)
        for (let i = 0; i < size; i++)
          for (let j = 0; j <= i; j++)
            effects[p * size + i] =
              (effects[p * size + i] ?? 0) + (factor[i * size + j] ?? 0) * (wanted[p * size + j] ?? 0)
      substitute(factor, size, effects)
      effects.forEach((value, k) => {
        expect(value).toBeCloseTo(wanted[k] ?? 0, 6)
      })
    }),
    { seed: 3, numRuns: 100 },
  )
})

test('products and combinations of beliefs are the plain sums, whatever the shape', () => {
  fc.assert(
    fc.property(shapes, ({ places, size, parameters }) => {
      const rows = numbers(size * parameters, 3)
      const beliefs = numbers(places * parameters, 4)
      const effects = new Float64Array(places * size)
      subtractProducts(rows, beliefs, parameters, size, effects)
      const gammas = numbers(places * size, 5)
      const added = beliefs.slice()
      addCombinations(gammas, rows, size, parameters, added)
      for (let p = 0; p < places; p++) {
        for (let i = 0; i < size; i++) {
          let sum = 0
          for (let k = 0; k < parameters; k++)
            sum += (rows[i * parameters + k] ?? 0) * (beliefs[p * parameters + k] ?? 0)
          expect(effects[p * size + i]).toBeCloseTo(-sum, 9)
        }
        for (let k = 0; k < parameters; k++) {
          let sum = beliefs[p * parameters + k] ?? 0
          for (let i = 0; i < size; i++) sum += (gammas[p * size + i] ?? 0) * (rows[i * parameters + k] ?? 0)
          expect(added[p * parameters + k]).toBeCloseTo(sum, 9)
        }
      }
    }),
    { seed: 4, numRuns: 100 },
  )
})
