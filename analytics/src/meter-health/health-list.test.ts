import { describe, expect, test } from 'vitest'
import { BatteryBook } from './battery-book.ts'
import { fleetHealth, type MeterState } from './health-list.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 5, 1)
const YEAR = 365.25 * DAY

const reading = (at: number, volt: number, more: object = {}) => ({
  ...{ at, volt, temperatureK: undefined, rsrpDbm: -100, low: false, ...more },
})

describe('voltages by the week', () => {
  test('give level, slope and traffic, in any order of reports', () => {
    const days = Array.from({ length: 56 }, (_, day) => reading(NOW - (55 - day) * DAY, 3.5 - (0.1 * day) / 365.25))
    const [forward, backward] = [new BatteryBook(1), new BatteryBook(1)]
    for (const one of days) forward.take(0, one)
    for (const one of days.toReversed()) backward.take(0, one)
    const view = forward.view(0)
    expect(view?.slope?.perYear).toBeCloseTo(-0.1, 2)
    expect(view?.reportsPerDay).toBeCloseTo(1, 1)
    expect(backward.view(0)?.slope?.perYear).toBeCloseTo(view?.slope?.perYear ?? 0, 3)
    expect(backward.view(0)?.volt).toBeCloseTo(view?.volt ?? 0, 4)
  })

  test('are compared at one temperature where the meter tells its own', () => {
    const [warm, cold] = [new BatteryBook(1), new BatteryBook(1)]
    warm.take(0, reading(NOW, 3.5))
    cold.take(0, reading(NOW, 3.46, { temperatureK: 273.15 }))
    expect(cold.view(0)?.volt).toBeCloseTo(warm.view(0)?.volt ?? 0, 5)
  })

  test('forget what is older than two months, and a low battery that was changed', () => {
    const book = new BatteryBook(2)
    book.take(0, reading(NOW - 80 * DAY, 3.5))
    book.take(1, reading(NOW - DAY, 3.05, { low: true }))
    expect(book.view(1)?.low).toBe(true)
    book.take(1, reading(NOW, 3.6))
    expect(book.view(0)).toBeUndefined()
    expect(book.view(1)?.low).toBe(false)
    book.take(0, reading(NOW - 80 * DAY, 3.5))
    expect(book.view(0)).toBeUndefined()
  })
})

describe('meters that are due', () => {
  const battery = { volt: 3.5, slope: undefined, reportsPerDay: 1, rsrpDbm: -100, low: false }
  const meter = (more: Partial<MeterState> = {}): MeterState => ({
    ...{ installedYear: 2022, maxFlowM3H: 4, battery, ...more },
  })
  // A fleet whose voltages fall by 0.03 V a year, so that forecasts have something to rest on.
  const fleet = Array.from({ length: 240 }, (_, i) =>
    meter({ installedYear: 2026 - (i % 8), battery: { ...battery, volt: 3.6 - 0.03 * (i % 8) } }),
  )

  test('are those whose battery ends within the time asked for, low ones at once, with reason and date', () => {
    const nearly = meter({ installedYear: 2019, battery: { ...battery, volt: 3.12 } })
    const low = meter({ battery: { ...battery, low: true } })
    const { due, decline, low: count } = fleetHealth([...fleet, nearly, low], NOW, YEAR)
    expect(decline?.perYear).toBeCloseTo(0.03, 2)
    expect(due.map(({ row, reasons }) => [row - fleet.length, reasons[0]?.reason])).toEqual([
      [1, 'battery_low'],
      [0, 'battery'],
    ])
    expect(due[0]?.reasons[0]?.dueAt).toBe(NOW)
    expect(due[1]?.reasons[0]?.dueAt).toBeGreaterThanOrEqual(NOW)
    expect(count).toBe(1)
  })

  test('are small meters past ten years, and those that will be; large ones and unknown years are not', () => {
    const asked = [
      meter({ installedYear: 2015 }),
      meter({ installedYear: 2016 }),
      meter({ installedYear: 2010, maxFlowM3H: 16 }),
      meter({ installedYear: 0 }),
      meter({ installedYear: 2020 }),
    ].map((one) => ({ ...one, battery: undefined }))
    const { due, overAge, withBattery } = fleetHealth(asked, NOW, YEAR)
    expect(due.map(({ row, reasons }) => [row, reasons[0]?.reason, reasons[0]?.dueAt])).toEqual([
      [0, 'over_age', Date.UTC(2026, 0, 1)],
      [1, 'over_age', Date.UTC(2027, 0, 1)],
    ])
    expect([overAge, withBattery]).toEqual([1, 0])
  })
})
