import type { Report } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import type { KnownFitting } from './fitting.ts'
import { MeterBook } from './meter-book.ts'

const NOON = Date.UTC(2026, 2, 29, 12)
const HOUR = 3_600_000

function fitting(since: number, more: Partial<KnownFitting> = {}): KnownFitting {
  return {
    ...{ point: 100, device: 200, before: 100, fitted_at: NOON, quantity: 'index_m3', old_end_m3: 51, new_begin_m3: 1 },
    ...{ offset_m3: 50, by: 'anna', reason: 'ten years old', since },
    ...more,
  }
}

function report(device: number, at: number, register: number): Report {
  return {
    ...{ device, kind: 'meter', trigger: 'timed', deviceTime: at, sequence: 1, events: [], status: {} },
    readings: [{ quantity: 'index_m3', at, value: register }],
  }
}

const registerOf = (said: Report | undefined) => said?.readings.map(({ value }) => value)

describe('a meter that was changed', () => {
  test('counts on at its point where the one before ended', () => {
    const book = new MeterBook([fitting(10)])
    const said = book.atPoint(report(200, NOON + HOUR, 3.5), 11, NOON + HOUR)
    expect(said?.device).toBe(100)
    expect(registerOf(said)).toEqual([53.5])
  })

  test('leaves readings from before it was fitted, and its settlement day, behind', () => {
    const book = new MeterBook([fitting(10)])
    const said = report(200, NOON + HOUR, 3.5)
    const readings = [
      { quantity: 'index_m3', at: NOON - HOUR, value: 1 },
      { quantity: 'settlement_index_m3', at: NOON + HOUR, value: 1 },
      ...said.readings,
    ] as const
    expect(registerOf(book.atPoint({ ...said, readings }, 11, NOON + HOUR))).toEqual([53.5])
  })

  test('holds from its place in the log on, so that records before it are read as they were', () => {
    const book = new MeterBook([fitting(10)])
    expect(book.atPoint(report(100, NOON, 50.9), 9, NOON)?.device).toBe(100)
    expect(book.atPoint(report(200, NOON, 1), 9, NOON)?.device).toBe(200)
    expect(book.atPoint(report(100, NOON, 50.9), 11, NOON)).toBeUndefined()
  })

  test('may be changed again, and the first may come back', () => {
    const book = new MeterBook([
      fitting(10),
      fitting(20, { device: 300, before: 200, offset_m3: 70 }),
      fitting(30, { device: 100, before: 300, offset_m3: 40 }),
    ])
    const registers = [12, 22, 32].map((position) =>
      [100, 200, 300].map((device) => registerOf(book.atPoint(report(device, NOON + HOUR, 5), position, NOON + HOUR))),
    )
    expect(registers).toEqual([
      // The third was never at this point: it is a stranger under its own number until it is fitted.
      [undefined, [55], [5]],
      [undefined, undefined, [75]],
      [[45], undefined, undefined],
    ])
    expect([book.deviceAt(100), book.pointOf(100), book.pointOf(200)]).toEqual([100, 100, undefined])
  })

  test('may be taken to another point', () => {
    const book = new MeterBook([fitting(10), fitting(20, { point: 400, device: 100, before: 400, offset_m3: 7 })])
    const moved = book.atPoint(report(100, NOON + HOUR, 60), 21, NOON + HOUR)
    expect([moved?.device, registerOf(moved)]).toEqual([400, [67]])
    expect([book.deviceAt(400), book.pointOf(100), book.deviceAt(100)]).toEqual([100, 400, 200])
  })

  test('is known once however often its record is read', () => {
    const book = new MeterBook([fitting(10)])
    book.hold(fitting(10))
    expect(book.fittings.length).toBe(1)
  })
})

test('a device that stands where it always stood comes back as it is', () => {
  const said = report(500, NOON, 1)
  expect(new MeterBook([fitting(10)]).atPoint(said, 99, NOON)).toBe(said)
})
