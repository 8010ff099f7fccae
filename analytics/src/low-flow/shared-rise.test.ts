import { describe, expect, test } from 'vitest'
import { scenarioMeters } from '../../../datasets/src/low-flow-scenarios/scenario.ts'
import type { Peers } from './customer-memory.ts'
import { type LowFlowSeries, scoreLowFlow } from './score-low-flow.ts'
import { FloorsHeard, SharedRise, sharedRise } from './shared-rise.ts'
import { injectLeak } from './testing/inject-leak.ts'

const town = (risen: number, heard: number): Peers => ({
  ...{ shift: 0, middle: 1, middleOfLevel: 1, floor: 1, flowM3H: 0.1 },
  ...{ risen, heard, asHigh: () => 0, restless: () => 0, restHeard: 0 },
})

describe('a rise that a part of the town shares', () => {
  test('is none while no more homes stand high than do on any day, fewer of few being chance', () => {
    expect(sharedRise(4, 100)).toBe(0)
    expect(sharedRise(1, 10)).toBe(0)
    expect(sharedRise(35, 100)).toBeGreaterThan(0.2)
  })

  test('leaves doubt while it is suspected, of a home of which nothing is known', () => {
    const home = new SharedRise()
    home.take(0, town(35, 100), false)
    expect(home.doubt).toBeGreaterThan(0.2)
    for (let part = 0; part < 30; part++) home.take(2, town(3, 100), true)
    expect(home.doubt).toBeGreaterThan(0.2)
    for (let part = 0; part < 30; part++) home.take(0, town(3, 100), false)
    expect(home.doubt).toBe(0)
  })

  test('leaves none of a home that was at rest in the cold days before', () => {
    const [cooking, heated] = [new SharedRise(), new SharedRise()]
    for (let part = 0; part < 15; part++) {
      cooking.take(0.2, town(35, 100), false)
      heated.take(2.2, town(35, 100), false)
    }
    expect(cooking.follows).toBeLessThan(0.05)
    expect(heated.follows).toBeGreaterThan(0.95)
    expect(cooking.doubt).toBeLessThan(0.03)
    expect(heated.doubt).toBeGreaterThan(0.2)
  })

  test('shows in two days together what no part of them shows', () => {
    const home = new SharedRise()
    for (let part = 0; part < 6; part++) home.take(0.5, town(13, 100), true)
    expect(home.lately).toBeGreaterThan(home.doubt)
  })
})

test('the share of floors above one leaves out the home that asks', () => {
  const floors = new FloorsHeard()
  for (const floor of [1, 2, 3, 4, 5]) floors.hear(floor)
  expect(floors.atLeast(3.9)).toBeCloseTo(0.4)
  expect(floors.atLeast(3.9, 5)).toBeCloseTo(0.25)
  expect(floors.atLeast(3.9, 1)).toBeCloseTo(0.5)
})

test('in a town where some homes are heated their first cold days are not told, a leak behind a cooker is', () => {
  const series = [
    ...scenarioMeters({
      ...{ seed: 780, meters: 90, days: 130, everyHours: 1, stepM3: 0.1, places: 3 },
      kinds: ['gas_stove', 'gas_water_heater', 'gas_boiler'],
    }),
  ]
    .filter(({ place }) => place === 0)
    .map(
      (meter): LowFlowSeries => ({
        ...{ id: meter.id, ...meter.series },
        plan: { home: true, cadence: 'hourly', stepM3: 0.1, size: undefined, utcOffsetMs: () => 0 },
      }),
    )
  const leaky = series
    .filter(({ id }) => id.startsWith('gas_stove'))
    .slice(0, 5)
    .flatMap((one, i) => injectLeak(one, 0.1, i) ?? [])
  const scores = scoreLowFlow([...series, ...leaky])
  const isTold = (kind: string) => kind === 'leak_behind_meter' || kind === 'flow_never_stops'
  const heated = scores.filter(({ id }) => id.startsWith('gas_boiler'))
  expect(heated.length).toBeGreaterThan(5)
  expect(heated.flatMap(({ findings }) => findings.filter(({ kind }) => isTold(kind)))).toEqual([])
  for (const [i, { findings }] of scores.slice(series.length).entries()) {
    const { leakFrom, leakTo } = leaky[i] as (typeof leaky)[number]
    expect(findings.some(({ toldAt }) => toldAt > leakFrom && toldAt < leakTo)).toBe(true)
  }
})
