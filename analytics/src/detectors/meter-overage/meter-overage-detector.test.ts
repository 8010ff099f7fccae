import { expect, test } from 'vitest'
import { CityContext } from '../testing/city-context.ts'
import { METER_OVERAGE_SETTINGS, MeterOverageDetector } from './meter-overage-detector.ts'

const AT = Date.UTC(2026, 5, 1)

test('small meters older than ten years are counted per zone, told once, and again only when the count changes', () => {
  const city = new CityContext()
  city.addZone('A')
  city.addZone('B')
  for (const year of [2015, 2014, 2016, 0]) city.addMeter(0, { year })
  city.addMeter(1, { year: 2000, size: 'G16' })
  city.addMeter(1, { year: 2000, size: 'G6' })
  const detector = new MeterOverageDetector(city, { ...METER_OVERAGE_SETTINGS, rowsPerTick: 4 })
  expect(detector.tick(AT)).toEqual([])
  expect(detector.tick(AT)).toMatchObject([
    { rule: 'meter_overage', asset: { kind: 'zone', id: 'A' }, value: 2, active: true },
    { asset: { id: 'B' }, value: 1 },
  ])
  const restored = new MeterOverageDetector(city)
  restored.load(JSON.parse(JSON.stringify(detector.save())))
  expect(restored.tick(AT)).toEqual([])
  expect(restored.tick(Date.UTC(2027, 0, 1))).toMatchObject([{ asset: { id: 'A' }, value: 3 }])
})
