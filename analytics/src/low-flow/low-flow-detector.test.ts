import { expect, test } from 'vitest'
import { scenarioMeters } from '../../../datasets/src/low-flow-scenarios/scenario.ts'
import type { Detection } from '../detectors/detection.ts'
import { CityContext, reportOf } from '../detectors/testing/city-context.ts'
import { LowFlowDetector } from './low-flow-detector.ts'

const DAY = 86_400_000

function live(restartAt?: number): readonly (Detection & { readonly slot: number })[] {
  const city = new CityContext()
  city.utcOffset = 0
  const zone = city.addZone('Z')
  const meters = [
    ...scenarioMeters({
      seed: 8,
      meters: 12,
      days: 110,
      everyHours: 1,
      kinds: ['gas_stove', 'gas_water_heater'],
      stepM3: 0.1,
      faultOf: (_, { kind }) =>
        kind === 'gas_stove' ? { kind: 'leak', fromHour: 70 * 24, toHour: 90 * 24, flowM3H: 0.12 } : undefined,
    }),
  ]
  const slots = meters.map(() => city.addMeter(zone, { every: 3_600_000 }))
  let detector = new LowFlowDetector(city)
  const told: (Detection & { slot: number })[] = []
  const readings = meters
    .flatMap(({ series }, i) => Array.from(series.time, (at, k) => ({ i, at, value: series.value[k] as number })))
    .sort((a, b) => a.at - b.at)
  const begin = readings[0]?.at ?? 0
  let restarted = restartAt === undefined
  for (const { i, at, value } of readings) {
    if (!restarted && at > begin + (restartAt ?? 0)) {
      restarted = true
      const saved = JSON.parse(JSON.stringify(detector.save()))
      detector = new LowFlowDetector(city)
      detector.load(saved)
    }
    const slot = slots[i] as number
    for (const one of detector.observe([reportOf(city, slot, at, { index_m3: value })])) told.push({ ...one, slot: i })
  }
  return told
}

test('a leak is told soon after it begins, over after it ends, and nothing of it is lost in a restart', () => {
  const told = live().filter(({ rule }) => rule === 'prolonged_small_flow')
  const leaky = new Set(told.filter(({ active }) => active).map(({ slot }) => slot))
  expect(leaky.size).toBeGreaterThanOrEqual(3)
  for (const slot of leaky) expect(told.filter((one) => one.slot === slot).at(-1)?.active).toBe(false)
  const restarted = live(80 * DAY).filter(({ rule }) => rule === 'prolonged_small_flow')
  expect(new Set(restarted.filter(({ active }) => active).map(({ slot }) => slot))).toEqual(leaky)
})
