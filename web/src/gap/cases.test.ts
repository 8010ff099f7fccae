import {
  type MetersHealth,
  type Models,
  SUSPECT_CAUSES,
  SUSPECT_STATES,
  type SuspectCase,
} from '@gastwin/server/contract'
import { describe, expect, test } from 'vitest'
import { en } from '../text/en/index.ts'
import { zh } from '../text/zh/index.ts'
import { caseWords } from './case-part.tsx'
import { dueCsv } from './due-table.tsx'
import { summaryOf } from './models-line.tsx'

const known = (more: Partial<SuspectCase>): SuspectCase => ({
  ...{ state: 'new', at: null, user: null, found: null, note: null, again: false, ...more },
})

describe('a case', () => {
  test('has words for every state and finding, in both languages', () => {
    for (const { gap } of [en, zh]) {
      expect(Object.keys(gap.cases.states).sort()).toEqual([...SUSPECT_STATES].sort())
      expect(Object.keys(gap.cases.found).sort()).toEqual([...SUSPECT_CAUSES].sort())
    }
  })

  test('says what was found, also when it came back', () => {
    expect(caseWords(known({}), en)).toBe('new')
    expect(caseWords(known({ state: 'closed', found: 'theft' }), en)).toBe('closed · theft')
    expect(caseWords(known({ again: true, found: 'nothing' }), en)).toBe('back: new evidence · nothing found')
  })
})

describe('the line of the models', () => {
  const models: Models = {
    ...{ backend: 'wasm', state: 'without_model', why: 'none', folder: null, items: [], refused: [], tensors: 0 },
    ...{ scored_at: null, scored_meters: 0, took_ms: 0, comparison: null, drift: null },
    low_flow: { watched: 0, findings: 0, why: null, model: null, shadow: null, fit: null, comparison: null },
  }
  test('says that there is none, and what is wrong with the one there is', () => {
    expect(summaryOf(models, en)).toBe('Learned model: none · wasm')
    const drift = {
      meters: 700,
      limit: 0.25,
      score: 0.5,
      features_moved: 20,
      features: 58,
      largest: [],
      moved: true,
      message: '',
    }
    const refused = [{ use: 'active' as const, file: 'theft.model', why: 'cut', at: 0 }]
    const items: Models['items'] = [
      {
        ...{ use: 'active', source: 'shipped', file: 'x', sha256: '0'.repeat(64), trained_on: 'labels' },
        ...{ rows: 1, positives: 1, days: 35, seed: 1 },
      },
    ]
    expect(summaryOf({ ...models, items, drift, refused, scored_at: 1, scored_meters: 700 }, en)).toBe(
      'Learned model: the shipped one · wasm · 700 meters ranked · a file was refused · not of a town like this',
    )
  })
})

test('the list for the workshop has one line a meter, empty where nothing is known', () => {
  const health: MetersHealth = {
    ...{ stated_at: 1, horizon_days: 365, meters: 2, with_battery: 1, battery_low: 1, over_age: 1 },
    ...{ decline_v_per_year: null, total: 2 },
    items: [
      {
        ...{ meter: '7', device: '7', zone: 'Z1', due_at: Date.UTC(2026, 0, 2), age_years: 8.04 },
        reasons: [{ reason: 'battery_low', due_at: 0 }],
        battery: {
          ...{ volt: 3.05, volt_per_year: null, reports_per_day: 1, rsrp_dbm: null, basis: ['own_word'] },
          years_left: { p05: 0, p50: 0.1, p95: 0.25 },
        },
      },
      {
        ...{ meter: '8', device: '8', zone: 'Z1', due_at: Date.UTC(2026, 5, 1), age_years: null, battery: null },
        reasons: [{ reason: 'over_age', due_at: 0 }],
      },
    ],
  }
  expect(dueCsv(health, 'UTC').trim().split('\r\n').slice(1)).toEqual([
    '2026-01-02,7,7,Z1,battery_low,8.0,3.050,0.00,0.10,0.25',
    '2026-06-01,8,8,Z1,over_age,,,,,',
  ])
})
