import { describe, expect, test } from 'vitest'
import type { Detection } from '../detection.ts'
import { CityContext, reportOf } from '../testing/city-context.ts'
import { takeOver } from '../testing/take-over.ts'
import { FleetWatchDetector } from './fleet-watch-detector.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 5)

function tickThrough(detector: FleetWatchDetector, from: number, to: number): Detection[] {
  const told: Detection[] = []
  for (let at = from; at <= to; at += MINUTE) told.push(...detector.tick(at))
  return told
}

describe('silence', () => {
  test('of an RTU is told after five missed minutes and ends with its next word', () => {
    const city = new CityContext()
    city.addZone('Z')
    city.addRtu(0)
    const detector = new FleetWatchDetector(city)
    detector.observe([reportOf(city, 0, START)])
    const told = tickThrough(detector, START, START + 10 * MINUTE)
    expect(told).toMatchObject([{ rule: 'silence', active: true, at: START + 6 * MINUTE, since: START, zone: 'Z' }])
    expect(detector.observe([reportOf(city, 0, START + 11 * MINUTE)])).toMatchObject([
      { rule: 'silence', active: false },
    ])
  })

  test('of meters follows their schedule: two reports and the grace', () => {
    const city = new CityContext()
    city.addMeter(-1, { every: 2 * HOUR })
    city.addMeter(-1)
    const detector = new FleetWatchDetector(city)
    detector.observe([reportOf(city, 0, START), reportOf(city, 1, START)])
    const told = tickThrough(detector, START, START + 3 * DAY).map((d) => [
      d.asset.id,
      Math.round((d.at - START) / HOUR),
    ])
    expect(told).toEqual([
      ['10000', 5],
      ['10001', 54],
    ])
  })

  test('of a device that was never heard counts from when it was first looked at', () => {
    const city = new CityContext()
    city.addRtu(-1)
    expect(tickThrough(new FleetWatchDetector(city), START, START + 20 * MINUTE)).toMatchObject([
      { at: START + 6 * MINUTE },
    ])
  })

  test('is not counted while the service itself was away', () => {
    const city = new CityContext()
    city.addMeter(-1)
    city.addRtu(-1)
    const detector = new FleetWatchDetector(city)
    detector.observe([reportOf(city, 0, START), reportOf(city, 1, START)])
    detector.tick(START + MINUTE)
    const later = takeOver(detector, new FleetWatchDetector(city))
    expect(tickThrough(later, START + 5 * DAY, START + 5 * DAY + 4 * MINUTE)).toEqual([])
    expect(tickThrough(later, START + 5 * DAY + 5 * MINUTE, START + 5 * DAY + 10 * MINUTE)).toMatchObject([
      { asset: { kind: 'rtu' } },
    ])
  })
})

describe('a radio cell', () => {
  function city() {
    const context = new CityContext()
    context.addZone('Z')
    for (let i = 0; i < 60; i++) context.addMeter(0)
    return context
  }
  /** 60 meters, half in cell 17; those of `silent` cells stop after day 3. */
  function run(silentFrom: number, silentTo: number, silentPci: number, days: number) {
    const context = city()
    const detector = new FleetWatchDetector(context)
    const told: Detection[] = []
    for (let minute = 0; minute < days * 1440; minute++) {
      const at = START + minute * MINUTE
      const slot = Math.floor((minute % 1440) / 6)
      if (minute % 6 === 0 && slot < 60) {
        const pci = slot % 2 === 0 ? 17 : 18
        const silent = pci === silentPci && minute >= silentFrom * 1440 && minute < silentTo * 1440
        if (!silent) told.push(...detector.observe([reportOf(context, slot, at, {}, { status: { pci } })]))
      }
      told.push(...detector.tick(at))
    }
    return told
  }

  test('is told when half of its meters missed one report, before they are silent one by one, and names itself in their silence', () => {
    const told = run(3, 6, 17, 8)
    const cell = told.filter((d) => d.rule === 'cell_offline')
    const silences = told.filter((d) => d.rule === 'silence' && d.active)
    expect(cell.map((d) => d.active)).toEqual([true, false])
    expect(cell[0]).toMatchObject({ asset: { kind: 'system', id: 'cell-Z-17' }, zone: 'Z', unit: '1' })
    expect((cell[0]?.at ?? 0) - START).toBeLessThan(3.5 * DAY)
    expect(silences).toHaveLength(30)
    expect(silences[0]?.at).toBeGreaterThan(cell[0]?.at ?? 0)
    const key = cell[0]?.evidence.find((fact) => fact.code === 'cell')?.value
    for (const silence of silences)
      expect(silence.evidence).toContainEqual(expect.objectContaining({ code: 'cell', value: key }))
  })

  test('with all its meters heard is not told', () => {
    expect(run(99, 99, 17, 4)).toEqual([])
  })
})

describe('radio and clock', () => {
  function reports(parts: readonly Parameters<typeof reportOf>[4][]) {
    const city = new CityContext()
    city.addMeter(-1)
    const detector = new FleetWatchDetector(city)
    return parts.flatMap((part, i) =>
      detector
        .observe([reportOf(city, 0, START + i * HOUR, {}, part)])
        .map((d) => [i, d.rule, d.active, d.unit] as const),
    )
  }
  const radio = (rsrpDbm: number, sinrDb: number) => ({ status: { rsrpDbm, sinrDb } })

  test('coverage is good strictly above −117.4 dBm and −3 dB; three reports in a row turn it', () => {
    expect(reports([radio(-117.4, 5), radio(-117.4, 5), radio(-117.4, 5)])).toEqual([[2, 'radio_poor', true, 'dBm']])
    expect(reports([radio(-100, -3), radio(-100, -3), radio(-100, -3)])).toEqual([[2, 'radio_poor', true, 'dB']])
    expect(reports([radio(-117.3, -2.9), radio(-117.3, -2.9), radio(-117.3, -2.9)])).toEqual([])
    expect(reports([radio(-130, 5), radio(-130, 5), radio(-90, 5), radio(-130, 5), radio(-130, 5)])).toEqual([])
    expect(reports([...Array(3).fill(radio(-130, 5)), ...Array(3).fill(radio(-90, 5))])).toEqual([
      [2, 'radio_poor', true, 'dBm'],
      [5, 'radio_poor', false, 'dB'],
    ])
  })

  test('a clock that is ahead twice is told; one that is behind as a repeated report is not', () => {
    const clock = (i: number, error: number) => ({ deviceTime: START + i * HOUR + error })
    expect(reports([clock(0, 6 * MINUTE), clock(1, 6 * MINUTE), clock(2, 0), clock(3, 0)])).toEqual([
      [1, 'clock_error', true, 's'],
      [3, 'clock_error', false, 's'],
    ])
    expect(reports([clock(0, -18 * MINUTE), clock(1, -18 * MINUTE), clock(2, -18 * MINUTE)])).toEqual([])
    expect(
      reports([
        { outcome: 'bad_clock', deviceTime: 0 },
        { outcome: 'bad_clock', deviceTime: 0 },
      ]),
    ).toMatchObject([[1, 'clock_error', true, 's']])
  })
})

test('a device costs 8 bytes', () => {
  expect(new FleetWatchDetector(new CityContext()).bytesPerDevice).toBe(8)
})
