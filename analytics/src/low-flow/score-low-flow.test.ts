import { expect, test } from 'vitest'
import type { CustomerKind } from '../../../datasets/src/low-flow-scenarios/customer.ts'
import { type ScenarioMeter, scenarioMeters } from '../../../datasets/src/low-flow-scenarios/scenario.ts'
import type { Fault } from '../../../datasets/src/low-flow-scenarios/simulated-meter.ts'
import { meterSize } from '../detectors/meter-size.table.ts'
import { type LowFlowSeries, scoreLowFlow } from './score-low-flow.ts'
import { leakTrial, rateUpperLimit, shareInterval } from './testing/leak-trial.ts'

function fleet(
  kinds: readonly CustomerKind[],
  everyHours: 1 | 24,
  stepM3: number,
  fault?: Partial<Fault> & Pick<Fault, 'kind'>,
  size?: string,
): readonly (LowFlowSeries & { readonly truth: ScenarioMeter })[] {
  const options = {
    seed: 5,
    meters: 24,
    days: 120,
    everyHours,
    kinds,
    stepM3,
    faultOf: () => (fault === undefined ? undefined : { fromHour: 60 * 24 + 5, toHour: 1e9, flowM3H: 0.05, ...fault }),
  }
  return [...scenarioMeters(options)].map((meter) => ({
    id: meter.id,
    ...meter.series,
    truth: meter,
    plan: {
      home: meter.customer.home,
      cadence: everyHours === 1 ? 'hourly' : 'daily',
      stepM3,
      size: size === undefined ? undefined : meterSize(size),
      utcOffsetMs: () => 0,
    },
  }))
}

test('leaks behind hourly registers of a litre are found within two days, and hardly anything else is told', () => {
  const trial = leakTrial(fleet(['gas_stove', 'gas_water_heater'], 1, 0.001), [0.02, 0.1], 2)
  expect(trial.foundInTime / trial.leaks).toBeGreaterThan(0.85)
  expect(trial.inInterval).toBeGreaterThan(0.8)
  expect(trial.findingsAtClean).toBeLessThanOrEqual(1)
})

test('a large leak behind daily registers of 0.1 m³ is found within two weeks', () => {
  const trial = leakTrial(fleet(['gas_stove', 'gas_water_heater'], 24, 0.1), [0.2], 5)
  expect(trial.foundAtAll / trial.leaks).toBeGreaterThan(0.8)
  expect(trial.findingsAtClean).toBeLessThanOrEqual(2)
})

test('meters that stopped are told with a probability, moving ones are not', () => {
  const stopped = scoreLowFlow(fleet(['gas_water_heater'], 24, 0.1, { kind: 'stopped' }))
  const dead = stopped.filter(({ findings }) => findings.some((f) => f.kind === 'dead_meter' && f.until === null))
  expect(dead.length).toBeGreaterThan(18)
  const sound = scoreLowFlow(fleet(['gas_water_heater'], 24, 0.1))
  expect(sound.filter(({ findings }) => findings.some((f) => f.kind === 'dead_meter')).length).toBeLessThanOrEqual(1)
})

test('a business meter whose largest hour is far below its range is too large', () => {
  const large = scoreLowFlow(fleet(['restaurant'], 1, 0.1, undefined, 'G6500'))
  expect(large.every(({ findings }) => findings.some((f) => f.kind === 'meter_too_large'))).toBe(true)
  const fitting = scoreLowFlow(fleet(['restaurant'], 1, 0.1, undefined, 'G40'))
  expect(fitting.filter(({ findings }) => findings.some((f) => f.kind === 'meter_too_large')).length).toBeLessThan(4)
})

test('same readings, same findings', () => {
  const meters = fleet(['gas_water_heater'], 1, 0.1, { kind: 'leak' })
  expect(scoreLowFlow(meters)).toEqual(scoreLowFlow(meters))
})

test('intervals of shares and rates hold what they should', () => {
  expect(shareInterval(0, 0)).toEqual([0, 1])
  expect(shareInterval(90, 100)[0]).toBeCloseTo(0.826, 2)
  expect(rateUpperLimit(0, 1000)).toBeCloseTo(3, 0)
})
