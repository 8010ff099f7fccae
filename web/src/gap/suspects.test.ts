import { GAP_SHARE_NAMES, SUSPECT_FACTS, SUSPECT_KINDS, type Suspect } from '@gastwin/server/contract'
import { describe, expect, test } from 'vitest'
import { readGeometry } from '../map/geometry.ts'
import { createSelectionStore } from '../state/selection.ts'
import { buildMiniCity } from '../testing/mini-city.ts'
import { en } from '../text/en/index.ts'
import { zh } from '../text/zh/index.ts'
import type { StatedGap } from './statement-figures.ts'
import { rankSuspects, SHARE_OF_KIND, sortSuspects, suspectSums } from './suspect-figures.ts'
import { factWords } from './suspect-words.ts'
import { zoneOfSelection } from './zone-of-selection.ts'

const DAY = 86_400_000

function suspect(meter: string, probability: number, more: Partial<Suspect> = {}): Suspect {
  const volume = { p05: 1, p50: 10, p95: 20 }
  return {
    ...{ meter, device: meter, zone: 'Z-1', kind: 'theft', probability, since: null, m3_per_day: volume },
    ...{ yuan_per_month: 900, lon: null, lat: null, facts: [], model_score: null, also: [] },
    case: { state: 'new', at: null, user: null, found: null, note: null, again: false },
    ...more,
  }
}

describe('suspects', () => {
  const ranked = rankSuspects([
    suspect('a', 0.2),
    suspect('b', 0.9, { m3_per_day: null }),
    suspect('c', 0.5, { kind: 'stopped' }),
    suspect('d', 0.1, { kind: 'leak_behind_meter' }),
  ])

  test('are numbered by probability, whatever the table is sorted by', () => {
    expect(ranked.map((s) => [s.rank, s.meter])).toEqual([
      [1, 'b'],
      [2, 'c'],
      [3, 'a'],
      [4, 'd'],
    ])
    expect(sortSuspects(ranked, 'meter', false).map((s) => s.rank)).toEqual([3, 1, 2, 4])
    expect(sortSuspects(ranked, 'volume', true).map((s) => s.meter)).toEqual(['c', 'a', 'd', 'b'])
  })

  test('come to probability × volume beside the share they explain; one of untold volume, or whose gas is counted, adds nothing', () => {
    const share = { p05: 70, p50: 140, p95: 210 }
    const shares = Object.fromEntries(GAP_SHARE_NAMES.map((n) => [n, share])) as unknown as StatedGap['shares_m3']
    const statement = { from: 0, to: 7 * DAY, gap_m3: 0, shares_m3: shares, shares_yuan: shares } as StatedGap
    expect(suspectSums(ranked, statement)).toEqual([
      { share: 'meter_bias', count: 1, expected: 5, p05: 10, p50: 20, p95: 30 },
      { share: 'theft', count: 1, expected: 2, p05: 10, p50: 20, p95: 30 },
    ])
  })
})

describe('words', () => {
  test('every code of the contract is translated, in both languages', () => {
    for (const words of [en, zh]) {
      expect(Object.keys(words.gap.facts).sort()).toEqual([...SUSPECT_FACTS].sort())
      expect(Object.keys(words.gap.suspects.kinds).sort()).toEqual([...SUSPECT_KINDS].sort())
      expect(Object.keys(words.gap.shares)).toEqual([...GAP_SHARE_NAMES])
    }
    expect(Object.keys(SHARE_OF_KIND).sort()).toEqual([...SUSPECT_KINDS].sort())
  })

  test('a fact carries its value in a unit a person reads, and says whether it began or was seen then', () => {
    const at = Date.parse('2026-11-04T00:00:00+08:00')
    const words = (code: string, value: number | null, when: number | null = null) => {
      const { value: shown, when: date } = factWords({ code, value, unit: '1', at: when }, en, 'Asia/Shanghai')
      return [shown, date].join('|').replaceAll('\u00a0', ' ')
    }
    expect(words('drop', 0.62, at)).toBe('62 %|since 2026-11-04')
    expect(words('magnet', null, at)).toBe('|on 2026-11-04')
    expect(words('strength', 6.43)).toBe('6.4 σ|')
    expect(words('peer_use', 21.7)).toBe('21.7 m³/d|')
    expect(factWords({ code: 'later_code', value: 2, unit: 'h', at: null }, en, 'UTC')).toEqual({
      what: 'later code',
      value: '2.00\u00a0h',
      when: '',
    })
  })
})

test('map and panels are about one zone: that of the one selection, be it the zone itself, a meter or a pipe in it', () => {
  const city = buildMiniCity(600)
  const geometry = readGeometry(city.body.buffer)
  const selection = createSelectionStore()
  selection.select({ kind: 'zone', id: 'Z-07' })
  expect(zoneOfSelection(selection.get(), geometry)).toBe('Z-07')
  const meter = [...city.meterZone].indexOf(4)
  selection.select({ kind: 'meter', id: String(city.meterNumbers[meter]) })
  expect(zoneOfSelection(selection.get(), geometry)).toBe('Z-05')
  const pipe = [...city.pipeZone].indexOf(2)
  selection.select({ kind: 'pipe', id: city.meta.pipe_ids[pipe] ?? '' })
  expect(zoneOfSelection(selection.get(), geometry)).toBe('Z-03')
  selection.select({ kind: 'meter', id: '1' })
  expect(zoneOfSelection(selection.get(), geometry)).toBeUndefined()
  selection.select(null)
  expect(zoneOfSelection(selection.get(), geometry)).toBeUndefined()
})
