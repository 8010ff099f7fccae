import { expect, test } from 'vitest'
import { CityContext, reportOf } from '../testing/city-context.ts'
import { PressureLimitDetector } from './pressure-limit-detector.ts'

const START = Date.UTC(2026, 0, 5)
const LOW = 101_325 + 1500
const HIGH = 101_325 + 3000

/** Feeds one pressure a minute, Pa gauge; returns the minute, rule and activity of all that is told. */
function run(gauges: readonly number[], restartAfter = -1) {
  const context = new CityContext()
  context.addZone('Z')
  context.addRtu(0, { minPressure: LOW, maxPressure: HIGH })
  let detector = new PressureLimitDetector(context)
  return gauges.flatMap((gauge, minute) => {
    const told = detector.observe([reportOf(context, 0, START + minute * 60_000, { pressure_pa: 101_325 + gauge })])
    if (minute === restartAfter) {
      const saved = JSON.parse(JSON.stringify(detector.save()))
      detector = new PressureLimitDetector(context)
      detector.load(saved)
    }
    return told.map((d) => [minute, d.rule, d.active, (d.since - START) / 60_000] as const)
  })
}

test('a pressure beyond its limit is told after the on-delay, with the minute it began', () => {
  expect(run([2000, 1400, 1300, 1200])).toEqual([[2, 'pressure_low', true, 1]])
  expect(run([2000, 3100, 3200])).toEqual([[2, 'pressure_high', true, 1]])
})

test('one odd sample is not told', () => {
  expect(run([2000, 1400, 2000, 1400, 2000, 3300, 2000])).toEqual([])
})

test('it ends only when the pressure stays inside by the dead-band for the off-delay', () => {
  expect(run([1400, 1400, 1510, 1510, 1510, 1510, 1540, 1540, 1540])).toEqual([
    [1, 'pressure_low', true, 0],
    [8, 'pressure_low', false, 0],
  ])
})

test('a place without limits is never told', () => {
  const context = new CityContext()
  context.addRtu(-1)
  const detector = new PressureLimitDetector(context)
  for (const at of [START, START + 60_000, START + 120_000]) {
    expect(detector.observe([reportOf(context, 0, at, { pressure_pa: 0 })])).toEqual([])
  }
})

test('a restart from saved memory tells the same', () => {
  const gauges = [1400, 1400, 1510, 1540, 1540, 1540, 1540]
  for (let after = 0; after < gauges.length; after++) expect(run(gauges, after)).toEqual(run(gauges))
})
