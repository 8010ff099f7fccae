import { expect, test } from 'vitest'
import { STANDING_HOME, StandingWatch } from './standing-watch.ts'
import { allowedHours, SteadyRun } from './steady-run.ts'

const DAY = 86_400_000

/** Days with use, then a pause now and then, then it stands. */
function chanceAfter(standing: number, pauses: number): number {
  const watch = new StandingWatch(STANDING_HOME)
  let day = 0
  const live = (advance: number) => watch.take(day * DAY, ++day * DAY, advance)
  for (let i = 0; i < 300; i++) live(pauses > 0 && i % 30 < pauses ? 0 : 0.4)
  for (let i = 0; i < standing; i++) live(0)
  return watch.stoppedChance(day * DAY)
}

test('a register that stands is the surer stopped the longer it stands and the rarer it stood before', () => {
  expect(chanceAfter(3, 0)).toBeLessThan(0.6)
  expect(chanceAfter(60, 0)).toBeGreaterThan(0.9)
  expect(chanceAfter(12, 10)).toBeLessThan(0.1)
  expect(chanceAfter(40, 10)).toBeLessThan(chanceAfter(40, 0))
})

test('a constant flow is a steady run however coarse the register; a meal ends it', () => {
  const run = new SteadyRun(0.1)
  let shown = 0
  for (let hour = 0; hour < 40; hour++) {
    const now = Math.floor((hour + 1) * 0.37) / 10
    run.take(hour * 3_600_000, (hour + 1) * 3_600_000, now - shown, 0.03)
    shown = now
  }
  const found = run.at(40 * 3_600_000)
  expect(found?.hours).toBe(40)
  expect(found?.low).toBeLessThan(0.037)
  expect(found?.high).toBeGreaterThan(0.037)
  expect(found?.hours).toBeGreaterThan(allowedHours(0.037))
  run.take(40 * 3_600_000, 41 * 3_600_000, 0.8, 0.03)
  expect(run.at(41 * 3_600_000)?.hours ?? 0).toBeLessThan(3)
})
