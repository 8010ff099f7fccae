import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ambientPressure,
  barFromPascal,
  kpaFromPascal,
  kpaGFromPascal,
  pascalFromBar,
  pascalFromKpa,
  pascalFromKpaG,
} from './pressure.ts'
import { celsiusFromKelvin, kelvinFromCelsius } from './temperature.ts'
import { conversionFactor, fromNormalM3, m3hFromM3s, m3sFromM3h } from './volume.ts'

describe('a conversion meets a number from elsewhere', () => {
  test.each([
    ['2 kPa gauge at sea level is 103 325 Pa', pascalFromKpaG(2, 101_325), 103_325],
    ['one standard atmosphere is 1.01325 bar', barFromPascal(101_325), 1.01325],
    ['14.695949 psi, one atmosphere, is 101.325 kPa', kpaFromPascal(14.695_949 * 6_894.757_293), 101.325],
    ['0.4 MPa gauge over 1.013 25 bar is 5.013 25 bar', barFromPascal(pascalFromKpaG(400, 101_325)), 5.01325],
    ['water boils at 373.15 K', kelvinFromCelsius(100), 373.15],
    ['−40 °C is −40 °F is 233.15 K', kelvinFromCelsius(-40), 233.15],
    ['body heat 310.15 K is 37 °C', celsiusFromKelvin(310.15), 37],
    ['2.5 m³/h is 0.694 444 L/s', m3sFromM3h(2.5) * 1000, 0.694_444],
    ['1 L/s is 3.6 m³/h', m3hFromM3s(0.001), 3.6],
    ['a meter at 5 °C counts 5.4 % too little', conversionFactor(101_325, 278.15), 1.0539],
    ['2 kPa over one atmosphere is 2.0 % more gas', conversionFactor(103_325, 293.15), 1.0197],
    ['the 273.15 K base shifts volumes by 7.3 %', fromNormalM3(1), 1.0732],
    ['a working m³ at 5 bar and Z = 0.99', conversionFactor(500_000, 293.15, 0.99), 4.98446],
  ])('%s', (_, actual, expected) => {
    expect(Math.abs(actual - expected)).toBeLessThan(5e-5 * Math.max(1, Math.abs(expected)))
  })
})

describe('the pressure of the air', () => {
  test.each([
    [0, 101_325],
    [500, 95_461],
    [1000, 89_874],
    [2000, 79_495],
    [-400, 106_223],
  ])('at %d m agrees with the tables of the standard atmosphere', (height, expected) => {
    expect(Math.abs(ambientPressure(height) - expected)).toBeLessThan(30)
  })

  test('follows the law of the document', () => {
    expect(ambientPressure(100, { law: 'linear', at_zero_pa: 101_000, slope_pa_per_m: -12 })).toBe(99_800)
    expect(ambientPressure(100, { law: 'constant', pressure_pa: 98_000 })).toBe(98_000)
  })
})

test('there and back gives the same number', () => {
  const number = fc.double({ min: -1e7, max: 1e7, noNaN: true })
  fc.assert(
    fc.property(number, (x) => {
      for (const [there, back] of [
        [kelvinFromCelsius, celsiusFromKelvin],
        [pascalFromBar, barFromPascal],
        [pascalFromKpa, kpaFromPascal],
        [m3sFromM3h, m3hFromM3s],
      ] as const)
        expect(back(there(x))).toBeCloseTo(x, 6)
      expect(kpaGFromPascal(pascalFromKpaG(x, 99_000), 99_000)).toBeCloseTo(x, 6)
    }),
    { numRuns: 50 },
  )
})
