import { describe, expect, test } from 'vitest'
import { CellLoad } from './cell-load.ts'
import { ReturnGate } from './return-gate.ts'

const MINUTE = 60_000
const CELL = 7
const START = 1_800_000_000_000

/** All terminals of a cell come back in one minute, and again when they are told to. */
function storm(terminals: number, perMinute: number, isGated: boolean) {
  const load = new CellLoad(600)
  const gate = new ReturnGate({ load, terminals: () => terminals, perMinute })
  const due: (readonly [at: number, device: number])[] = Array.from(
    { length: terminals },
    (_, i) => [START + (i / terminals) * MINUTE, 181_702_000_000 + i] as const,
  )
  const heard = new Map<number, number>()
  const perMinuteHeard = new Map<number, number>()
  let visits = 0
  while (due.length > 0) {
    due.sort((a, b) => b[0] - a[0])
    const [at, device] = due.pop() ?? [0, 0]
    visits++
    const wait = isGated ? gate.wait({ device, cell: CELL }, at) : 0
    if (wait > 0) {
      due.push([at + wait * 1000, device])
      continue
    }
    load.note(CELL, at)
    heard.set(device, at)
    const minute = Math.floor((at - START) / MINUTE)
    perMinuteHeard.set(minute, (perMinuteHeard.get(minute) ?? 0) + 1)
  }
  return { heard, visits, peak: Math.max(...perMinuteHeard.values()), minutes: Math.max(...perMinuteHeard.keys()) + 1 }
}

describe('the return after an outage', () => {
  test('never asks a cell for more than it takes, and everybody is heard in little more than the time that needs', () => {
    const free = storm(1_500, 100, false)
    expect([free.peak, free.minutes]).toEqual([1_500, 1])
    const gated = storm(1_500, 100, true)
    expect(gated.heard.size).toBe(1_500)
    expect(gated.peak).toBeLessThanOrEqual(110)
    expect(gated.minutes).toBeLessThan(2.2 * (1_500 / 100))
    // Nobody knocks often: each visit costs its battery.
    expect(gated.visits / 1_500).toBeLessThan(2.5)
  })

  test('lets a calm cell be, and tells a terminal that repeats itself the same', () => {
    const load = new CellLoad(600)
    const gate = new ReturnGate({ load, terminals: () => 1_000, perMinute: 50 })
    const device = { device: 42, cell: CELL }
    expect(gate.wait(device, START)).toBe(0)
    for (let i = 0; i < 60; i++) load.note(CELL, START)
    const wait = gate.wait(device, START)
    expect(wait).toBeGreaterThanOrEqual(60)
    expect(gate.wait(device, START + 100)).toBe(wait)
    expect(gate.wait(device, START + 3 * MINUTE)).toBe(0)
  })
})
