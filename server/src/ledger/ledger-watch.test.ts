import { GAP_TARIFF, METER_PRICES } from '@gastwin/analytics'
import { smallCity } from '@gastwin/datasets'
import { buildNetwork, CityCalendar, type Report } from '@gastwin/twin'
import Value from 'typebox/value'
import { beforeAll, describe, expect, test } from 'vitest'
import { GAP_SHARE_NAMES, GapStatement, Replacement, SuspectFinding } from '../contract/index.ts'
import type { SaidLeak } from './known-leaks.ts'
import type { GapStated, LedgerAnswer } from './ledger-messages.ts'
import { LedgerWatch } from './ledger-watch.ts'
import { type LivedTown, liveTown, reportOf } from './testing/lived-town.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const PRICES = { tariff: GAP_TARIFF, meterPrices: METER_PRICES }

let town: LivedTown
let calendar: CityCalendar
/** Midnight and half a day after the last report. */
let end: number
beforeAll(() => {
  town = liveTown({ seed: 77, days: 10, zones: 2, homes: 50 })
  calendar = new CityCalendar(town.network.timeZone)
  end = calendar.dayStart(town.reports.at(-1)?.deviceTime ?? 0)
})

/** A wall clock that stands as long as nobody turns it on. */
const clock = () => {
  let wall = 0
  return Object.assign(() => wall, {
    pass: (ms: number) => {
      wall += ms
    },
  })
}
/** What the analysis says of a leak of some percent. */
const leakOf = (zone: string, started_at: number): SaidLeak => ({
  ...{ id: `${zone}-leak`, kind: 'leak', state: 'confirmed', zone, detected_at: started_at + HOUR, started_at },
  ...{ standard_flow_m3_s: { p05: 5e-5, p50: 8e-5, p95: 1.1e-4 }, closed: null },
})
const stated = (message: LedgerAnswer): GapStated => {
  if (message.type !== 'stated') throw new Error(message.why)
  return message
}
const watchOf = (reports: readonly Report[]) => {
  const watch = new LedgerWatch(town.network, PRICES)
  for (const report of reports) watch.take(report, report.deviceTime + 1000)
  return watch
}

const p50Of = ({ shares_m3 }: GapStatement, share: (typeof GAP_SHARE_NAMES)[number]) =>
  shares_m3?.[share].p50 ?? Number.NaN

test('a city without meters waits for them, as a utility begins', () => {
  const watch = new LedgerWatch(buildNetwork({ ...smallCity(7).network, meters: [] }), PRICES)
  expect(watch.isDue(end, 0)).toBe(false)
  expect(watch.waitingFor(end)).toMatchObject({
    reason: { code: 'no_meters' },
    why: expect.stringContaining('no gas meter'),
  })
})

describe('a ledger that lives with its town', () => {
  test('waits with a reason until a day is whole, then states it once the night after it is read', () => {
    const watch = new LedgerWatch(town.network, PRICES)
    const wall = clock()
    expect(watch.isDue(end, 0)).toBe(false)
    expect(watch.waitingFor(end).why).toMatch(/0 of \d+ gas meters were heard/)
    let first: GapStated | undefined
    let firstDay = Number.POSITIVE_INFINITY
    for (const report of town.reports) {
      const now = report.deviceTime + 1000
      watch.take(report, now)
      wall.pass(1000)
      if (report.kind === 'meter') firstDay = Math.min(firstDay, calendar.nextDayStart(report.deviceTime))
      if (!watch.isDue(now, wall())) continue
      const message = watch.state(now, wall)
      if (message.type === 'waiting') {
        expect(message.why).toMatch(/no day is whole.*(can be stated before 20|98 % of them to begin with)/)
        continue
      }
      first = stated(message)
      break
    }
    expect(first).toBeDefined()
    // Nearly all were read, or the night is over.
    expect(calendar.hourOfDay(first?.at ?? 0)).toBeLessThanOrEqual(7)
    expect(first?.dataTo).toBe(calendar.dayStart(first?.at ?? 0))
    expect(first?.dataFrom).toBeGreaterThanOrEqual(firstDay)
    expect(first?.statements.day.map(({ zone }) => zone)).toEqual(expect.arrayContaining(['D1', 'D2']))
    expect(first?.why).toMatch(/stated from \d whole day/)
    expect(first?.reason).toMatchObject({ code: 'short', needed: 14 })
    expect(first?.suspects.filter(({ kind }) => kind !== 'oversized')).toEqual([])
  })

  test('states days, weeks and months of the city whose shares add up to the gap, in m³ and in yuan', () => {
    const wall = clock()
    const now = end + 8 * HOUR
    const message = stated(watchOf(town.reports).state(now, wall))
    const { day, week } = message.statements
    expect(day.length).toBeGreaterThanOrEqual(2 * 9)
    expect(week.length).toBeGreaterThanOrEqual(2)
    for (const one of [...day, ...week]) {
      expect([...Value.Errors(GapStatement, one)].slice(0, 3)).toEqual([])
      expect(calendar.dayStart(one.from)).toBe(one.from)
      const sum = GAP_SHARE_NAMES.reduce((total, share) => total + p50Of(one, share), 0)
      expect(sum).toBeCloseTo(one.gap_m3 ?? Number.NaN, 6)
      expect(one.shares_yuan?.leak.p50).toBeCloseTo(p50Of(one, 'leak') * GAP_TARIFF.purchase, 9)
      expect(one.shares_yuan?.timing.p50).toBe(0)
      expect(one.revision).toBe(1)
    }
    for (const one of week) {
      expect(calendar.weekday(one.from)).toBe(1)
      const days = day.filter(({ zone, from, to }) => zone === one.zone && from >= one.from && to <= one.to)
      expect(days).toHaveLength(7)
      for (const share of GAP_SHARE_NAMES)
        expect(days.reduce((sum, one) => sum + p50Of(one, share), 0)).toBeCloseTo(p50Of(one, share), 6)
    }
    expect(message.suspects.some(({ kind }) => kind === 'theft')).toBe(true)
    for (const suspect of message.suspects) expect([...Value.Errors(SuspectFinding, suspect)].slice(0, 3)).toEqual([])
    for (const one of message.replacements) expect([...Value.Errors(Replacement, one)].slice(0, 3)).toEqual([])
    expect(message.evidence.size).toBe(new Set(message.suspects.map(({ meter }) => meter)).size)
  })

  test('says the same whatever the order in which reports come', () => {
    const now = end + 8 * HOUR
    const { statements, suspects } = stated(watchOf(town.reports).state(now, clock()))
    const other = stated(watchOf(town.reports.toReversed()).state(now, clock()))
    expect(other.statements).toEqual(statements)
    expect(other.suspects).toEqual(suspects)
  })

  test('restates no sooner than an hour later and only when a day became whole or late data came', () => {
    const wall = clock()
    const watch = watchOf(town.reports)
    const now = end + 8 * HOUR
    expect(watch.isDue(now, wall())).toBe(true)
    watch.state(now, wall)
    wall.pass(DAY)
    expect(watch.isDue(now + 2 * HOUR, wall())).toBe(false)
    const [home] = town.network.document.meters
    const late = reportOf(Number(home?.id), 'meter', { quantity: 'index_m3', at: end - 2 * DAY, value: 1 })
    watch.take(late, now + 60_000)
    expect(watch.isDue(now + 60_000, wall())).toBe(false)
    expect(watch.isDue(now + HOUR, wall())).toBe(true)
    expect(watch.isDue(now + HOUR, 0)).toBe(false)
  })

  test('late data re-opens what was stated: the revision counts, the change is logged and goes on record', () => {
    const silent = Number(town.network.document.meters.find((meter) => meter.class === 'residential')?.id)
    const from = end - 4 * DAY
    const isLate = ({ device, deviceTime }: Report) => device === silent && deviceTime >= from
    const wall = clock()
    const watch = watchOf(town.reports.filter((report) => !isLate(report)))
    const now = end + 8 * HOUR
    const before = stated(watch.state(now, wall))
    expect(before.revisions).toEqual([])
    for (const report of town.reports.filter(isLate)) watch.take(report, now + 1000)
    wall.pass(60_000)
    expect(watch.isDue(now + HOUR, wall())).toBe(true)
    const after = stated(watch.state(now + HOUR, wall))
    expect(after.revisions.length).toBeGreaterThan(0)
    const zone = town.network.document.meters.find(({ id }) => Number(id) === silent)?.zone
    for (const change of after.revisions) {
      expect(change).toMatchObject({ zone, revision: 2, at: now + HOUR })
      expect(change.gap_change_m3).toBeCloseTo(change.supply_change_m3 - change.sales_change_m3, 6)
      const old = [...before.statements.day, ...before.statements.week].find(
        (one) => one.zone === change.zone && one.from === change.from && one.to === change.to,
      )
      const changed = [...after.statements.day, ...after.statements.week].find(
        (one) => one.zone === change.zone && one.from === change.from && one.to === change.to,
      )
      expect(changed?.revision).toBe(2)
      expect((changed?.sales_m3 ?? 0) - (old?.sales_m3 ?? 0)).toBeCloseTo(change.sales_change_m3, 9)
    }
    const onRecord = after.statementsToRecord.filter(({ change }) => change !== null)
    expect(onRecord.map(({ change }) => change)).toEqual(expect.arrayContaining([...after.revisions]))
    expect(onRecord).toHaveLength(after.revisions.length)
  })

  test('a leak that is found, and what people then find, restates the periods in which it flowed', () => {
    const wall = clock()
    const watch = watchOf(town.reports)
    const now = end + 8 * HOUR
    const before = stated(watch.state(now, wall))
    expect(before.statements.day.every(({ known_leaks }) => known_leaks.length === 0)).toBe(true)
    const began = end - 3 * DAY
    const leak = leakOf('D1', began)
    watch.takeLeak(leak, now + 60_000)
    wall.pass(DAY)
    expect(watch.isDue(now + HOUR, wall())).toBe(true)
    const found = stated(watch.state(now + HOUR, wall))
    for (const one of [...found.statements.day, ...found.statements.week]) {
      const flows = one.zone === 'D1' && one.to > began
      expect(one.known_leaks.map(({ id, standing }) => [id, standing])).toEqual(flows ? [[leak.id, 'found']] : [])
      expect([one.zone, one.from, one.revision]).toEqual([one.zone, one.from, flows ? 2 : 1])
      expect([...Value.Errors(GapStatement, one)].slice(0, 3)).toEqual([])
    }
    expect(found.revisions.length).toBeGreaterThan(0)
    for (const { zone, gap_change_m3, leak_change_m3 } of found.revisions)
      expect([zone, gap_change_m3, Number.isFinite(leak_change_m3)]).toEqual(['D1', 0, true])

    const closed = { at: now + 2 * HOUR, found: 'nothing' } as const
    watch.takeLeak({ ...leak, state: 'closed', closed }, closed.at)
    wall.pass(DAY)
    const searched = stated(watch.state(now + 3 * HOUR, wall))
    const last = searched.statements.day.filter(({ zone, to }) => zone === 'D1' && to > began)
    expect(last.length).toBeGreaterThan(0)
    for (const { revision, known_leaks } of last) {
      expect([revision, known_leaks.map(({ standing }) => standing)]).toEqual([3, ['not_found']])
      // It may still be a leak that was missed, and is believed less than before.
      for (const { probability } of known_leaks) expect(probability).toBeLessThanOrEqual(0.55)
    }

    // Whoever reads readings, leaks and record again says the same.
    const again = watchOf(town.reports)
    again.takeLeak(leak, now + 60_000)
    again.takeLeak({ ...leak, state: 'closed', closed }, closed.at)
    for (const { statementsToRecord } of [before, found, searched])
      for (const statement of statementsToRecord) again.restore({ statement })
    const read = stated(again.state(now + 3 * HOUR, wall))
    expect(read.statements).toEqual(searched.statements)
    expect(read.statementsToRecord).toEqual([])
  })

  test('goes on with its revisions after a restart that read readings and record again', () => {
    const wall = clock()
    const now = end + 8 * HOUR
    const early = watchOf(town.reports.filter(({ deviceTime, device }) => deviceTime < end - 2 * DAY || device % 7 > 0))
    const first = stated(early.state(now, wall))
    const again = watchOf(town.reports)
    for (const statement of first.statementsToRecord) again.restore({ statement })
    for (const suspect of first.suspectsToRecord) again.restore({ suspect })
    const second = stated(again.state(now + HOUR, wall))
    expect(second.revisions.length).toBeGreaterThan(0)
    expect(new Set(second.revisions.map(({ revision }) => revision))).toEqual(new Set([2]))
    for (const [key, at] of second.found) if (first.found.has(key)) expect(at).toBe(now)
    const third = watchOf(town.reports)
    for (const { statementsToRecord } of [first, second])
      for (const statement of statementsToRecord) third.restore({ statement })
    const unchanged = stated(third.state(now + 2 * HOUR, wall))
    expect(unchanged.revisions).toHaveLength(second.revisions.length)
    expect(unchanged.statementsToRecord).toEqual([])
  })
})
