import { beforeAll, describe, expect, test } from 'vitest'
import { explainGap, type GapExplanation } from './explain-gap.ts'
import { meterReplacements, replaceFirst } from './meter-replacement.ts'
import { METER_PRICES, replacementPrice } from './replacement-prices.ts'
import { scoreReplacements } from './testing/score-replacements.ts'
import { inventTown, type Town } from './testing/town-telemetry.ts'

describe('a price of a meter put in place', () => {
  test('is that of the first row for its class and size, and says whether anybody told it', () => {
    const own = [
      { home: true, nominalM3H: Number.POSITIVE_INFINITY, yuan: 300 },
      { home: false, nominalM3H: 10, yuan: 900 },
    ]
    expect(replacementPrice(own, { home: true, nominalM3H: 25 })).toEqual({ yuan: 300, assumed: false })
    expect(replacementPrice(own, { home: false, nominalM3H: 10 })).toEqual({ yuan: 900, assumed: false })
    expect(replacementPrice(own, { home: false, nominalM3H: 16 })).toBeUndefined()
    expect(replacementPrice([{ nominalM3H: 6, yuan: 200 }], { home: false, nominalM3H: 6 })?.yuan).toBe(200)
  })

  test('is known for every class and size without being told, as an assumption', () => {
    for (const home of [true, false])
      for (const nominalM3H of [1.6, 4, 6, 25, 400])
        expect(replacementPrice(METER_PRICES, { home, nominalM3H })).toMatchObject({ assumed: true })
  })
})

describe('which meters to replace first', () => {
  let town: Town
  let explained: GapExplanation
  beforeAll(() => {
    town = inventTown({ seed: 77, zones: 2, homes: 250, days: 35 })
    explained = explainGap(town.network, town.telemetry, { everyDays: 7 })
  })

  test('wins several times what replacing the oldest ones wins, and most intervals hold the truth', () => {
    const others = [78, 79].map((seed) => inventTown({ seed, zones: 2, homes: 250, days: 35 }))
    const scores = [
      scoreReplacements(town, explained),
      ...others.map((other) => scoreReplacements(other, explainGap(other.network, other.telemetry, { everyDays: 7 }))),
    ]
    const sum = (of: 'won' | 'oldest' | 'best') => scores.reduce((total, score) => total + score[of], 0)
    expect(sum('won')).toBeGreaterThan(1.5 * sum('oldest'))
    expect(sum('won')).toBeGreaterThan(0.4 * sum('best'))
    const held = scores.flatMap((score) => score.held)
    expect(held.filter((one) => one === 1).length).toBeGreaterThan(0.8 * held.length)
  })

  test('a business whose gas is dear comes earlier by yuan than by m³', () => {
    const tariff = { tiers: [{ fromM3: 0, price: 0.01 }], business: 50, purchase: 2 }
    const list = meterReplacements(town.network, explained.suspicions, 20, { tariff })
    const businesses = (by: 'm3' | 'yuan') =>
      replaceFirst(list, by, 10).filter(({ meter }) => {
        const row = town.network.meters.meterOf(meter)
        return explained.suspicions.some(({ meter: { register } }) => register.meter === row && !register.home)
      }).length
    expect(businesses('yuan')).toBe(10)
    expect(businesses('m3')).toBeLessThan(10)
  })

  test('dearer meters win less for each yuan and no other m³; a class without a price is not listed', () => {
    const plain = meterReplacements(town.network, explained.suspicions, 3000)
    const prices = METER_PRICES.filter(({ home }) => home === true).map((row) => ({ ...row, yuan: 2 * row.yuan }))
    const dear = new Map(
      meterReplacements(town.network, explained.suspicions, 3000, { prices }).map((one) => [one.meter, one]),
    )
    expect(dear.size).toBeGreaterThan(100)
    expect(dear.size).toBeLessThan(plain.length)
    for (const one of plain) {
      const other = dear.get(one.meter)
      if (other === undefined) continue
      expect(other.won_m3_per_year).toBe(one.won_m3_per_year)
      expect(other.m3_per_yuan).toBeCloseTo(one.m3_per_yuan / 2, 12)
      expect(other.won_m3_p05).toBeLessThan(other.won_m3_p95)
    }
  })
})
