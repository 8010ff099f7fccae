import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admit, DEFAULT_LIMITS, type Load, type Priority } from './admission.ts'

const idle: Load = { waiting: 0, loopDelayMs: 1 }
const classes: readonly Priority[] = ['alarm', 'commercial', 'residential']
const load = fc.record({
  waiting: fc.integer({ min: 0, max: 400_000 }),
  loopDelayMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
})
const spread = fc.double({ min: 0, max: 1, noNaN: true })

describe('admission', () => {
  test('lets everybody in while there is no backlog', () => {
    for (const priority of classes) expect(admit(priority, idle, DEFAULT_LIMITS, 0.5)).toBe(0)
  })

  test('refuses homes first, then commerce, and alarms only at the hard cap', () => {
    const refused = (waiting: number) =>
      classes.filter((p) => admit(p, { waiting, loopDelayMs: 0 }, DEFAULT_LIMITS, 0) > 0)
    expect(refused(19_999)).toEqual([])
    expect(refused(20_000)).toEqual(['residential'])
    expect(refused(60_000)).toEqual(['commercial', 'residential'])
    expect(refused(200_000)).toEqual(classes)
  })

  test('a late loop refuses homes and commerce, never alarms', () => {
    expect(classes.map((p) => admit(p, { waiting: 0, loopDelayMs: 60_000 }, DEFAULT_LIMITS, 0) > 0)).toEqual([
      false,
      true,
      true,
    ])
  })

  test('nobody is refused while somebody less important is let in', () => {
    fc.assert(
      fc.property(load, spread, (now, s) => {
        const away = classes.map((p) => admit(p, now, DEFAULT_LIMITS, s))
        for (let i = 0; i + 1 < away.length; i++) if ((away[i] ?? 0) > 0) expect(away[i + 1]).toBeGreaterThan(0)
      }),
      { seed: 21 },
    )
  })

  test('a refusal names a whole number of seconds that fits the option, longer with more backlog', () => {
    fc.assert(
      fc.property(load, spread, fc.constantFrom(...classes), (now, s, priority) => {
        const away = admit(priority, now, DEFAULT_LIMITS, s)
        expect(Number.isInteger(away)).toBe(true)
        expect(away).toBeLessThanOrEqual(1_800)
        const worse = { waiting: now.waiting * 2, loopDelayMs: now.loopDelayMs * 2 }
        expect(admit(priority, worse, DEFAULT_LIMITS, s)).toBeGreaterThanOrEqual(away)
      }),
      { seed: 22 },
    )
  })

  test('devices refused at the same moment are sent away for different times', () => {
    const now = { waiting: 30_000, loopDelayMs: 0 }
    const times = [0, 0.25, 0.5, 0.75, 1].map((s) => admit('residential', now, DEFAULT_LIMITS, s))
    expect(times).toEqual([135, 169, 203, 237, 270])
  })
})
