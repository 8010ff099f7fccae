import { describe, expect, test } from 'vitest'
import { printMeasure, printNumber, printPercent, printShare, printSigned, printTicks } from './numbers.ts'
import { printDuration, printInstant, printTick, printTime, ticksBetween } from './time.ts'
import { diameterMm, flowM3H, pressureKpaG, temperatureC } from './units.ts'

describe('units', () => {
  test('absolute pressure becomes gauge pressure', () => {
    expect(pressureKpaG(101_325)).toBe(0)
    expect(pressureKpaG(103_325)).toBe(2)
    expect(pressureKpaG(301_325)).toBe(200)
  })

  test('flow, temperature and diameter', () => {
    expect(flowM3H(114.6833)).toBeCloseTo(412_860, 0)
    expect(temperatureC(293.15)).toBeCloseTo(20, 10)
    expect(diameterMm(0.2)).toBe(200)
  })
})

describe('numbers', () => {
  test('thin spaces group, a true minus leads, and nothing is written as a dash', () => {
    expect(printNumber(412_860)).toBe('412\u00a0860')
    expect(printNumber(-3.94, 1)).toBe('\u22123.9')
    expect(printNumber(null)).toBe('–')
    expect(printNumber(Number.NaN)).toBe('–')
  })

  test('a value that rounds to zero carries no sign', () => {
    expect(printNumber(-0.04, 1)).toBe('0.0')
    expect(printSigned(0.04, 1)).toBe('0.0')
    expect(printSigned(8.44, 1)).toBe('+8.4')
    expect(printSigned(-3.9, 1)).toBe('\u22123.9')
  })

  test('measures keep about three digits', () => {
    expect([0.824, 2.305, 23.06, 230.6].map(printMeasure)).toEqual(['0.82', '2.31', '23.1', '231'])
  })

  test('no two ticks of an axis read the same', () => {
    expect(printTicks([2.3, 2.305, 2.31])).toEqual(['2.300', '2.305', '2.310'])
    expect(printTicks([201.5, 202, 202.5])).toEqual(['201.5', '202.0', '202.5'])
    expect(printTicks([1, 1.25, 1.5])).toEqual(['1.00', '1.25', '1.50'])
    expect(printTicks([0, 500, 1000])).toEqual(['0', '500', '1\u00a0000'])
    expect(printTicks([0, 0.1, 0.2])).toEqual(['0.0', '0.1', '0.2'])
  })

  test('percent of a rate', () => {
    expect(printPercent(0.047)).toBe('4.7')
    expect(printPercent(null)).toBe('–')
  })

  test('1 210 of 1 216 is 99.51 %, and only all of them are 100 %', () => {
    expect(printShare(1210, 1216)).toBe('1\u00a0210 / 1\u00a0216 · 99.51\u00a0%')
    expect(printShare(1216, 1216)).toContain('100\u00a0%')
    expect(printShare(999_999, 1_000_000)).toContain('99.99\u00a0%')
    expect(printShare(0, 0)).toBe('0 / 0')
  })
})

describe('time', () => {
  const at = Date.parse('2026-11-20T06:53:04Z')

  test('an instant is printed in the city, 24 h, with its offset', () => {
    expect(printInstant(at, 'Asia/Shanghai')).toBe('2026-11-20 14:53:04 +08:00')
    expect(printInstant(at, 'America/St_Johns')).toBe('2026-11-20 03:23:04 \u221203:30')
    expect(printInstant(null, 'Asia/Shanghai')).toBe('–')
  })

  test('midnight is 00, not 24', () => {
    expect(printTime(Date.parse('2026-11-19T16:00:00Z'), 'Asia/Shanghai')).toBe('00:00:00')
  })

  test('another day shows its date', () => {
    expect(printTime(at, 'Asia/Shanghai', at + 3_600_000)).toBe('14:53:04')
    expect(printTime(at, 'Asia/Shanghai', at + 86_400_000)).toBe('11-20 14:53')
  })

  test('the same wall hour twice in autumn carries two offsets', () => {
    expect(printInstant(Date.parse('2026-10-25T00:30:00Z'), 'Europe/Berlin')).toBe('2026-10-25 02:30:00 +02:00')
    expect(printInstant(Date.parse('2026-10-25T01:30:00Z'), 'Europe/Berlin')).toBe('2026-10-25 02:30:00 +01:00')
  })

  test('an axis shows 24 h clocks, and the date at midnight', () => {
    expect(printTick(at, 'Asia/Shanghai', 3_600_000)).toBe('14:53')
    expect(printTick(Date.parse('2026-11-19T16:00:00Z'), 'Asia/Shanghai', 3_600_000)).toBe('11-20')
  })

  test('ticks stand at round hours of the city, not of UTC', () => {
    const { ticks, stepMs } = ticksBetween(at - 86_400_000, at, 'Asia/Kolkata', 9)
    expect(stepMs).toBe(3 * 3_600_000)
    expect(ticks.map((tick) => printTime(tick, 'Asia/Kolkata').slice(3))).toEqual(ticks.map(() => '00:00'))
    expect(ticks.length).toBe(8)
  })

  test('durations take at most two units', () => {
    const words = { s: 's', min: 'min', h: 'h', d: 'd' }
    const print = (s: number) => printDuration(s * 1000, words).replaceAll('\u00a0', ' ')
    expect([4, 119, 1320, 4320, 7200, 273_600].map(print)).toEqual([
      '4 s',
      '119 s',
      '22 min',
      '1 h 12 min',
      '2 h',
      '3 d 4 h',
    ])
    expect(print(-5)).toBe('0 s')
  })
})
