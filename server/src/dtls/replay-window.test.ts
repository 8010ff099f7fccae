import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReplayWindow } from './replay-window.ts'

test('every number of the newest 64 is taken once, and no older one', () => {
  const step = fc.oneof(fc.nat(70), fc.nat(200), fc.constantFrom(31, 32, 33, 63, 64, 65))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (numbers) => {
      const window = new ReplayWindow()
      const taken = new Set<number>()
      let newest = -1
      for (const number of numbers) {
        const wanted = number > newest - 64 && !taken.has(number)
        expect(window.isFresh(number)).toBe(wanted)
        if (!wanted) continue
        window.take(number)
        taken.add(number)
        newest = Math.max(newest, number)
        expect(window.newest).toBe(newest)
      }
    }),
  )
})

test('numbers of 48 bits are told apart', () => {
  const window = new ReplayWindow()
  window.take(2 ** 48 - 2)
  expect([2 ** 48 - 1, 2 ** 48 - 2, 2 ** 48 - 3, 2 ** 48 - 70].map((n) => window.isFresh(n))).toEqual([
    ...[true, false, true, false],
  ])
})
