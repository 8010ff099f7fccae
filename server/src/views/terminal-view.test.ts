import { buildNetwork, type Report, WALL_CLOCK } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { CityState } from '../pipeline/city-state.ts'
import { FIRST_METER, madeCity } from '../pipeline/testing/made-city.ts'
import { readingRates } from './reading-rate-view.ts'
import { proposeSpreading } from './spreading-view.ts'
import { cellCoverage, readingFaults } from './terminal-view.ts'

const DAY = 86_400_000
const METERS = 60
const MIDNIGHT = Date.parse('2026-03-15T00:00:00+08:00')
const WEAK = FIRST_METER + 3

/** A month in which all meters speak once a night, one of them from a cellar and every third night. */
function livedCity(): CityState {
  const city = new CityState(buildNetwork(madeCity(2, METERS / 2, 1)), WALL_CLOCK)
  let position = 0
  for (let day = 30; day >= 1; day--)
    for (let i = 0; i < METERS; i++) {
      const device = FIRST_METER + i
      const weak = device === WEAK
      if (weak && day % 3 !== 0) continue
      const at = MIDNIGHT - day * DAY + (i * 3 + (day % 2)) * 60_000
      const report: Report = {
        device,
        kind: 'meter',
        trigger: 'timed',
        deviceTime: at,
        sequence: 40 - day,
        readings: [{ quantity: 'index_m3', at, value: 100 - day }],
        events: [],
        status: { rsrpDbm: weak ? -126 : -95, sinrDb: weak ? -7 : 9, ecl: weak ? 2 : 0, pci: 1 + (i % 2) },
      }
      city.take([{ position: position++, receivedAt: at + 500, report, host: 'x' }], at + 500)
    }
  return city
}

describe('how a city of meters is heard', () => {
  const city = livedCity()
  const now = MIDNIGHT + 6 * 3_600_000

  test('the one in a cellar is found as a matter of radio, with what was measured', () => {
    const [first, ...others] = readingFaults(city, undefined, undefined, 10, now)
    expect(others).toEqual([])
    expect(first).toMatchObject({ class: 'radio', device: String(WEAK), pci: 2, zone: 'Z1' })
    const fact = (code: string) => first?.facts.find((f) => f.code === code)?.value
    expect([fact('rsrp'), fact('ecl'), fact('cell_rsrp')]).toEqual([-126, 2, -95])
    expect(readingFaults(city, 'Z2', undefined, 10, now)).toEqual([])
    expect(readingFaults(city, undefined, 'device', 10, now)).toEqual([])
  })

  test('cells are told with the share of meters that are heard well', () => {
    expect(cellCoverage(city, undefined, now)).toEqual([
      { pci: 2, meters: 30, good: 29, rsrp_dbm: -95, sinr_db: 9 },
      { pci: 1, meters: 30, good: 30, rsrp_dbm: -95, sinr_db: 9 },
    ])
  })

  test('a cell is spread by what was heard of it, and its way back after an outage is told', () => {
    const proposal = proposeSpreading(city, 1, 2)
    expect(proposal.meters).toBe(30)
    expect(proposal.groups.flatMap(({ meters }) => meters)).toHaveLength(30)
    expect(proposal.after.reduce((sum, n) => sum + n, 0)).toBe(30)
    expect(proposal.peak_after).toBeLessThanOrEqual(2)
    expect(proposal.outage.spread.peak_per_minute).toBeLessThan(proposal.outage.at_once.peak_per_minute)
    expect(() => proposeSpreading(city, 9, 2)).toThrow('cell 9')
  })

  test('rates add up by day, zone and medium, and a zone with a silent meter is not whole', () => {
    const [from, to] = [MIDNIGHT - 30 * DAY, MIDNIGHT]
    const byZone = readingRates(city, 'zone', from, to, undefined, now)
    expect(byZone.items.map(({ group, due, read }) => [group, due, read])).toEqual([
      ['Z1', 900, 880],
      ['Z2', 900, 900],
    ])
    expect(byZone.all).toMatchObject({ meters: METERS, due: 1800, read: 1780, success: 1780 / 1800, accuracy: 1 })
    const byDay = readingRates(city, 'day', from, to, 'Z1', now)
    expect(byDay.items).toHaveLength(30)
    expect(byDay.items.filter(({ completeness }) => completeness === 1)).toHaveLength(10)
    expect(readingRates(city, 'medium', from, to, undefined, now).items.map(({ group }) => group)).toEqual(['gas'])
    expect(() => readingRates(city, 'day', to, from, undefined, now)).toThrow('after')
    expect(() => readingRates(city, 'day', from - 90 * DAY, to, undefined, now)).toThrow('62')
  })
})
