import { findAsset, LeakWatch, type TelemetryPlace, type TelemetryQuantity } from '@gastwin/analytics'
import { describe, expect, test } from 'vitest'
import { judgeIncidents } from './judge-incidents.ts'
import { type LeakScenario, simulateLeakScenario } from './leak-scenario.ts'
import { DAY_MS } from './scenario-plan.ts'

/** @param close what a person does, and when */
function watch(
  scenario: LeakScenario,
  until = Number.POSITIVE_INFINITY,
  close?: { readonly at: number; readonly stays: boolean },
): LeakWatch {
  const leakWatch = new LeakWatch(scenario.network)
  const places = new Map<string, TelemetryPlace | undefined>()
  let waiting = close
  for (const { arrives, time, asset, quantity, value } of scenario.rows) {
    if (arrives >= until) break
    if (waiting !== undefined && arrives >= waiting.at) {
      leakWatch.close(scenario.events[0]?.zone ?? '', waiting.at, waiting.stays)
      waiting = undefined
    }
    const key = `${asset} ${quantity}`
    if (!places.has(key)) places.set(key, findAsset(scenario.network, asset, quantity as TelemetryQuantity))
    const place = places.get(key)
    if (place !== undefined) leakWatch.observe(time, place, quantity as TelemetryQuantity, value)
  }
  return leakWatch
}

test('a rupture is confirmed by the first reports after it and placed within some hundred metres', () => {
  const scenario = simulateLeakScenario({
    seed: 7,
    days: 7,
    leak: { kind: 'rupture', growth: 'abrupt', share: 0.8, day: 6.3 },
    distractors: [],
  })
  const begin = scenario.events[0]?.started_at ?? 0
  // All inlets report; nothing that was measured after the break's own slot has arrived.
  const first = watch(scenario, begin + 301_000)
  const judged = judgeIncidents(scenario, first.incidents())
  expect(
    first
      .incidents()
      .filter((i) => i.detectedAt !== undefined)
      .map((i) => i.kind),
  ).toEqual(['rupture'])
  expect(judged.delayH).toBeLessThan(0.1)
  expect(judged.searchM, `rank ${judged.rank}`).toBeLessThan(800)
})

test('a leak of 10 % is found within a day, and nothing is found where there is none but a new consumer and a stuck sensor', () => {
  const plan = { seed: 5, days: 7, distractors: ['stuck', 'new_consumer'] } as const
  const leaky = simulateLeakScenario({
    ...plan,
    leak: { kind: 'leak', growth: 'abrupt', share: 0.1, day: 4.6 },
  })
  const judged = judgeIncidents(leaky, watch(leaky).incidents())
  expect(judged.found).toBe(true)
  expect(judged.delayH).toBeLessThan(24)
  expect(judged.sizeError).toBeLessThan(0.5)
  expect(judged.falseAlarms + judged.withdrawn).toBe(0)
  const quiet = simulateLeakScenario({ ...plan, leak: null })
  expect(
    watch(quiet)
      .incidents()
      .filter((incident) => incident.detectedAt !== undefined),
  ).toEqual([])
})

describe('a leak of 10 % that a person closes', () => {
  const plan = { seed: 5, days: 9, distractors: [] } as const
  const leak = { kind: 'leak', growth: 'abrupt', share: 0.1, day: 4.6 } as const
  const confirmedAfter = (scenario: LeakScenario, stays: boolean) => {
    const at = scenario.from + 6.5 * DAY_MS
    const incidents = watch(scenario, undefined, { at, stays }).incidents()
    expect(incidents.filter(({ state }) => state === 'closed').map(({ zone }) => zone)).toEqual([
      scenario.events[0]?.zone,
    ])
    return incidents.filter(({ detectedAt = 0 }) => detectedAt > at)
  }

  test('stays closed when it was repaired', () => {
    const repaired = simulateLeakScenario({ ...plan, leak: { ...leak, until: 6.4 } })
    expect(confirmedAfter(repaired, false)).toEqual([])
  })

  test('is found again within a day when it was said to be repaired and is not, and never again when its flow is taken for usual', () => {
    const goesOn = simulateLeakScenario({ ...plan, leak })
    const again = confirmedAfter(goesOn, false)
    expect(again.map(({ zone }) => zone)).toEqual([goesOn.events[0]?.zone])
    expect((again[0]?.detectedAt ?? 0) - goesOn.from).toBeLessThan(7.5 * DAY_MS)
    expect(confirmedAfter(goesOn, true)).toEqual([])
    // Ten seconds of a processor, on a machine that may have other work.
  }, 300_000)
})
