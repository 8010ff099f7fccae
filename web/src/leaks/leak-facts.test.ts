import type { Alarm, Leak } from '@gastwin/server/contract'
import { describe, expect, test } from 'vitest'
import { en } from '../text/en/index.ts'
import { leakHeat, leakInPipe, leakOfAlarm, printOdds, proofsOf, sortLeaks } from './leak-facts.ts'

const leak = (id: string, state: Leak['state'], candidates: readonly (readonly [string, number])[]): Leak => ({
  id,
  kind: 'leak',
  state,
  zone: 'Z-1',
  suspected_at: 100 + Number(id.slice(2)),
  detected_at: null,
  started_at: Number(id.slice(2)),
  candidates: candidates.map(([pipe, probability]) => ({ pipe, probability, position: 0.5 })),
  standard_flow_m3_s: { p05: 0.01, p50: 0.02, p95: 0.03 },
  evidence: [],
  closed: null,
})
const NUMBERS = new Map([
  ['P-1', 0],
  ['P-2', 1],
  ['P-3', 2],
])
const alarm = (change: Partial<Alarm>) =>
  ({ rule: 'leak_located', asset: { kind: 'pipe', id: 'P-1' }, zone: 'Z-1', since: 5, ...change }) as Alarm

describe('the glow', () => {
  test('adds the probabilities of confirmed and located leaks, up to certainty', () => {
    const heat = leakHeat(
      [
        leak('L-1', 'located', [
          ['P-1', 0.7],
          ['P-2', 0.2],
        ]),
        leak('L-2', 'confirmed', [['P-1', 0.6]]),
      ],
      NUMBERS,
    )
    expect(heat.get(0)).toBe(1)
    expect(heat.get(1)).toBeCloseTo(0.2)
    expect(heat.has(2)).toBe(false)
  })

  test('leaves out what is suspected, isolated or over, pipes of another city, and specks', () => {
    for (const state of ['suspected', 'isolated', 'closed', 'dismissed'] as const)
      expect(leakHeat([leak('L-1', state, [['P-1', 0.9]])], NUMBERS).size).toBe(0)
    expect(
      leakHeat(
        [
          leak('L-1', 'located', [
            ['X', 0.9],
            ['P-3', 0.001],
          ]),
        ],
        NUMBERS,
      ).size,
    ).toBe(0)
  })
})

test('the list begins with what is located and ends with what is dismissed', () => {
  const all = (['dismissed', 'suspected', 'closed', 'located', 'isolated', 'confirmed'] as const).map((state, i) =>
    leak(`L-${i}`, state, []),
  )
  expect(sortLeaks(all).map(({ state }) => state)).toEqual([
    'located',
    'confirmed',
    'isolated',
    'suspected',
    'closed',
    'dismissed',
  ])
})

describe('an alarm leads to its leak', () => {
  const first = leak('L-5', 'located', [
    ['P-2', 0.6],
    ['P-1', 0.3],
  ])
  const second = leak('L-9', 'located', [['P-1', 0.9]])

  test('by the time it began, even when its pipe is no longer the most probable one', () => {
    expect(leakOfAlarm(alarm({}), [second, first])?.id).toBe('L-5')
    expect(leakOfAlarm(alarm({ since: 9 }), [second, first])?.id).toBe('L-9')
  })

  test('by its zone when it names no pipe; another rule leads to none', () => {
    expect(leakOfAlarm(alarm({ asset: { kind: 'zone', id: 'Z-1' }, since: 0 }), [first])?.id).toBe('L-5')
    expect(leakOfAlarm(alarm({ rule: 'pressure_low' }), [first])).toBeUndefined()
    expect(leakOfAlarm(alarm({ zone: 'Z-2', since: 0, asset: { kind: 'pipe', id: 'P-3' } }), [first])).toBeUndefined()
    expect(leakOfAlarm(undefined, [first])).toBeUndefined()
  })

  test('a pipe knows the most probable open leak in it', () => {
    expect(leakInPipe('P-1', [first, second])?.leak.id).toBe('L-9')
    expect(leakInPipe('P-1', [leak('L-1', 'closed', [['P-1', 1]])])).toBeUndefined()
  })
})

describe('the evidence', () => {
  test('says flows by the hour and odds as people do', () => {
    const shown = proofsOf(
      {
        ...leak('L-1', 'confirmed', []),
        evidence: [
          { code: 'flow_by_registers', value: 0.0021, unit: 'm3/s' },
          { code: 'odds', value: Math.log(1500), unit: '1' },
        ],
      },
      en,
    )
    expect(shown).toEqual([
      { name: 'Uncounted by the registers of homes', says: '7.56 m³/h' },
      { name: 'All together', says: '1\u00a0500 : 1 for a leak' },
    ])
  })

  test.each([
    [Math.log(3), '3.0 : 1 for a leak'],
    [-Math.log(40), '40 : 1 against a leak'],
    [40, 'more than 1\u00a0000\u00a0000 : 1 for a leak'],
    [0.1, 'neither for nor against'],
  ])('a logarithm of odds of %s is %s', (logOdds, words) => expect(printOdds(logOdds, en)).toBe(words))
})
