import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BatteryView } from './battery-book.ts'
import { BATTERY_ASSUMPTIONS, batteryLife, fleetDecline, yearlyDrain } from './battery-life.ts'

const view = (more: Partial<BatteryView> = {}): BatteryView => ({
  ...{ volt: 3.4, slope: undefined, reportsPerDay: 1, rsrpDbm: -100, low: false, ...more },
})
const fleet = { perYear: 0.05, deviation: 0.005 }

describe('how long a battery lasts', () => {
  test('follows its voltage down to the empty one, at the decline of its like', () => {
    const life = batteryLife(view(), undefined, fleet)
    expect(life?.p50).toBeCloseTo(0.3 / 0.05, 6)
    expect(life?.p05).toBeLessThan(life?.p50 ?? 0)
    expect(life?.basis).toEqual(['fleet'])
    const steep = batteryLife(view({ slope: { perYear: -0.3, deviation: 0.01 } }), undefined, fleet)
    expect(steep?.p50).toBeLessThan(3)
    expect(steep?.basis).toEqual(['voltage', 'fleet'])
  })

  test('is nothing below the empty voltage, and little when the meter itself calls it low', () => {
    expect(batteryLife(view({ volt: 3.05 }), undefined, fleet)?.p50).toBe(0)
    const low = batteryLife(view({ low: true }), 3, fleet)
    expect(low?.p95).toBeLessThanOrEqual(0.25)
    expect(low?.basis).toContain('own_word')
    expect(batteryLife(view({ low: true }), undefined, undefined)?.basis).toEqual(['own_word'])
  })

  test('is not told from a voltage that does not fall, but then from what was drawn', () => {
    const flat = view({ slope: { perYear: 0.001, deviation: 0.02 } })
    expect(batteryLife(flat, undefined, undefined)).toBeUndefined()
    const reckoned = BATTERY_ASSUMPTIONS.capacityMah / yearlyDrain(flat)
    expect(batteryLife(flat, 4, undefined)).toMatchObject({ p50: expect.closeTo(reckoned - 4, 9), basis: ['charge'] })
  })

  test('is shorter the more it reports and the worse it is heard', () => {
    const years = (more: Partial<BatteryView>) =>
      batteryLife(view({ slope: undefined, ...more }), 2, undefined)?.p50 ?? 0
    expect(years({ reportsPerDay: 24 })).toBeLessThan(years({ reportsPerDay: 1 }))
    expect(years({ rsrpDbm: -122 })).toBeLessThan(years({ rsrpDbm: -110 }))
    expect(years({ rsrpDbm: -130 })).toBeLessThan(years({ rsrpDbm: -122 }))
    // At rest 20 µA all year: 175 mAh, as the scheme's own sum has it.
    expect(yearlyDrain({ reportsPerDay: 0, rsrpDbm: undefined })).toBeCloseTo(175.3, 1)
  })

  test('never ends before today nor out of order, whatever is told', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2, max: 4, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        fc.boolean(),
        (volt, perYear, age, low) => {
          const life = batteryLife(view({ volt, low, slope: { perYear, deviation: 0.02 } }), age, fleet)
          if (life === undefined) return
          expect(life.p05).toBeGreaterThanOrEqual(0)
          expect(life.p50).toBeGreaterThanOrEqual(life.p05)
          expect(life.p95).toBeGreaterThanOrEqual(life.p50)
        },
      ),
    )
  })
})

describe('the decline of a fleet', () => {
  const meters = (perYear: number) =>
    Array.from({ length: 300 }, (_, i) => ({
      age: (i % 12) + 0.3,
      volt: 3.6 - perYear * ((i % 12) + 0.3) - (0.05 * ((i * 7) % 11)) / 11,
    }))

  test('is read off the ages, and is not there where nothing falls', () => {
    expect(fleetDecline(meters(0.026))?.perYear).toBeCloseTo(0.026, 2)
    expect(fleetDecline(meters(-0.01))).toBeUndefined()
  })

  test('needs enough meters of enough ages', () => {
    expect(fleetDecline(meters(0.026).slice(0, 40))).toBeUndefined()
    expect(fleetDecline(meters(0.026).map((one) => ({ ...one, age: one.age % 3 })))).toBeUndefined()
  })
})
