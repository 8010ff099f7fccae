import { expect, test } from 'vitest'
import { scenarioMeters } from '../../../datasets/src/low-flow-scenarios/scenario.ts'
import { meterSize } from '../detectors/meter-size.table.ts'
import { standingRegister } from './dead-meter.ts'
import type { LowFlowFinding } from './finding.ts'
import { LowFlowFleet } from './low-flow-fleet.ts'
import { shippedUsualUse } from './usual-use-model.ts'
import { UsualUseNet } from './usual-use-net.ts'

const DAY = 86_400_000

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
const readings = meters
  .flatMap(({ series }, i) => Array.from(series.time, (at, k) => ({ i, at, value: series.value[k] as number })))
  .sort((a, b) => a.at - b.at)

const fleet = () =>
  new LowFlowFleet(() => ({
    ...{ home: true, cadence: 'hourly', stepM3: 0.1, size: meterSize('G2.5'), utcOffsetMs: () => 0 },
  }))
const isConstant = ({ kind }: LowFlowFinding) => kind === 'leak_behind_meter' || kind === 'flow_never_stops'

test('a leak is told soon after it begins with its flow, and is over after it ends', () => {
  const live = fleet()
  const told = new Map<number, LowFlowFinding>()
  for (const { i, at, value } of readings) {
    live.read(i, at, value)
    const found = live.lasting(i).find(isConstant)
    if (found !== undefined && !told.has(i)) told.set(i, found)
  }
  expect(told.size).toBeGreaterThanOrEqual(3)
  for (const [meter, { toldAt, flowM3H }] of told) {
    expect(meters[meter]?.customer.kind).toBe('gas_stove')
    const began = meters[meter]?.faultAt ?? 0
    expect(toldAt).toBeGreaterThan(began)
    expect(toldAt).toBeLessThan(began + 5 * DAY)
    expect(flowM3H?.p05).toBeLessThan(0.12)
    expect(flowM3H?.p95).toBeGreaterThan(0.12)
    expect(live.lasting(meter).some(isConstant)).toBe(false)
  }
})

test('a reading that comes late or twice changes nothing', () => {
  const [once, twice] = [fleet(), fleet()]
  readings.slice(0, 20_000).forEach(({ i, at, value }, k) => {
    once.read(i, at, value)
    twice.read(i, at, value)
    const before = readings[k - 40]
    if (before !== undefined) twice.read(before.i, before.at, before.value)
  })
  expect(twice.size).toBe(meters.length)
  for (const meter of meters.keys()) expect(twice.lasting(meter)).toEqual(once.lasting(meter))
})

test('a model that foretells worse shows it beside the one in use, and changes what is told only when it takes its place', () => {
  const shipped = shippedUsualUse()
  const foolish = { ...shipped, net: new UsualUseNet(new Float32Array(shipped.net.weights.length)) }
  const [alone, shadowed, replaced] = [fleet(), fleet(), fleet()]
  shadowed.use(shipped, foolish)
  expect(shadowed.fit).toBeUndefined()
  for (const [k, { i, at, value }] of readings.entries()) {
    for (const live of [alone, shadowed, replaced]) live.read(i, at, value)
    if (k === 10_000) replaced.use(foolish, undefined)
  }
  for (const meter of meters.keys()) expect(shadowed.lasting(meter)).toEqual(alone.lasting(meter))
  const { comparison } = shadowed
  expect(comparison?.shadowSurprise).toBeGreaterThan((comparison?.surprise ?? 9) + 0.1)
  expect(shadowed.fit?.surprise).toBe(comparison?.surprise)
  expect(shadowed.fit?.moved).toBeLessThan(replaced.fit?.moved ?? 0)
  expect(alone.comparison).toBeUndefined()
  expect(replaced.fit?.surprise).toBeGreaterThan(alone.fit?.surprise ?? 9)
})

test('a register that is read once a day is told when it stands, and for nothing else', () => {
  const time = Array.from({ length: 90 }, (_, day) => day * DAY)
  // From day 60 on it stands; before it uses gas all the time, as a boiler does.
  let value = 0
  const total = time.map((_, day) => {
    if (day < 60) value += 8 + (day % 3)
    return value
  })
  for (let day = 0; day < 60; day++)
    expect(standingRegister(time.slice(0, day + 1), total.slice(0, day + 1), true)).toBeUndefined()
  expect(standingRegister(time, total, true)).toMatchObject({ kind: 'dead_meter', since: 59 * DAY, until: null })
  expect(
    standingRegister(
      time,
      time.map((_, day) => 8 * day),
      true,
    ),
  ).toBeUndefined()
})
