import { expect, test } from 'vitest'
import { fitBins } from '../theft/feature-bins.ts'
import { binTerminals, middleBins } from './terminal-bins.ts'

test('what is not known of a terminal stands where most terminals do, also where most never have the sign', () => {
  // One column that nine in ten never have, and one that all have.
  const rows = Float32Array.from({ length: 2_000 }, (_, i) =>
    i % 2 === 1 ? i : (i / 2) % 10 === 0 ? 1 + i / 2 / 1_000 : 0,
  )
  const bins = fitBins(rows, 2)
  const [none, , unknown] = [
    binTerminals(bins, Float32Array.of(0, 5)),
    0,
    binTerminals(bins, Float32Array.of(NaN, NaN)),
  ]
  expect(unknown[0]).toBe(none[0])
  expect(Math.abs((unknown[1] ?? 0) - 32)).toBeLessThanOrEqual(1)
  expect([...middleBins(bins)]).toEqual([...unknown])
  expect(binTerminals(bins, Float32Array.of(1.5, 5))[0]).toBeGreaterThan(unknown[0] ?? 99)
})
