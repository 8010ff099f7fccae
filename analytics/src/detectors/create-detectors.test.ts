import { expect, test } from 'vitest'
import { createDetectors, DETECTOR_DEFAULTS } from './create-detectors.ts'
import type { Detector } from './detection.ts'
import { meterSize } from './meter-size.table.ts'
import { CityContext, reportOf } from './testing/city-context.ts'
import { takeOver } from './testing/take-over.ts'

const START = Date.UTC(2026, 0, 5)

test('all detectors have their own names, and another set takes over their memories', () => {
  const city = new CityContext()
  city.addZone('Z')
  city.addInlet(0, city.addRtu(0, { minPressure: 102_000 }))
  city.addMeter(0)
  const first = createDetectors(city)
  expect(new Set(first.map((detector) => detector.name)).size).toBe(first.length)
  for (let minute = 0; minute < 30; minute++) {
    const at = START + minute * 60_000
    const batch = [
      reportOf(city, 0, at, { pressure_pa: 103_000, standard_flow_m3_s: 1 }),
      reportOf(city, 1, at, { index_m3: minute }),
    ]
    for (const detector of first) detector.observe(batch, at)
    for (const detector of first) detector.tick(at)
  }
  const second = createDetectors(city)
  for (const [i, detector] of second.entries()) {
    const before = first[i]
    if (before === undefined) throw new Error('another number of detectors')
    takeOver(before, detector)
    expect(detector.save()).toEqual(before.save())
    const told = (of: Detector) => of.rows?.rowColumns().map((column) => [column.name, column.array()])
    expect(told(detector)).toEqual(told(before))
  }
})

test('one threshold can be set without naming the others', () => {
  const city = new CityContext()
  city.addRtu(-1)
  const detectors = createDetectors(city, { gas: { ...DETECTOR_DEFAULTS.gas, warn: 0.1 } })
  const told = detectors.flatMap((detector) => detector.observe([reportOf(city, 0, START, { gas_lel: 0.12 })], START))
  expect(told).toMatchObject([{ rule: 'gas_detected', limit: 0.1 }])
})

test('a size beyond the table has the ratios of its neighbours, an unknown one those of a home', () => {
  expect(meterSize('G4')).toMatchObject({ maxM3H: 6, minimumM3H: 0.04, startingM3H: 0.005, overFlowM3H: 7.3 })
  expect(meterSize('G100')).toMatchObject({ nominalM3H: 100, maxM3H: 160, minimumM3H: 1, overFlowM3H: 180 })
  expect(meterSize('?')).toMatchObject({ name: 'G2.5' })
})
