import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CityCalendar } from './city-day.ts'

const at = (iso: string) => Date.parse(iso)
const HOUR = 3_600_000

describe('a city day', () => {
  test('begins at local midnight', () => {
    const shanghai = new CityCalendar('Asia/Shanghai')
    expect(shanghai.dayStart(at('2026-11-21T15:59:59.999Z'))).toBe(at('2026-11-20T16:00:00Z'))
    expect(shanghai.dayStart(at('2026-11-21T16:00:00Z'))).toBe(at('2026-11-21T16:00:00Z'))
    expect(shanghai.dayName(at('2026-11-21T16:00:00Z'))).toBe('2026-11-22')
    expect(shanghai.hourOfDay(at('2026-11-21T16:30:00Z'))).toBe(0)
    expect(shanghai.weekday(at('2026-11-21T16:00:00Z'))).toBe(0)
    expect(shanghai.dayNumber(0)).toBe(0)
  })

  test('lasts 23 or 25 hours when clocks change', () => {
    const berlin = new CityCalendar('Europe/Berlin')
    const spring = at('2026-03-29T10:00:00Z')
    expect((berlin.nextDayStart(spring) - berlin.dayStart(spring)) / HOUR).toBe(23)
    const autumn = at('2026-10-25T10:00:00Z')
    expect((berlin.nextDayStart(autumn) - berlin.dayStart(autumn)) / HOUR).toBe(25)
    expect(berlin.hourOfDay(at('2026-10-25T00:30:00Z'))).toBe(2)
    expect(berlin.hourOfDay(at('2026-10-25T01:30:00Z'))).toBe(2)
  })

  test('begins at one o’clock where summer time skips midnight', () => {
    const beirut = new CityCalendar('Asia/Beirut')
    const start = beirut.dayStart(at('2024-03-31T10:00:00Z'))
    expect(start).toBe(at('2024-03-30T22:00:00Z'))
    expect(beirut.hourOfDay(start)).toBe(1)
    expect(beirut.hourOfDay(start - 1)).toBe(23)
  })

  test('knows zones off the whole hour', () => {
    const kolkata = new CityCalendar('Asia/Kolkata')
    expect(kolkata.dayStart(at('2026-01-01T18:30:00Z'))).toBe(at('2026-01-01T18:30:00Z'))
    const nepal = new CityCalendar('Asia/Kathmandu')
    expect(nepal.dayStart(at('2026-01-01T18:20:00Z'))).toBe(at('2026-01-01T18:15:00Z'))
  })

  test('belongs to a month of the local calendar', () => {
    const shanghai = new CityCalendar('Asia/Shanghai')
    const newYear = at('2025-12-31T16:00:00Z')
    expect(shanghai.monthStart(newYear + HOUR)).toBe(newYear)
    expect(shanghai.nextMonthStart(newYear + HOUR)).toBe(at('2026-01-31T16:00:00Z'))
    expect(shanghai.monthName(newYear - 1)).toBe('2025-12')
  })

  test('follows the one before without hole or overlap, in any zone', () => {
    const zone = fc.constantFrom(
      'Asia/Shanghai',
      'Europe/Berlin',
      'America/Havana',
      'Australia/Lord_Howe',
      'Asia/Beirut',
    )
    const instant = fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') })
    fc.assert(
      fc.property(zone, instant, (name, t) => {
        const calendar = new CityCalendar(name)
        const [begin, end] = [calendar.dayStart(t), calendar.nextDayStart(t)]
        expect(begin <= t && t < end).toBe(true)
        expect(calendar.dayStart(begin - 1)).toBeLessThan(begin)
        expect(calendar.nextDayStart(begin - 1)).toBe(begin)
        expect(calendar.dayNumber(end)).toBe(calendar.dayNumber(t) + 1)
        const hours = (end - begin) / HOUR
        expect([23, 23.5, 24, 24.5, 25]).toContain(hours)
      }),
      { numRuns: 100 },
    )
  })
})
