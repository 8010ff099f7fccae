import { describe, expect, test } from 'vitest'
import { clockTolerance, DeviceClock } from './device-clock.ts'
import { reportSecond } from './peak-spreading.ts'
import { confirmableWaits, RETRY_RULE, runWaits } from './retry-rule.ts'
import { ValveActuator } from './valve-actuator.ts'

const clock = (s: number): string => new Date(s * 1000).toISOString().slice(11, 19)

describe('peak spreading', () => {
  test('meter 181702000027 with k = 2 and x = 20 reports at 00:54:20', () => {
    expect(clock(reportSecond(181_702_000_027, 20, { k: 2, baseS: 0 }))).toBe('00:54:20')
  })
  test('k = 3 keeps all hundred slots within the six hours of the reading window', () => {
    expect(clock(reportSecond(99, 0, { k: 3, baseS: 0 }))).toBe('04:57:00')
    expect(clock(reportSecond(100, 0, { k: 3, baseS: 3600 }))).toBe('01:00:00')
  })
})

describe('the retry rule of household meters', () => {
  test('waits 90 s before the one repeat of a run and transmits four times a day at most', () => {
    expect(runWaits(1)).toEqual([90_000, 90_000])
    expect(RETRY_RULE.runs * RETRY_RULE.sendsPerRun).toBe(4)
    expect(RETRY_RULE.pauseMs).toBe(15 * 60_000)
  })
  test('leaves the network real time to answer however fast the clock runs', () => {
    expect(runWaits(60)).toEqual([2000, 2000])
    expect(runWaits(3600)).toEqual([2000, 2000])
    expect(runWaits(10)).toEqual([9000, 9000])
  })
  test('other devices repeat four times with doubled waits', () => {
    expect(confirmableWaits(0)).toEqual([2000, 4000, 8000, 16_000, 32_000])
    expect(confirmableWaits(1)[0]).toBe(3000)
  })
})

describe('a device clock', () => {
  test('drifts by at most five minutes a year and is set by the service', () => {
    const year = 365.2425 * 86_400_000
    for (let device = 1; device < 300; device++) {
      const c = new DeviceClock(1, device, 0)
      expect(Math.abs(c.error(year) - c.error(0))).toBeLessThanOrEqual(300_000)
      c.set(year, year + 5, 0)
      expect(c.read(year)).toBe(year + 5)
    }
  })
  test('is left alone while it agrees within what the way of the answer explains', () => {
    const c = new DeviceClock(1, 7, 0)
    const before = c.error(1000)
    c.set(1000, 1000 + before + 500, clockTolerance(1))
    expect(c.error(1000)).toBe(before)
    c.set(1000, 61_000, clockTolerance(1))
    expect(c.error(1000)).toBe(60_000)
  })
})

describe('a valve actuator', () => {
  const close = (commandId: number) => ({ operation: 'close' as const, device: 5, commandId })
  const select = (commandId: number) => ({ operation: 'select' as const, device: 5, commandId })
  test('closes only after it was selected with the same command', () => {
    const v = new ValveActuator(5, true, 20, false)
    expect(v.handle(close(9), 0)).toMatchObject({ moves: false, reply: { accepted: false, position: 'open' } })
    expect(v.handle(select(9), 0).reply.accepted).toBe(true)
    expect(v.handle(close(8), 1).reply.accepted).toBe(false)
    expect(v.handle(close(9), 1)).toMatchObject({ moves: true, reply: { accepted: true, position: 'moving' } })
    expect(v.arrive()).toBe(true)
    expect(v.position).toBe('closed')
  })
  test('forgets a selection after a minute', () => {
    const v = new ValveActuator(5, true, 20, false)
    v.handle(select(1), 0)
    expect(v.handle(close(1), 60_001).reply.accepted).toBe(false)
  })
  test('moves once however often the command is repeated', () => {
    const v = new ValveActuator(5, true, 20, false)
    v.handle(select(1), 0)
    expect([v.handle(close(1), 0), v.handle(close(1), 1), v.handle(close(1), 2)].map((r) => r.moves)).toEqual([
      true,
      false,
      false,
    ])
  })
  test('a stuck spindle ends in an abnormal position, and another device is refused', () => {
    const v = new ValveActuator(5, true, 20, true)
    v.handle(select(1), 0)
    v.handle(close(1), 0)
    expect(v.arrive()).toBe(false)
    expect(v.position).toBe('abnormal')
    expect(v.handle({ ...select(2), device: 6 }, 0).reply.accepted).toBe(false)
  })
})
