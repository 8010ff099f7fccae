import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeviceIndex } from './device-index.ts'

test('an index finds every number it was given and no other, like a map', () => {
  const number = fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 99_999_999_999_999 }))
  fc.assert(
    fc.property(fc.uniqueArray(number, { maxLength: 300 }), fc.array(number, { maxLength: 50 }), (given, asked) => {
      const index = new DeviceIndex(1)
      const numbers = Float64Array.from(given)
      for (let row = 0; row < given.length; row++) index.insert(row, numbers)
      for (const device of [...given, ...asked]) expect(index.find(device, numbers)).toBe(given.indexOf(device))
    }),
    { numRuns: 60 },
  )
})

test('numbers in sequence, as makers assign them, stay a short walk apart', () => {
  const count = 200_000
  const numbers = Float64Array.from({ length: count }, (_, i) => 18_170_200_000_000 + i)
  const index = new DeviceIndex(count)
  const start = performance.now()
  for (let row = 0; row < count; row++) index.insert(row, numbers)
  let wrong = 0
  for (let row = 0; row < count; row++) if (index.find(numbers[row] ?? 0, numbers) !== row) wrong += 1
  expect(wrong).toBe(0)
  expect(performance.now() - start).toBeLessThan(2000)
  expect(index.byteLength / count).toBeLessThan(12)
})
