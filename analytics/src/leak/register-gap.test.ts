import { expect, test } from 'vitest'
import { RegisterGap } from './register-gap.ts'

const HOUR = 3_600_000

/** 300 homes read once a day, each at its own time; use grows by `growth` on the eighth day, a leak runs from then. */
function run(growth: number, leak: number, error = 0): ReturnType<RegisterGap['gapSince']> {
  const gap = new RegisterGap(0.5)
  const homes = 300
  const rate = (home: number): number => 2e-5 * (1 + (home % 7) / 7)
  const use = (home: number, hour: number): number =>
    rate(home) * (1 + 0.5 * Math.sin((2 * Math.PI * (hour % 24)) / 24)) * (hour >= 168 ? 1 + growth : 1)
  const index = new Float64Array(homes)
  for (let hour = 0; hour < 11 * 24; hour++) {
    let taken = 0
    for (let home = 0; home < homes; home++) {
      const m3 = use(home, hour) * 3600
      taken += m3
      index[home] = (index[home] as number) + m3 * 0.98
      if ((hour + 1) % 24 === home % 24) gap.takeRegister(home, (hour + 1) * HOUR, index[home] as number)
    }
    gap.takeHour(hour, taken + (hour >= 168 ? leak * 3600 : 0), hour % 4 === 0 ? error : 0)
  }
  return gap.gapSince(168 * HOUR)
}

test('a leak lacks in the registers; more use does not', () => {
  const leak = run(0, 4e-4)
  expect(leak?.flow).toBeGreaterThan(3.6e-4)
  expect(leak?.flow).toBeLessThan(4.4e-4)
  const growth = run(0.2, 0)
  expect(Math.abs(growth?.flow ?? 1)).toBeLessThan(3e-5)
})

test('hours that were not measured make it less sure', () => {
  const known = run(0, 4e-4)
  const filled = run(0, 4e-4, 4)
  expect(filled?.flow).toBe(known?.flow)
  expect(filled?.variance).toBeGreaterThan(1.05 * (known?.variance ?? 1))
})

test('nothing is said before registers cover some hours of the time asked for', () => {
  const gap = new RegisterGap(0.5)
  gap.takeHour(0, 1)
  expect(gap.gapSince(0)).toBeUndefined()
})
