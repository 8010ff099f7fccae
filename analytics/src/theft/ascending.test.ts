import { expect, test } from 'vitest'
import { seededRandom } from '../models/seeded-random.ts'
import { medianDistance, quantileWithin, sortFirst } from './ascending.ts'
import { quantileOf } from './median.ts'

const random = seededRandom(5)
/** Few different values, so that many are equal. */
const drawn = (count: number): Float64Array =>
  Float64Array.from({ length: count }, () => Math.fround(random.below(9) / 7))

test('the first numbers are put in order and the others left alone, few as many', () => {
  for (const count of [0, 1, 2, 35, 64, 65, 400]) {
    const numbers = drawn(count + 3)
    const expected = [...numbers.slice(0, count).sort(), ...numbers.slice(count)]
    sortFirst(numbers, count)
    expect([...numbers]).toEqual(expected)
  }
})

test('quantiles and the middle distance are those of the numbers put in order, to the last bit', () => {
  for (let round = 0; round < 200; round++) {
    const count = 1 + random.below(40)
    const from = random.below(4)
    const numbers = drawn(count).sort()
    const within = Float64Array.of(...drawn(from), ...numbers, ...drawn(2))
    const to = from + count
    for (const share of [0, 0.1, 0.25, 0.5, 0.9, 1])
      expect(quantileWithin(within, from, to, share)).toBe(quantileOf(numbers, share))
    const middle = quantileOf(numbers, 0.5)
    const distances = numbers.map((x) => Math.abs(x - middle)).sort()
    expect(medianDistance(within, from, to, middle)).toBe(quantileOf(distances, 0.5))
  }
})
