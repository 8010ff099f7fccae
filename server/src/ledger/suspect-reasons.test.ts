import type { LowFlowFinding } from '@gastwin/analytics'
import { describe, expect, test } from 'vitest'
import { SUSPECT_FACTS, type SuspectReason } from '../contract/index.ts'
import { lowFlowReasons, mergeReasons, risenReason } from './suspect-reasons.ts'

const finding = (kind: LowFlowFinding['kind'], more: Partial<LowFlowFinding> = {}): LowFlowFinding => ({
  ...{ kind, since: 1000, until: null, toldAt: 2000, flowM3H: { p05: 0.01, p50: 0.02, p95: 0.04 }, probability: 0.9 },
  ...{ explanation: '', ...more },
})
const reason = (kind: SuspectReason['kind'], probability: number, code: string): SuspectReason => ({
  ...{ kind, probability, since: null, m3_per_day: null },
  facts: [{ code, value: null, unit: '1', at: null }],
})

describe('what the walk over a register tells', () => {
  test('becomes a reason with its size by the day, while it lasts', () => {
    const [leak] = lowFlowReasons([finding('leak_behind_meter')], true)
    expect(leak).toMatchObject({ kind: 'leak_behind_meter', probability: 0.9, since: 1000 })
    expect(leak?.m3_per_day?.p50).toBeCloseTo(0.48, 9)
    expect(lowFlowReasons([finding('leak_behind_meter', { until: 3000 })], true)).toEqual([])
    expect(lowFlowReasons([finding('over_flow')], true)).toEqual([])
  })

  test('is not held against businesses where it is their business: flames that burn all night', () => {
    expect(lowFlowReasons([finding('flow_never_stops'), finding('night_flow')], false)).toEqual([])
    const kinds = lowFlowReasons([finding('dead_meter'), finding('meter_too_large')], false).map(({ kind }) => kind)
    expect(kinds).toEqual(['stopped', 'oversized'])
  })

  test('uses no word that the contract does not know', () => {
    const all = [
      ...lowFlowReasons(
        (['leak_behind_meter', 'night_flow', 'prolonged_small_flow', 'dead_meter', 'meter_too_large'] as const).map(
          (kind) => finding(kind),
        ),
        true,
      ),
      risenReason({ day: 3, m3PerDay: { p05: 0.2, p50: 0.5, p95: 0.8 }, strength: 6, chance: 0.6 }, 0),
    ]
    for (const { code } of all.flatMap(({ facts }) => facts)) expect(SUSPECT_FACTS).toContain(code)
  })
})

describe('reasons of one meter', () => {
  test('stand with the best supported first, one of each kind', () => {
    const merged = mergeReasons([
      reason('theft', 0.3, 'drop'),
      reason('stopped', 0.5, 'stands_still'),
      reason('oversized', 0.1, 'utilisation'),
    ])
    expect(merged.map(({ kind }) => kind)).toEqual(['stopped', 'theft', 'oversized'])
  })

  test('of one kind are one: the more probable, with the facts of both and the date that one of them has', () => {
    const dated = { ...reason('stopped', 0.4, 'longer_than_its_pauses'), since: 77 }
    for (const order of [
      [dated, reason('stopped', 0.6, 'stands_still')],
      [reason('stopped', 0.6, 'stands_still'), dated],
    ]) {
      const [one, ...others] = mergeReasons(order)
      expect(others).toEqual([])
      expect(one).toMatchObject({ probability: 0.6, since: 77 })
      expect(one?.facts.map(({ code }) => code)).toEqual(['stands_still', 'longer_than_its_pauses'])
    }
  })
})
