import type { AppliedReport, Report } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { FleetClock } from './fleet-clock.ts'

const START = Date.UTC(2026, 2, 1)
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]

/** Words of devices that stand in a row, one a minute, each late by what `late` says. */
function hear(clock: FleetClock, from: number, words: number, late: (word: number) => number): void {
  for (let word = 0; word < words; word++) {
    const receivedAt = from + word * MINUTE
    const report: Report = {
      ...{ device: word, kind: 'meter', trigger: 'timed', deviceTime: receivedAt - late(word), sequence: -1 },
      ...{ readings: [], events: [], status: {} },
    }
    clock.hear({ report, slot: word, receivedAt, outcome: 'fresh' } as AppliedReport)
  }
}

describe('the clock of the terminals', () => {
  test('is the platform’s while terminals are heard at once, and says nothing before it heard some', () => {
    const clock = new FleetClock()
    hear(clock, START, 10, () => 5 * HOUR)
    expect(clock.instant(START)).toBe(START)
    const punctual = new FleetClock()
    hear(punctual, START, 200, (word) => (word % 3) * 1_000)
    expect(punctual.delayMs).toBeLessThan(3_000)
  })
  test('is behind with everybody, and goes fast when everybody catches up', () => {
    const clock = new FleetClock()
    hear(clock, START, 128, () => 5 * HOUR)
    expect(clock.delayMs).toBe(5 * HOUR)
    const before = clock.instant(START + 3 * HOUR)
    hear(clock, START + 3 * HOUR, 128, () => MINUTE)
    expect(clock.instant(START + 4 * HOUR) - before).toBe(6 * HOUR - MINUTE)
  })
  test('is not moved by some with a lost clock or by terminals that are early', () => {
    const clock = new FleetClock()
    hear(clock, START, 128, (word) => (word % 4 === 0 ? 20 * HOUR : word % 4 === 1 ? 400 * DAY : 0))
    expect(clock.delayMs).toBe(0)
    hear(clock, START + 2 * DAY, 128, () => -HOUR)
    expect(clock.delayMs).toBe(0)
  })
  test('is the same after it was saved', () => {
    const clock = new FleetClock()
    hear(clock, START, 100, (word) => word * MINUTE)
    const again = new FleetClock()
    again.load(JSON.parse(JSON.stringify(clock.save())))
    expect(again.save()).toEqual(clock.save())
    expect(again.instant(START + DAY)).toBe(clock.instant(START + DAY))
  })
})
