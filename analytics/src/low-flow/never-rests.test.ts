import { expect, test } from 'vitest'
import { scenarioMeters } from '../../../datasets/src/low-flow-scenarios/scenario.ts'
import { type LowFlowSeries, scoreLowFlow } from './score-low-flow.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const NEVER = /never rested as its peers/
const PLAN = { home: true, cadence: 'hourly', stepM3: 0.1, size: undefined, utcOffsetMs: () => 0 } as const

const town: LowFlowSeries[] = [
  ...scenarioMeters({
    seed: 12,
    meters: 40,
    days: 50,
    everyHours: 1,
    kinds: ['gas_water_heater'],
    stepM3: 0.1,
    places: 1,
  }),
].map(({ id, series }) => ({ id, ...series, plan: PLAN }))

/** A flow from before the first reading to an hour of the record. */
const flowing = (one: LowFlowSeries, flowM3H: number, untilH = Number.POSITIVE_INFINITY): LowFlowSeries => ({
  ...one,
  value: Array.from(one.value as ArrayLike<number>, (v, i) => {
    const hours = Math.min(untilH, ((one.time[i] as number) - (one.time[0] as number)) / HOUR)
    return v + Math.floor((flowM3H * hours) / 0.1) * 0.1
  }),
})
const never = (series: readonly LowFlowSeries[]) =>
  scoreLowFlow(series).flatMap(({ id, findings }) =>
    findings.filter(({ explanation }) => NEVER.test(explanation)).map((finding) => ({ id, finding })),
  )

test('a register that has never rested since its first reading is told after thirty days, with the flow, where its peers have rested', () => {
  const told = never(town.map((one, i) => (i === 7 ? flowing(one, 0.035) : one)))
  expect(told).toHaveLength(1)
  const { id, finding } = told[0] as (typeof told)[number]
  const { time } = town[7] as LowFlowSeries
  expect(id).toBe(town[7]?.id)
  expect(finding).toMatchObject({ kind: 'flow_never_stops', until: null })
  expect(Math.abs(finding.since - (time[0] as number))).toBeLessThan(DAY / 2)
  expect((finding.toldAt - (time[0] as number)) / DAY).toBeGreaterThan(29)
  expect((finding.toldAt - (time[0] as number)) / DAY).toBeLessThan(38)
  expect(finding.flowM3H?.p05).toBeLessThan(0.035)
  expect(finding.flowM3H?.p95).toBeGreaterThan(0.035)
})

test('it is over when the register rests, and is told of no meter when many never rest', () => {
  const [ended] = never(town.map((one, i) => (i === 7 ? flowing(one, 0.035, 40 * 24) : one)))
  expect((((ended?.finding.until ?? 0) - (town[7]?.time[0] as number)) / DAY).toFixed(0)).toMatch(/40|41/)
  expect(never(town.map((one, i) => (i % 4 === 0 ? flowing(one, 0.035) : one)))).toEqual([])
})
