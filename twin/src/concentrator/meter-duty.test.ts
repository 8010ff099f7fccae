import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CityCalendar } from '../time/city-day.ts'
import { DAILY_PLAN, HOURLY_PLAN } from './concentrator.ts'
import { MeterDuty, RECOVERY_RULES } from './meter-duty.ts'
import { dueTimes, planFault } from './reading-plan.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const calendar = new CityCalendar('Asia/Shanghai')
/** Midnight in Shanghai. */
const MIDNIGHT = Date.parse('2026-03-15T00:00:00+08:00')
const NOON = MIDNIGHT + 12 * HOUR

describe('reading plans', () => {
  const from = Date.parse('2026-02-26T00:00:00+08:00')
  const names = (every: 'hour' | 'day' | 'week' | 'month', slots: readonly number[], until: number) =>
    dueTimes({ every, slots }, from, until, calendar).map((at) => new Date(at + 8 * HOUR).toISOString().slice(5, 16))

  test('read at their quarters of an hour, of every day, of Mondays, of the first of the month', () => {
    expect(names('day', [0, 95], from + DAY)).toEqual(['02-26T23:45', '02-27T00:00'])
    expect(names('week', [13], from + 8 * DAY)).toEqual(['03-02T03:15'])
    expect(names('month', [0], from + 40 * DAY)).toEqual(['03-01T00:00', '04-01T00:00'])
    expect(names('hour', HOURLY_PLAN.slots, from + DAY)).toHaveLength(24)
    const everyQuarter = Array.from({ length: 96 }, (_, i) => i)
    expect(names('day', everyQuarter, from + DAY)).toHaveLength(96)
  })

  test('are due once each, however the time is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10 * 24 * 60), { maxLength: 6 }), (minutes) => {
        const cuts = [0, ...minutes, 10 * 24 * 60].sort((a, b) => a - b).map((m) => from + m * 60_000)
        const pieces = cuts.slice(1).flatMap((until, i) => dueTimes(HOURLY_PLAN, cuts[i] ?? 0, until, calendar))
        expect(pieces).toEqual(dueTimes(HOURLY_PLAN, from, cuts.at(-1) ?? 0, calendar))
      }),
    )
  })

  test('with no quarter, a quarter twice or one beyond the day are refused', () => {
    expect(planFault(DAILY_PLAN)).toBeUndefined()
    for (const slots of [[], [3, 3], [96], [-1], [4, 2], [1.5]])
      expect(planFault({ every: 'day', slots })).toBeDefined()
  })
})

/** A duty that knows all days up to a week ago, with the last seven missing. */
function sevenMissing(): MeterDuty {
  const duty = new MeterDuty(DAILY_PLAN)
  duty.expect(NOON - 7 * DAY, MIDNIGHT - 7 * DAY, calendar)
  for (const { due } of duty.missing) duty.arrived(due, NOON - 7 * DAY)
  duty.expect(NOON, 0, calendar)
  return duty
}

describe('the duty of one meter', () => {
  test('on first contact the month before is wanted, and nothing that was before the meter came', () => {
    const duty = new MeterDuty(DAILY_PLAN)
    expect(duty.expect(NOON, 0, calendar)).toBe(31)
    const young = new MeterDuty(DAILY_PLAN)
    young.expect(NOON, MIDNIGHT - 2 * DAY, calendar)
    expect(young.missing.map(({ due }) => due)).toEqual([MIDNIGHT - 2 * DAY, MIDNIGHT - DAY, MIDNIGHT])
  })

  test('a value that came before it was counted as due is not missing', () => {
    const duty = sevenMissing()
    const tomorrow = MIDNIGHT + DAY
    expect(duty.arrived(tomorrow, tomorrow + 5000)).toBeUndefined()
    duty.expect(tomorrow + HOUR, 0, calendar)
    expect(duty.missing.map(({ due }) => due)).not.toContain(tomorrow)
  })

  test('nothing is asked for while the concentrator may still bring it by itself', () => {
    const duty = sevenMissing()
    expect(duty.dueAt('meter', MIDNIGHT + HOUR)).not.toContain(MIDNIGHT)
    expect(duty.dueAt('meter', MIDNIGHT + 2 * HOUR)).toContain(MIDNIGHT)
  })

  test('is looked for at the meter three times, at the concentrator twice, in two reports, and then given up with the reason', () => {
    const duty = sevenMissing()
    let now = NOON
    let order = 0
    const asked: string[] = []
    for (let i = 0; i < 20; i++) {
      for (const source of ['meter', 'concentrator'] as const) {
        const due = duty.dueAt(source, now)
        if (due.length === 0) continue
        order += 1
        asked.push(source)
        duty.asked(due, order, now)
        duty.notFound(order, 'no_answer', now)
      }
      now += RECOVERY_RULES.pauseMs
    }
    expect(asked).toEqual(['meter', 'meter', 'meter', 'concentrator', 'concentrator'])
    expect(new Set(duty.missing.map(({ source }) => source))).toEqual(new Set(['next_report']))
    duty.reported(now)
    expect(duty.missing.every(({ givenUpAt }) => givenUpAt === 0)).toBe(true)
    duty.reported(now + DAY)
    expect(duty.missing.map(({ givenUpAt, reason }) => [givenUpAt, reason])).toEqual(
      Array.from({ length: 7 }, () => [now + DAY, 'no_answer']),
    )
    // Given up is not forgotten: it is taken when it comes after all.
    expect(duty.arrived(MIDNIGHT - DAY, now + 2 * DAY)).toBe('next_report')
    expect(duty.missing).toHaveLength(6)
  })

  test('a meter that never reports again is given up too', () => {
    const duty = sevenMissing()
    duty.asked(duty.dueAt('meter', NOON), 1, NOON)
    duty.notFound(1, 'not_kept', NOON)
    duty.asked(duty.dueAt('concentrator', NOON), 2, NOON)
    duty.notFound(2, 'not_kept', NOON)
    duty.tend(NOON + DAY)
    expect(duty.missing.every(({ givenUpAt }) => givenUpAt === 0)).toBe(true)
    duty.tend(NOON + 3 * DAY)
    expect(duty.missing.every(({ givenUpAt }) => givenUpAt > 0)).toBe(true)
  })

  test('an order without a word counts as a try', () => {
    const duty = sevenMissing()
    duty.asked(duty.dueAt('meter', NOON), 1, NOON)
    duty.tend(NOON + RECOVERY_RULES.orderMs)
    expect(duty.missing[0]).toMatchObject({ source: 'meter', tries: 1, reason: 'no_word', order: 0 })
  })

  test('a concentrator is not asked for what it no longer keeps, the meter is', () => {
    const duty = sevenMissing()
    const later = NOON + 40 * DAY
    duty.expect(later, 0, calendar)
    duty.tend(later)
    const oldest = duty.missing[0]
    expect(oldest).toMatchObject({ due: MIDNIGHT - 6 * DAY, source: 'meter' })
    duty.asked([oldest?.due ?? 0], 1, later)
    duty.notFound(1, 'not_kept', later)
    expect(duty.missing[0]).toMatchObject({ source: 'next_report', reason: 'not_kept' })
  })

  test('whatever happens in whatever order, a value is missing, given up or there: never two of them, never none', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('arrived' as const), day: fc.nat(9) }),
      fc.record({ kind: fc.constant('ask' as const), source: fc.constantFrom('meter', 'concentrator') }),
      fc.record({ kind: fc.constant('fail' as const), reason: fc.constantFrom('no_answer', 'not_kept', 'no_route') }),
      fc.record({ kind: fc.constant('later' as const), hours: fc.nat(20) }),
      fc.record({ kind: fc.constant('reported' as const) }),
      fc.record({ kind: fc.constant('restart' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let duty = sevenMissing()
        const there = new Set<number>()
        let now = NOON
        let order = 1
        let due = 7
        for (const one of steps) {
          if (one.kind === 'arrived') {
            const at = MIDNIGHT - 6 * DAY + one.day * DAY
            if (at > now) continue
            if (duty.arrived(at, now) !== undefined) {
              expect(there.has(at)).toBe(false)
              there.add(at)
            }
          } else if (one.kind === 'ask') duty.asked(duty.dueAt(one.source as 'meter', now), order, now)
          else if (one.kind === 'fail') duty.notFound(order++, one.reason as 'no_answer', now)
          else if (one.kind === 'later') {
            now += one.hours * HOUR
            due += duty.expect(now, 0, calendar)
            duty.tend(now)
          } else if (one.kind === 'reported') duty.reported(now)
          else {
            const saved = JSON.parse(JSON.stringify(duty.save()))
            duty = new MeterDuty(DAILY_PLAN)
            duty.load(saved)
          }
          const missing = duty.missing.map(({ due: at }) => at)
          expect(new Set(missing).size).toBe(missing.length)
          expect(missing.some((at) => there.has(at))).toBe(false)
        }
        expect(duty.missing.length + there.size).toBeLessThanOrEqual(due)
        expect(duty.missing.length + there.size).toBeGreaterThanOrEqual(due - 9)
      }),
      { numRuns: 150 },
    )
  })
})
