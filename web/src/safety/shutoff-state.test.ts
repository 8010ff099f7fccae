import type { IsolationPlan, Shutoff } from '@gastwin/server/contract'
import { describe, expect, test } from 'vitest'
import { en } from '../text/en/index.ts'
import { comparePlans, requestBar, tagOf } from './shutoff-state.ts'

const valve = (id: string) => ({
  order: 1,
  valve: id,
  actuator: 'remote' as const,
  travel_minutes: 0.5,
  position: 'open',
  lon: 0,
  lat: 0,
})
const plan = (change: Partial<IsolationPlan> = {}): IsolationPlan => ({
  edge: 'P-1',
  made_at: 0,
  hash: 'a',
  feasible: true,
  reason: null,
  close: [valve('V-1'), valve('V-2')],
  cut_off: { pipes: ['P-1'], nodes: 2, meters: 40, commercial: 0, industrial: 0, protected: [], demand_m3_s: null },
  gas_to_vent_m3: 1,
  lowest_pressure: null,
  minutes_total: 1,
  ...change,
})
const progress = (valve: string, state: 'waiting' | 'sent' | 'accepted' | 'closed' | 'failed') => ({
  valve,
  state,
  sent_at: 0,
  accepted_at: null,
  confirmed_at: null,
  tries: 1,
  error: null,
})

test('a valve that was only sent or accepted does not count as closed', () => {
  const shutoff = {
    state: 'closing',
    valves: [progress('V-1', 'closed'), progress('V-2', 'sent'), progress('V-3', 'accepted')],
  } as unknown as Shutoff
  expect(tagOf(shutoff, en)).toBe('CLOSING 1 OF 3')
})

describe('requesting', () => {
  const fine = { live: true, role: 'dispatcher', plan: plan(), stale: false, running: false, reason: 'dug up' }

  test('is possible when everything is in order', () => {
    expect(requestBar(fine)).toBeUndefined()
  })

  test.each([
    ['offline', { live: false }],
    ['role', { role: 'viewer' }],
    ['role', { role: undefined }],
    ['infeasible', { plan: plan({ feasible: false }) }],
    ['infeasible', { plan: plan({ close: [] }) }],
    ['stale', { stale: true }],
    ['running', { running: true }],
    ['reason', { reason: ' ab ' }],
  ] as const)('is barred: %s', (bar, change) => {
    expect(requestBar({ ...fine, ...change })).toBe(bar)
  })
})

test('the second person sees what changed since the request', () => {
  expect(comparePlans(plan(), plan())).toBeUndefined()
  const fresh = plan({ hash: 'b', close: [valve('V-1'), valve('V-9')], cut_off: { ...plan().cut_off, meters: 55 } })
  expect(comparePlans(plan(), fresh)).toEqual({
    valvesBefore: 'V-1, V-2',
    valvesAfter: 'V-1, V-9',
    customersBefore: 40,
    customersAfter: 55,
  })
})
