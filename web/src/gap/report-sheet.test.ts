import { GAP_SHARE_NAMES, type GapStatement } from '@gastwin/server/contract'
import { expect, test } from 'vitest'
import { en } from '../text/en/index.ts'
import { type ReportSheet, reportSheet } from './report-sheet.ts'
import type { RankedSuspect } from './suspect-figures.ts'
import { suspectsCsv } from './suspects-csv.ts'

const DAY = 86_400_000
const T0 = Date.parse('2026-11-01T00:00:00+08:00')
const zone = 'Z-01 <North & South>'

const shares = Object.fromEntries(
  GAP_SHARE_NAMES.map((name, i) => [name, { p05: 10 * i - 5, p50: 10 * i, p95: 10 * i + 5 }]),
) as unknown as NonNullable<GapStatement['shares_m3']>
const statement: GapStatement = {
  ...{
    zone: 'Z-01',
    from: T0,
    to: T0 + 7 * DAY,
    supply_m3: 7000,
    sales_m3: 6790,
    linepack_change_m3: 0,
    own_use_m3: 0,
  },
  ...{
    supply_state: 'measured',
    supply_doubt_m3: 0,
    gap_m3: 210,
    gap_rate: 0.03,
    inlet_coverage: 1,
    meters: 500,
    unread_meters: 2,
  },
  ...{ known_leaks: [], shares_m3: shares, shares_yuan: shares, revision: 3, stated_at: T0 + 8 * DAY },
}
const suspect = (rank: number): RankedSuspect => ({
  ...{ rank, meter: `m${rank}`, device: '7', zone: 'Z-01', kind: 'theft', probability: 0.5, since: T0 },
  ...{ m3_per_day: { p05: 1, p50: 2, p95: 3 }, yuan_per_month: 90, lon: null, lat: null, model_score: null },
  ...{ facts: [{ code: 'drop', value: 1, unit: '1', at: null }], also: [] },
  case: { state: 'new', at: null, user: null, found: null, note: null, again: false },
})
const sheet = (suspects: readonly RankedSuspect[]) =>
  reportSheet({ statement, zone, suspects, timeZone: 'Asia/Shanghai' }, en)

test('a sheet names the zone and its days, every share with its interval, and the sum', () => {
  const { svg, height } = sheet([])
  expect(svg).toContain('Z-01 &lt;North &amp; South> · 2026-11-01 – 2026-11-07')
  for (const name of GAP_SHARE_NAMES) {
    expect(svg).toContain(`>${en.gap.shares[name]}<`)
    const { p05, p50, p95 } = shares[name]
    expect(svg.replaceAll('\u2212', '-')).toContain(`>${p50} (${p05} – ${p95})<`)
  }
  expect(svg).toContain('>210 m³<')
  expect(svg).toContain(en.gap.suspects.none)
  expect(svg).toContain(`height="${height}"`)
})

test('a sheet has room for twenty suspects and says of how many', () => {
  const { svg, height } = sheet(Array.from({ length: 31 }, (_, i) => suspect(i + 1)))
  expect(svg).toContain('>m20<')
  expect(svg).not.toContain('>m21<')
  expect(svg).toContain(`${en.gap.tabs.suspects} 20/31`)
  expect(height).toBeGreaterThan(sheet([suspect(1)]).height + 300)
})

test('a sheet holds a map of the zone between shares and suspects, with the suspects that are listed', () => {
  const geometry = {
    meta: { origin: [104, 30] },
    meters: { number: Float64Array.of(7), xy: Float32Array.of(0.005, 0) },
    zoneNumber: new Map([['Z-01', 0]]),
    pipes: {
      ...{ segments: Float32Array.of(0, 0, 0.01, 0), segmentPipe: Uint32Array.of(0), diameter: Float32Array.of(0.1) },
      ...{ tier: Uint8Array.of(0), zone: Uint16Array.of(0) },
    },
    streets: { xy: new Float32Array(), class: new Uint8Array() },
    stations: { xy: new Float32Array() },
  } as unknown as NonNullable<ReportSheet['geometry']>
  const suspects = [{ ...suspect(1), meter: '7' }, { ...suspect(2), lon: 104.01, lat: 30 }, suspect(3)]
  const order = { statement, zone, suspects, timeZone: 'Asia/Shanghai' }
  const { svg, height } = reportSheet({ ...order, geometry }, en)
  expect(svg.split('<circle').length - 1).toBe(2)
  expect(height).toBeGreaterThan(reportSheet(order, en).height + 50)
  expect(reportSheet({ ...order, statement: { ...statement, zone: 'Z-02' }, geometry }, en)).toEqual(
    reportSheet({ ...order, statement: { ...statement, zone: 'Z-02' } }, en),
  )
})

test('a table of suspects has a row each, with the city’s time and the reasons as codes', () => {
  const lines = suspectsCsv([suspect(1), { ...suspect(2), since: null, m3_per_day: null }], 'Asia/Shanghai')
    .trimEnd()
    .split('\r\n')
  expect(lines).toHaveLength(3)
  expect(lines[1]).toBe('1,m1,7,Z-01,theft,0.5,2026-11-01T00:00:00+08:00,1,2,3,90,,,new,drop')
  expect(lines[2]).toContain(',,,,')
})
