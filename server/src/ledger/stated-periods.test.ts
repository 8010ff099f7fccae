import { GAP_SHARES, type GapPeriod } from '@gastwin/analytics'
import { expect, test } from 'vitest'
import { StatedPeriods } from './stated-periods.ts'

const DAY = 86_400_000
const shares = Object.fromEntries(
  GAP_SHARES.map((share, i) => [share, { p05: i, p50: i + 1, p95: i + 3 }]),
) as unknown as NonNullable<GapPeriod['shares']>
const day = (more: Partial<GapPeriod>): GapPeriod => ({
  ...{ zone: 'Z1', from: 0, to: DAY, supply_m3: 1000, supply_state: 'measured', supply_doubt_m3: 0 },
  ...{ sales_m3: 950, linepack_change_m3: 0, own_use_m3: 0, gap_m3: 50, gap_rate: 0.05, shares, known_leaks: [] },
  ...{ inlet_coverage: 1, meters: 10, unread_meters: 0, ...more },
})
const unmeasured = day({
  ...{ supply_m3: 940, supply_state: 'not_measured', supply_doubt_m3: 500, inlet_coverage: 0 },
  ...{ gap_m3: null, gap_rate: null, shares: null },
})
const state = (periods: StatedPeriods, period: GapPeriod, at: number) =>
  periods.state([{ every: 'day', period, yuan: period.shares }], at)

test('a day without a measured supply is stated again when its hours arrive late, and its gap was none before', () => {
  const periods = new StatedPeriods()
  const [first] = state(periods, unmeasured, DAY).statements.day
  expect(first).toMatchObject({ gap_m3: null, shares_m3: null, shares_yuan: null, revision: 1 })
  expect(state(periods, unmeasured, 2 * DAY).toRecord).toEqual([])

  const late = state(periods, day({}), 3 * DAY)
  expect(late.statements.day[0]).toMatchObject({ gap_m3: 50, supply_state: 'measured', revision: 2 })
  expect(late.toRecord).toHaveLength(1)
  expect(periods.revisions).toEqual([
    expect.objectContaining({ revision: 2, supply_change_m3: 60, gap_change_m3: null, leak_change_m3: null }),
  ])
})

test('what was put on record before supplies were judged is read as it was', () => {
  const periods = new StatedPeriods()
  const [statement] = state(new StatedPeriods(), day({}), DAY).statements.day
  if (statement === undefined) throw new Error('nothing was stated')
  const { supply_state: _, supply_doubt_m3: __, ...old } = statement
  periods.restore({ every: 'day', statement: old as typeof statement, change: null })
  expect(state(periods, day({}), 2 * DAY).toRecord).toEqual([])
})
