import { GAP_SHARE_NAMES, type GapStatement } from '@gastwin/server/contract'
import { describe, expect, test } from 'vitest'
import { FIRST_PERIOD, parsePeriod, printPeriod } from '../state/gap-period.ts'
import { indexOfPeriod, knownPeriods } from './periods.ts'
import { statementCsv } from './statement-csv.ts'
import { confidenceOf, explainedPerDay, gapPerDay, type StatedGap } from './statement-figures.ts'
import { courseOf, rankZones, sortRows } from './zone-order.ts'

const DAY = 86_400_000
const T0 = Date.parse('2026-11-01T00:00:00+08:00')

function statement(zone: string, gap: number, doubt: number, more: Partial<StatedGap> = {}): StatedGap {
  const none = { p05: 0, p50: 0, p95: 0 }
  const shares = Object.fromEntries(GAP_SHARE_NAMES.map((name) => [name, none])) as unknown as StatedGap['shares_m3']
  return {
    zone,
    from: T0,
    to: T0 + 7 * DAY,
    supply_m3: 70_000,
    supply_state: 'measured',
    supply_doubt_m3: 0,
    sales_m3: 70_000 - gap,
    linepack_change_m3: 0,
    own_use_m3: 0,
    gap_m3: gap,
    gap_rate: gap / 70_000,
    inlet_coverage: 1,
    meters: 500,
    unread_meters: 2,
    shares_m3: {
      ...shares,
      leak: { p05: gap - doubt, p50: gap, p95: gap + doubt },
      unexplained: { p05: -doubt, p50: 0, p95: doubt },
    },
    shares_yuan: shares,
    known_leaks: [],
    revision: 1,
    stated_at: T0 + 8 * DAY,
    ...more,
  }
}

describe('figures of a statement', () => {
  test('m³ a day are those of its own period', () => {
    expect(gapPerDay(statement('A', 700, 0))).toBe(100)
    expect(gapPerDay({ ...statement('A', 700, 0), to: T0 + DAY })).toBe(700)
    expect(gapPerDay({ ...statement('A', 700, 0), to: T0 })).toBe(0)
  })

  test('explained is what has a lasting cause: the gap without the unexplained and what levels out by itself', () => {
    expect(explainedPerDay(statement('A', 700, 140))).toEqual({ p05: 80, p95: 120 })
    const { shares_m3, ...rest } = statement('A', 700, 0)
    const late = { ...rest, shares_m3: { ...shares_m3, unread: { p05: 280, p50: 350, p95: 420 } } }
    expect(explainedPerDay(late)).toEqual({ p05: 40, p95: 60 })
    expect(confidenceOf(late)).toBeCloseTo(0.4)
  })

  test('doubts of what is not explained add up as independent ones', () => {
    const { shares_m3, ...rest } = statement('A', 700, 21)
    const both = { ...rest, shares_m3: { ...shares_m3, timing: { p05: -28, p50: 0, p95: 28 } } }
    const { p05, p95 } = explainedPerDay(both)
    expect([p05, p95]).toEqual([95, 105])
  })

  test('confidence falls to nothing when the unexplained could be all of the gap', () => {
    expect(confidenceOf(statement('A', 700, 140))).toBeCloseTo(0.8)
    expect(confidenceOf(statement('A', -700, 140))).toBeCloseTo(0.8)
    expect(confidenceOf(statement('A', 700, 900))).toBe(0)
    expect(confidenceOf(statement('A', 0, 1))).toBe(0)
  })
})

describe('zones are ranked', () => {
  const rows = rankZones(
    [
      statement('small', 300, 10),
      statement('vague', 3000, 2800),
      statement('large', 2000, 300),
      statement('minus', -900, 90),
    ],
    new Map([['large', [0.03, null, 0.08, 0.09]]]),
    0.047,
  )

  test('by m³ a day × confidence, so that a large but vague gap does not come first', () => {
    expect(rows.map((r) => r.zone)).toEqual(['large', 'minus', 'small', 'vague'])
    expect(rows.map((r) => r.rank)).toEqual([1, 2, 3, 4])
  })

  test('by any column, both ways, and the rank decides among equals', () => {
    expect(sortRows(rows, 'rate', true).map((r) => r.zone)).toEqual(['vague', 'large', 'small', 'minus'])
    expect(sortRows(rows, 'zone', false).map((r) => r.zone)).toEqual(['large', 'minus', 'small', 'vague'])
    expect(sortRows(rows, 'days', true).map((r) => r.zone)).toEqual(['large', 'minus', 'small', 'vague'])
  })

  test('counting only days above the target, not those without a statement', () => {
    expect(rows[0]?.daysAbove).toBe(2)
    expect(rows[1]?.daysAbove).toBe(0)
  })
})

test('the course has one place a day for every zone, the newest last, and a dash where nothing was stated', () => {
  const day = (zone: string, n: number, rate: number) =>
    statement(zone, 0, 0, { from: T0 + n * DAY, to: T0 + (n + 1) * DAY, gap_rate: rate })
  const course = courseOf([day('A', 2, 0.2), day('A', 0, 0), day('B', 1, 0.1), day('A', 1, 0.1)], 2)
  expect(course.get('A')).toEqual([0.1, 0.2])
  expect(course.get('B')).toEqual([0.1, null])
})

describe('periods', () => {
  const known = knownPeriods([
    statement('A', 1, 0),
    statement('A', 1, 0, { from: T0 - 7 * DAY, to: T0 }),
    statement('B', 1, 0),
  ])

  test('are those that were stated, the newest first', () => {
    expect(known).toEqual([
      { from: T0, to: T0 + 7 * DAY },
      { from: T0 - 7 * DAY, to: T0 },
    ])
  })

  test('the one asked for is found again, and an unknown one gives the newest', () => {
    expect(indexOfPeriod(known, { every: 'week', from: T0 - 7 * DAY })).toBe(1)
    expect(indexOfPeriod(known, { every: 'week', from: 5 })).toBe(0)
    expect(indexOfPeriod(known, { every: 'week' })).toBe(0)
  })

  test('come back from the address', () => {
    for (const period of [{ every: 'day' }, { every: 'month', from: T0 }] as const)
      expect(parsePeriod(printPeriod(period))).toEqual(period)
    for (const wrong of [null, '', 'year', 'year@5']) expect(parsePeriod(wrong)).toEqual(FIRST_PERIOD)
    expect(parsePeriod('week@x')).toEqual({ every: 'week' })
  })
})

describe('a zone whose supply was not measured', () => {
  const unknown: GapStatement = {
    ...statement('U', 0, 0),
    ...{ supply_state: 'not_measured', supply_doubt_m3: 9000, inlet_coverage: 0.125 },
    ...{ gap_m3: null, gap_rate: null, shares_m3: null, shares_yuan: null },
  }

  test('comes last in the ranking, whichever way it is sorted by size', () => {
    const rows = rankZones([unknown, statement('A', 700, 10), statement('B', -900, 10)], new Map(), 0.05)
    expect(rows.map(({ zone, volume }) => [zone, volume])).toEqual([
      ['B', expect.closeTo(-128.6, 1)],
      ['A', 100],
      ['U', null],
    ])
    expect(sortRows(rows, 'volume', true).at(-1)?.zone).toBe('U')
    expect(sortRows(rows, 'confidence', true).at(-1)?.zone).toBe('U')
  })

  test('has empty cells for gap and shares in the table, and says why', () => {
    const [header = '', row = ''] = statementCsv([unknown], () => 'U', 'Asia/Shanghai').split('\r\n')
    const cells = row.split(',')
    const of = (name: string) => cells[header.replace('\ufeff', '').split(',').indexOf(name)]
    expect([of('gap_m3'), of('gap_rate_1'), of('theft_p50_m3'), of('leak_p95_yuan')]).toEqual(['', '', '', ''])
    expect([of('supply_state'), of('supply_doubt_m3'), of('inlet_coverage_1')]).toEqual([
      'not_measured',
      '9000',
      '0.125',
    ])
    expect(Number(of('sales_m3'))).toBe(70_000)
  })
})

test('the table for spreadsheets has a mark of its encoding, units, city time with offset, and no formulas', () => {
  const csv = statementCsv([statement('Z-1', 700.1234567, 10, { gap_rate: null })], () => '=北, "1"', 'Asia/Shanghai')
  const [header = '', row = ''] = csv.split('\r\n')
  expect(header.startsWith('\ufeffzone,name,from,to,supply_m3')).toBe(true)
  expect(row).toContain(`Z-1,"'=北, ""1""",2026-11-01T00:00:00+08:00,2026-11-08T00:00:00+08:00,70000,`)
  expect(row).toContain(',700.123457,,measured,0,1,500,2,')
  expect(header.split(',').length).toBe(15 + 42 + 2)
})
